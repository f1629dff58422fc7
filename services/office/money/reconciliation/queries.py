"""The vouchers of a month and the lines about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.office.money.expenditure.model import Voucher, VoucherState
from services.office.money.reconciliation.model import Agreement, AgreementState, Difference
from services.office.money.reconciliation.rules import span, totals
from shared.work import Work

SHOWN = 300


async def executed_in(session: AsyncSession, period: str, *, lock: bool = False) -> Sequence[Voucher]:
    """Everything that was executed in the month, in the order of its numbers."""
    first, after = span(period)
    query = select(Voucher).where(
        Voucher.executed_at >= first, Voucher.executed_at < after,
        Voucher.state.in_((VoucherState.executed, VoucherState.reconciled)),
    ).order_by(Voucher.no)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(query)).all()


async def lines_of(session: AsyncSession, agreement: str) -> Sequence[Difference]:
    """The differences of a month."""
    return (await session.scalars(
        select(Difference).where(Difference.agreement == agreement).order_by(Difference.no)
    )).all()


async def sides(work: Work, agreement: Agreement) -> dict[str, Any]:
    """Both books beside one another, for the page of the month."""
    vouchers = await executed_in(work.session, agreement.period)
    lines = await lines_of(work.session, agreement.no)
    ours = totals(vouchers)
    if agreement.state == AgreementState.agreed:
        ours = {"income": agreement.income_ours or 0, "spending": agreement.spending_ours or 0}
    theirs = {"income": agreement.income_theirs, "spending": agreement.spending_theirs}
    explained = {side: sum(line.amount for line in lines if line.direction == side) for side in ours}
    return {
        "vouchers": vouchers[:SHOWN], "count": len(vouchers), "lines": lines, "ours": ours, "theirs": theirs,
        "explained": explained, "gap": {side: theirs[side] - ours[side] - explained[side] for side in ours},
        "draft": agreement.state == AgreementState.draft, "no": agreement.no, "named": {line.voucher for line in lines},
        "states": VoucherState,
    }


async def executed_vouchers(work: Work, q: str) -> Sequence[tuple[str, str]]:
    """Executed vouchers whose number begins so, for the line that names one."""
    begins = q.strip().upper().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    rows = await work.session.execute(
        select(Voucher.no, Voucher.subject).where(
            Voucher.no.like(begins), Voucher.state == VoucherState.executed
        ).order_by(Voucher.no.desc()).limit(15)
    )
    return [(row.no, row.subject) for row in rows]
