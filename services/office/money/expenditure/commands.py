"""What follows from auditing, approving, executing and returning a voucher."""

from __future__ import annotations

from services.office.money.budgets import commands as budgets
from services.office.money.contracts import commands as contracts
from services.office.money.expenditure import rules
from services.office.money.expenditure.model import Direction, Suspense, Voucher, VoucherState
from services.office.money.expenditure.queries import contra_of, has_minutes
from shared.work import Work

V = VoucherState


def tell(work: Work, voucher: Voucher, state: VoucherState) -> None:
    """Whoever waits for the voucher sees how far it is."""
    work.emit(rules.moved(voucher, state), correlation=voucher.correlation)


def _pays_on_contract(voucher: Voucher) -> bool:
    return bool(voucher.contract) and voucher.direction == Direction.spending


async def audit(work: Work, voucher: Voucher) -> None:
    """Another person than the preparer has looked at sum, fund and papers."""
    rules.check_receipts(voucher)
    if _pays_on_contract(voucher) and not voucher.reverses:
        await contracts.check_payment(work, voucher.contract, voucher.amount, prepayment=voucher.prepayment)
    voucher.audited_by = work.actor.id
    tell(work, voucher, V.audited)


async def note_minutes(work: Work, voucher: Voucher) -> None:
    """The meeting that agreed; its file comes with the form."""
    rules.check_minutes_day(voucher, work.today)
    voucher.minutes_by = work.actor.id


async def approve(work: Work, voucher: Voucher) -> None:
    """A leader of the right rank agrees; a large sum only after the meeting did."""
    rules.check_tier(voucher, work.actor)
    rules.check_minutes(voucher, filed=await has_minutes(work.session, voucher))
    if voucher.direction == Direction.spending and not voucher.reference and not voucher.reverses:
        await budgets.check_room(work, voucher.fund, voucher.made_on.year, voucher.amount)
    voucher.approved_by = work.actor.id
    tell(work, voucher, V.approved)


async def execute(work: Work, voucher: Voucher) -> None:
    """The money came in or went out; the asking department hears of a payment."""
    voucher.executed_by, voucher.executed_at = work.actor.id, work.now
    if _pays_on_contract(voucher):
        await contracts.book(work, voucher.contract, voucher.amount, prepayment=voucher.prepayment)
    if voucher.reverses:
        await _undo(work, voucher)
    elif voucher.reference:
        await budgets.settle(work, voucher.reference, voucher.no)
    else:
        signed = voucher.amount if voucher.direction == Direction.spending else -voucher.amount
        await budgets.spend(work, voucher.fund, voucher.made_on.year, signed, voucher=voucher.no, note=voucher.subject)
    work.emit(rules.paid(voucher, work.today), correlation=voucher.correlation)
    tell(work, voucher, V.executed)


async def check_reversal(work: Work, first: Voucher) -> None:
    """Whether this person may write the voucher that undoes it."""
    work.actor.require(*rules.PREPARERS)
    contra = await contra_of(work.session, first.no)
    # Whoever was paid hears of it: invoices from our lines, refunds and deposits of readers. Income is put right where it was banked.
    answered = bool(first.reference) and first.direction == Direction.spending
    if why := rules.why_not_reversible(first, contra=contra.no if contra else "", answered=answered):
        raise rules.NotReversible(why, no=first.no)
    rules.check_undoer(first, work.actor)


async def _undo(work: Work, contra: Voucher) -> None:
    """The money is back: the ledger gets its counter-entries, and whoever was paid hears that it was not."""
    first = await work.lock(Voucher, Voucher.no == contra.reverses, what=contra.reverses)
    rules.check_undoer(first, work.actor)
    await budgets.reverse(work, first.reference, first.attempt, first=first.no, voucher=contra.no)
    work.emit(rules.reversed_payment(contra, first, work.today), correlation=contra.correlation)


async def send_back(work: Work, voucher: Voucher) -> None:
    """The case behind the voucher is open again, with the reason."""
    if voucher.reference:
        await budgets.drop(work, voucher.reference)
    work.emit(rules.returned(voucher), correlation=voucher.correlation)
    tell(work, voucher, V.returned)


def reconcile(work: Work, voucher: Voucher, agreement: str) -> None:
    """The finance office has the same sum in its books; the caller has locked the voucher."""
    rules.check_reconciler(voucher, work.actor)
    voucher.state = rules.LIFE[V(voucher.state), "reconcile"]
    voucher.agreement, voucher.reconciled_by, voucher.reconciled_at = agreement, work.actor.id, work.now
    tell(work, voucher, V.reconciled)


async def explain(work: Work, suspense: Suspense) -> None:
    """Somebody says where the difference comes from."""
    suspense.explained_by = work.actor.id
