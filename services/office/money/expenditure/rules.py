"""Lives of vouchers and differences, and who approves how much."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from services.office.money.expenditure.model import (
    Direction,
    SuspenseState,
    Voucher,
    VoucherState,
)
from shared.events.office import PaymentPaid, PaymentReturned, PaymentReversed, VoucherMoved
from shared.i18n import N_, _
from shared.identity import Actor
from shared.refusals import Invalid, NotAllowed, Reason, Refusal, SamePerson
from shared.states import Life

FINANCE = ("OFF-FIN",)
# Who else prepares by hand, so that the one finance officer may audit.
PREPARERS = ("OFF-FIN", "OFF-ADM")
AUDITORS = ("OFF-FIN", "head-office")
APPROVERS = ("head-office", "deputy", "director")
RECONCILERS = ("OFF-FIN", "head-office", "deputy")
READERS = ("OFF", "director", "deputy", "auditor", "head")
# Up to and including: the head of the office, then the deputy; above, the director.
HEAD_UP_TO_FEN, DEPUTY_UP_TO_FEN = 5_000_00, 50_000_00
# From this sum on the joint meeting has agreed first.
MINUTES_FROM_FEN = 100_000_00
TIERS: Mapping[str, tuple[int | None, tuple[str, ...]]] = {
    N_("办公室主任（5,000 元及以下）"): (HEAD_UP_TO_FEN, ("head-office", "deputy", "director")),
    N_("分管馆长（50,000 元及以下）"): (DEPUTY_UP_TO_FEN, ("deputy", "director")),
    N_("馆长（50,000 元以上）"): (None, ("director",)),
}
EXPLAIN_WITHIN_DAYS = 5
VOUCHERS = "PZ"

V, P = VoucherState, SuspenseState
# The money moved.
DONE = (V.executed, V.reconciled)
LIFE: Life[VoucherState] = {
    (V.prepared, "audit"): V.audited,
    (V.prepared, "return"): V.returned,
    (V.audited, "approve"): V.approved,
    (V.audited, "minutes"): V.audited,
    (V.audited, "return"): V.returned,
    (V.approved, "execute"): V.executed,
    (V.executed, "reconcile"): V.reconciled,
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
    message = N_("这笔金额须由{tier}审批")


class ReceiptsDisagree(Refusal):
    """An income voucher agrees with its receipts, or its difference stands in suspense."""

    code = "receipts-disagree"
    message = N_("金额与收据不符，且没有挂账差额")


class MinutesMissing(Refusal):
    """A large sum is approved after the joint meeting agreed to it."""

    code = "minutes-missing"
    message = N_("100,000 元及以上须先登记党政联席会纪要（文号、日期）并附纪要文件")


class NotReversible(Refusal):
    """Only what was paid or banked by us, once, and not what another department still has to put right."""

    code = "voucher-not-reversible"
    message = N_("凭证 {no} 不能冲销")


class MakerReverses(SamePerson):
    """Who made or paid it does not write the voucher that undoes it."""

    message = N_("制单人、执行人不能冲销自己的凭证：{no}")


class CashierReconciles(SamePerson):
    """Who moved the money does not confirm that the books agree."""

    message = N_("执行付款或入账的人不能对账：{no}")


def tier_of(voucher: Voucher) -> str:
    """Who approves this sum, in words."""
    return next(
        tier for tier, (limit, _posts) in TIERS.items() if limit is None or abs(voucher.amount) <= limit
    )


def check_tier(voucher: Voucher, actor: Actor) -> None:
    """Small sums: the head of the office; larger ones: the deputy in charge; above: the director."""
    tier = tier_of(voucher)
    if not actor.holds(TIERS[tier][1]):
        raise AboveTier(tier=_(tier))


def needs_minutes(voucher: Voucher) -> bool:
    """Whether a meeting has to agree first."""
    return voucher.direction == Direction.spending and voucher.amount >= MINUTES_FROM_FEN


def check_minutes(voucher: Voucher, *, filed: bool) -> None:
    """Number, day and the paper itself."""
    if needs_minutes(voucher) and not (voucher.minutes_no and voucher.minutes_on and filed):
        raise MinutesMissing


def check_minutes_day(voucher: Voucher, today: date) -> None:
    """A meeting that has not been held has not agreed."""
    if voucher.minutes_on is not None and voucher.minutes_on > today:
        raise Invalid({"minutes_on": N_("会议日期不能晚于今天")})


def why_not_reversible(voucher: Voucher, *, contra: str, answered: bool) -> list[Reason]:
    """All that stands against reversing it; `contra` is the one that does already, `answered` a case whose department hears that it is undone."""
    found = []
    if voucher.reverses:
        found.append(Reason("contra", N_("它本身就是冲销凭证")))
    if voucher.state not in DONE:
        found.append(Reason("not-executed", N_("尚未执行；未执行的凭证请退回")))
    if contra:
        found.append(Reason("reversed", N_("已由 {contra} 冲销"), params={"contra": contra}))
    if voucher.reference and not answered:
        found.append(Reason("elsewhere", N_("它答复其他部门的 {reference}，请由该部门更正"), params={"reference": voucher.reference}))
    return found


def check_undoer(voucher: Voucher, actor: Actor) -> None:
    """Another person than who made it or paid it."""
    if actor.id in (voucher.created_by, voucher.executed_by):
        raise MakerReverses(no=voucher.no)


def reversed_payment(contra: Voucher, first: Voucher, day: date) -> PaymentReversed | None:
    """What whoever got the money hears: it counts as not paid."""
    if not first.reference:
        return None
    return PaymentReversed(
        voucher=contra.no, reverses=first.no, reference=first.reference, attempt=first.attempt, amount_cents=first.amount,
        reversed_on=day, reason=contra.reversal_reason,
    )


def check_reconciler(voucher: Voucher, actor: Actor) -> None:
    """Not the cashier of the voucher."""
    if voucher.executed_by and voucher.executed_by == actor.id:
        raise CashierReconciles(no=voucher.no)


def check_receipts(voucher: Voucher) -> None:
    """What was banked is what the receipts say, up to the difference that waits for its explanation."""
    if voucher.expected is not None and voucher.amount != voucher.expected and not voucher.suspense:
        raise ReceiptsDisagree


def explain_by(day: date) -> date:
    """Until when a difference is explained."""
    return day + timedelta(days=EXPLAIN_WITHIN_DAYS)


def moved(voucher: Voucher, state: VoucherState) -> VoucherMoved | None:
    """What whoever waits for the voucher sees; vouchers prepared by hand answer nobody's case."""
    if not voucher.reference:
        return None
    return VoucherMoved(
        voucher=voucher.no, reference=voucher.reference, state=state.value,
        direction=str(voucher.direction), amount_cents=voucher.amount,
    )


def paid(voucher: Voucher, day: date) -> PaymentPaid | None:
    """What whoever asked for the money hears; income is nobody's payment."""
    if voucher.direction != Direction.spending or not voucher.reference:
        return None
    return PaymentPaid(
        voucher=voucher.no, reference=voucher.reference, amount_cents=voucher.amount, paid_on=day,
        method=voucher.method, attempt=voucher.attempt,
    )


def returned(voucher: Voucher) -> PaymentReturned | None:
    """What whoever stands behind the voucher hears."""
    if not voucher.reference:
        return None
    return PaymentReturned(voucher=voucher.no, reference=voucher.reference, reason=voucher.return_reason, attempt=voucher.attempt)
