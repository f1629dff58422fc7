"""Lives of vouchers and differences, and who approves how much."""

from __future__ import annotations

from datetime import date, timedelta

from services.office.money.expenditure.model import (
    Direction,
    SuspenseState,
    Voucher,
    VoucherState,
)
from shared.events.office import PaymentPaid, PaymentReturned
from shared.i18n import N_
from shared.identity import Actor
from shared.refusals import NotAllowed, Refusal
from shared.states import Life

FINANCE = ("OFF-FIN",)
APPROVERS = ("head-office", "director")
READERS = ("OFF", "director", "head")
# Above this the director decides.
DIRECTOR_ABOVE_FEN = 5_000_00
EXPLAIN_WITHIN_DAYS = 5
VOUCHERS = "PZ"

V, P = VoucherState, SuspenseState
LIFE: Life[VoucherState] = {
    (V.prepared, "audit"): V.audited,
    (V.prepared, "return"): V.returned,
    (V.audited, "approve"): V.approved,
    (V.audited, "return"): V.returned,
    (V.approved, "execute"): V.executed,
    (V.approved, "return"): V.returned,
}
SUSPENSE_LIFE: Life[SuspenseState] = {
    (P.open, "explain"): P.explained,
    (P.explained, "close"): P.closed,
    (P.explained, "reopen"): P.open,
}


class AboveTier(NotAllowed):
    """The sum is beyond what this leader may approve."""

    code = "above-tier"
    message = N_("金额超过 5,000 元，须由馆长审批")


class ReceiptsDisagree(Refusal):
    """An income voucher agrees with its receipts, or its difference stands in suspense."""

    code = "receipts-disagree"
    message = N_("金额与收据不符，且没有挂账差额")


def check_tier(voucher: Voucher, actor: Actor) -> None:
    """Small sums: the head of the office; larger ones: the director."""
    if voucher.amount > DIRECTOR_ABOVE_FEN and not actor.holds(("director",)):
        raise AboveTier


def check_receipts(voucher: Voucher) -> None:
    """What was banked is what the receipts say, up to the difference that waits for its explanation."""
    if voucher.expected is not None and voucher.amount != voucher.expected and not voucher.suspense:
        raise ReceiptsDisagree


def explain_by(day: date) -> date:
    """Until when a difference is explained."""
    return day + timedelta(days=EXPLAIN_WITHIN_DAYS)


def paid(voucher: Voucher, day: date) -> PaymentPaid | None:
    """What whoever asked for the money hears; income is nobody's payment."""
    if voucher.direction != Direction.spending or not voucher.reference:
        return None
    return PaymentPaid(
        voucher=voucher.no, reference=voucher.reference, amount_cents=voucher.amount, paid_on=day,
        method=voucher.method,
    )


def returned(voucher: Voucher) -> PaymentReturned | None:
    """What whoever stands behind the voucher hears."""
    if not voucher.reference:
        return None
    return PaymentReturned(voucher=voucher.no, reference=voucher.reference, reason=voucher.return_reason)
