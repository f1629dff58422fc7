"""The way of a gift, by which rule a title is kept, and until when the certificate is due. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from services.resources.acquiring.donations.model import (
    Condition,
    Donation,
    DonationState,
    Donor,
    Rule,
    Verdict,
)
from shared.i18n import N_
from shared.refusals import NotFound, Refusal
from shared.veil import masked_name

NUMBERS, RECEIPTS, CERTIFICATES, RETURNS = "KZ", "JS", "ZS", "TH"
BUYERS = ("RES-ACQ", "head-resources")
# Offices print thanks; leaders and auditors may look.
READERS = (*BUYERS, "RES-MGT", "OFF-ADM", "head-office", "director", "deputy", "auditor")
THANKERS = (*BUYERS, "OFF-ADM", "head-office")
# As many copies are enough; further ones are passed on.
ENOUGH = 3
CERTIFICATE_DAYS = 10
LARGEST, MOST_COPIES = 2000, 50

S = DonationState
LIFE: Mapping[tuple[DonationState, str], DonationState] = {
    (S.offered, "decide"): S.decided,
    (S.offered, "decline"): S.declined,
    (S.decided, "reopen"): S.offered,
    (S.decided, "receive"): S.received,
    (S.decided, "withdraw"): S.returned,
    (S.received, "certify"): S.received,
    (S.received, "process"): S.processed,
    (S.received, "withdraw"): S.returned,
    (S.received, "thank"): S.received,
    (S.processed, "certify"): S.processed,
    (S.processed, "thank"): S.processed,
}


class NoTitles(Refusal):
    """Nothing was offered yet."""

    code = "donation.no-titles"
    message = N_("清单还是空的，请先逐条登记或上传清单")


class StillOpen(Refusal):
    """Each title has a decision before the gift is received."""

    code = "donation.open-titles"
    message = N_("还有 {n} 种没有审定，请先审定")


class NothingKept(Refusal):
    """A gift of which nothing is kept is declined."""

    code = "donation.nothing-kept"
    message = N_("没有一种入藏，请改用“谢绝”")


class NoPlace(Refusal):
    """Books are processed for a place."""

    code = "donation.no-place"
    message = N_("请先在“修改”里选定入藏的馆藏地")


class Unpriced(Refusal):
    """The accounts need a value."""

    code = "donation.unpriced"
    message = N_("还有 {n} 种没有定价或估价，请在清单里补上")


class Uncatalogued(Refusal):
    """Records that nobody released yet hold the gift up."""

    code = "donation.uncatalogued"
    message = N_("{n} 种已建草稿，待编目发布后自动生成单册；其余已生成")


class Processed(Refusal):
    """What became an item of the house is not given back by a slip."""

    code = "donation.processed"
    message = N_("已有 {n} 册加工入藏，不能再撤回；未加工的可个别协商")


class Unchangeable(Refusal):
    """Titles are settled with the decision."""

    code = "donation.settled"
    message = N_("清单已审定，要改请先“重新审定”")


class UnknownDonation(NotFound):
    """No gift bears this number."""

    code = "unknown-donation"
    message = N_("没有捐赠 {what}")


def suggested(held: int, condition: Condition, isbn: str) -> tuple[Verdict, Rule]:
    """What the rule says; a person may say otherwise. Content and copyright are for people to judge."""
    if condition is Condition.poor:
        return Verdict.refuse, Rule.condition
    if isbn and held >= ENOUGH:
        return Verdict.pass_on, Rule.duplicate
    return Verdict.keep, Rule.wanted


def certificate_due(received: date) -> date:
    """Ten working days after the receipt, Saturdays and Sundays left out."""
    day, left = received, CERTIFICATE_DAYS
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return day


def masked(one: Donation) -> str:
    """A donor in lists and sheets: the first sign of a person's name, a unit as it is called."""
    if one.kind == Donor.unit:
        return one.donor
    return masked_name(one.donor)


def terms_of(one: Donation) -> str:
    """What stands on the item: the gift and what the donor asked for."""
    said = [f"{one.no}", *(text for text in (one.shelf, one.terms) if text.strip())]
    return "捐赠 " + "；".join(said)
