"""What follows from auditing, approving, executing and returning a voucher."""

from __future__ import annotations

from services.office.money.expenditure import rules
from services.office.money.expenditure.model import Suspense, Voucher
from shared.work import Work


async def audit(work: Work, voucher: Voucher) -> None:
    """Another person than the preparer has looked at sum, fund and papers."""
    rules.check_receipts(voucher)
    voucher.audited_by = work.actor.id


async def approve(work: Work, voucher: Voucher) -> None:
    """A leader of the right rank agrees."""
    rules.check_tier(voucher, work.actor)
    voucher.approved_by = work.actor.id


async def execute(work: Work, voucher: Voucher) -> None:
    """The money came in or went out; the asking department hears of a payment."""
    voucher.executed_by, voucher.executed_at = work.actor.id, work.now
    work.emit(rules.paid(voucher, work.today), correlation=voucher.correlation)


async def send_back(work: Work, voucher: Voucher) -> None:
    """The case behind the voucher is open again, with the reason."""
    work.emit(rules.returned(voucher), correlation=voucher.correlation)


async def explain(work: Work, suspense: Suspense) -> None:
    """Somebody says where the difference comes from."""
    suspense.explained_by = work.actor.id
