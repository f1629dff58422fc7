"""The law of the desk: states, prices, promised days, who may review, when a report may leave."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from services.institute.novelty.desk.model import Commission, CommissionState, Scope
from shared.i18n import N_
from shared.refusals import Refusal

S = CommissionState
LIFE: Mapping[tuple[CommissionState, str], CommissionState] = {
    (S.received, "accept"): S.accepted,
    (S.received, "refuse"): S.refused,
    (S.accepted, "assign"): S.assigned,
    (S.accepted, "discount"): S.accepted,
    (S.accepted, "charge"): S.accepted,
    (S.accepted, "cancel"): S.cancelled,
    (S.assigned, "start"): S.searching,
    (S.assigned, "assign"): S.assigned,
    (S.assigned, "charge"): S.assigned,
    (S.assigned, "cancel"): S.cancelled,
    (S.searching, "submit"): S.reviewing,
    (S.searching, "charge"): S.searching,
    (S.reviewing, "pass"): S.signed,
    (S.reviewing, "return"): S.searching,
    (S.reviewing, "charge"): S.reviewing,
    (S.signed, "charge"): S.signed,
    (S.signed, "deliver"): S.delivered,
    (S.delivered, "file"): S.filed,
}

# Price list in fen and promised working days; settings of the desk until the school names its own.
PRICE: Mapping[Scope, int] = {Scope.domestic: 60000, Scope.foreign: 100000}
DAYS: Mapping[Scope, int] = {Scope.domestic: 5, Scope.foreign: 10}
URGENT_FACTOR = 3, 2
EXTRA_COPY_CENTS = 2000
COPIES_INCLUDED = 2


class FeeOwed(Refusal):
    """A report leaves the house when it is paid for."""

    code = "novelty.fee-owed"
    message = N_("尚欠查新费 {owed} 元，收讫后方可交付")


class NothingOwed(Refusal):
    """The fee is settled already."""

    code = "novelty.nothing-owed"
    message = N_("查新费已收讫")


class ReviewerNotSenior(Refusal):
    """Reviews are for senior titles (GB/T 32003 practice)."""

    code = "novelty.reviewer-not-senior"
    status = 403
    message = N_("审核人须具高级职称")


class DiscountTooLarge(Refusal):
    """A discount cannot exceed the fee."""

    code = "novelty.discount-too-large"
    status = 422
    message = N_("减免金额不能超过应收费用")


def fee(scope: Scope, *, urgent: bool, copies: int) -> int:
    """Fen: price of the scope, half as much again when urgent, plus copies beyond two."""
    base = PRICE[scope]
    if urgent:
        base = base * URGENT_FACTOR[0] // URGENT_FACTOR[1]
    return base + max(copies - COPIES_INCLUDED, 0) * EXTRA_COPY_CENTS


def working_day(start: date, days: int) -> date:
    """`days` working days (Mon–Fri) after `start`."""
    day = start
    while days:
        day += timedelta(days=1)
        if day.weekday() < 5:
            days -= 1
    return day


def promised(scope: Scope, start: date, *, urgent: bool) -> date:
    """The day the report is promised for; urgent halves the days, rounded up."""
    days = DAYS[scope]
    return working_day(start, -(-days // 2) if urgent else days)


def owed(commission: Commission) -> int:
    """Fen still to be paid."""
    return commission.fee_cents - commission.discount_cents - commission.paid_cents
