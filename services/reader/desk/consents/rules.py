"""Who may fetch for whom, and how long."""

from __future__ import annotations

from datetime import date, timedelta

from services.reader.desk.circulation.rules import Explained
from services.reader.desk.consents.model import Consent
from services.reader.desk.patrons.model import Patron
from services.reader.desk.patrons.rules import card_blocks
from shared.i18n import N_
from shared.refusals import NotFound, Reason, Refusal
from shared.states import Choice

NUMBERS = "WT"
LONGEST = timedelta(days=366)


class Standing(Choice):
    """What a consent is worth today; the calendar says it."""

    valid = "valid", N_("有效"), "success"
    over = "over", N_("已到期"), "secondary"
    revoked = "revoked", N_("已撤回"), "secondary"


class UnknownConsent(NotFound):
    """No such consent, or not one's own."""

    code = "unknown-consent"
    message = N_("没有这份委托")


class NoSuchReader(Refusal):
    """Card and name do not belong together; which of the two is wrong is nobody's business."""

    code = "no-such-delegate"
    status = 422
    message = N_("没有姓名与证号相符的读者，请核对")


class DelegateRefused(Explained):
    """The delegate may not borrow for this patron."""

    code = "delegate-refused"
    message = N_("不能代借：{why}")


def standing(consent: Consent, today: date) -> Standing:
    """Revoked, run out, or good today."""
    if consent.revoked_at is not None:
        return Standing.revoked
    return Standing.over if consent.until < today else Standing.valid


def faults(*, until: date, today: date, itself: bool) -> dict[str, str]:
    """What is wrong with a consent about to be given, by field."""
    found: dict[str, str] = {}
    if until < today:
        found["until"] = N_("有效期须不早于今天")
    elif until > today + LONGEST:
        found["until"] = N_("有效期最长一年")
    if itself:
        found["delegate"] = N_("不能委托本人")
    return found


def delegate_objections(
    consent: Consent | None, delegate: Patron, principal: Patron, today: date
) -> list[Reason]:
    """Every reason why this person may not fetch for that one now."""
    found = []
    if delegate.id == principal.id:
        found.append(Reason("delegate-is-principal", N_("请扫委托人的读者证")))
    elif consent is None or standing(consent, today) is not Standing.valid:
        found.append(Reason("no-consent", N_("{card} 没有委托 {delegate} 借书，或委托已到期"), params={
            "card": principal.card, "delegate": delegate.card,
        }))
    return found + card_blocks(delegate, today)
