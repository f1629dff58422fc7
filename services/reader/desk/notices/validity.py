"""Whether a notice is still true when its letter is about to leave."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.charges.model import Entry
from services.reader.desk.circulation.model import Loan
from services.reader.desk.holds.model import Hold, HoldState
from services.reader.desk.notices.model import Hook, Notice
from services.reader.desk.patrons.model import CardState, Patron
from services.reader.desk.patrons.rules import standing
from services.reader.desk.violations.model import Violation, ViolationState
from shared.i18n import N_

GONE = N_("记录已不存在")


async def why_not(session: AsyncSession, notice: Notice, today: date) -> str:
    """Why it need not be told any more (a msgid); empty while it is true."""
    if notice.address:  # a trial of the wording
        return ""
    check = _CHECKS.get(notice.hook)
    return await check(session, notice, today) if check else ""


async def _open_loan(session: AsyncSession, notice: Notice, today: date) -> str:
    loan = await session.get(Loan, UUID(notice.about), populate_existing=True)
    if loan is None:
        return GONE
    if loan.undone:
        return N_("借出已撤销")
    if loan.returned_at is not None:
        return N_("已归还")
    if loan.due_on.isoformat() != notice.facts.get("due_on"):
        return N_("已续借，应还日期已变")
    if notice.hook is Hook.due_soon and loan.due_on < today:
        return N_("已过应还日期，改发超期通知")
    return ""


async def _lent(session: AsyncSession, notice: Notice, _today: date) -> str:
    loan = await session.get(Loan, UUID(notice.about), populate_existing=True)
    if loan is None:
        return GONE
    return N_("借出已撤销") if loan.undone else ""


async def _returned(session: AsyncSession, notice: Notice, _today: date) -> str:
    loan = await session.get(Loan, UUID(notice.about), populate_existing=True)
    if loan is None:
        return GONE
    return N_("归还已撤销") if loan.returned_at is None or loan.undone else ""


async def _ready(session: AsyncSession, notice: Notice, today: date) -> str:
    hold = await session.get(Hold, UUID(notice.about), populate_existing=True)
    if hold is None:
        return GONE
    if hold.state is not HoldState.ready or hold.barcode != notice.facts.get("barcode"):
        return N_("已不在预约架上")
    return N_("保留期已过") if hold.until and hold.until < today else ""


async def _waiting(session: AsyncSession, notice: Notice, _today: date) -> str:
    hold = await session.get(Hold, UUID(notice.about), populate_existing=True)
    if hold is None:
        return GONE
    return N_("预约已有新的结果") if hold.state is not HoldState.waiting else ""


async def _unpaid(session: AsyncSession, notice: Notice, _today: date) -> str:
    settled = await session.scalar(select(Entry.id).where(Entry.charge_id == UUID(notice.about)))
    return N_("费用已结清") if settled else ""


async def _blocked(session: AsyncSession, notice: Notice, today: date) -> str:
    return await _card(session, notice, today, CardState.loss_blocked)


async def _active(session: AsyncSession, notice: Notice, today: date) -> str:
    return await _card(session, notice, today, CardState.active)


async def _suspended(session: AsyncSession, notice: Notice, today: date) -> str:
    return await _card(session, notice, today, CardState.suspended)


async def _card(session: AsyncSession, notice: Notice, today: date, state: CardState) -> str:
    patron = await session.get(Patron, notice.patron_id, populate_existing=True)
    if patron is None:
        return GONE
    return "" if standing(patron, today) is state else N_("读者证状态又有变化")


async def _to_settle(session: AsyncSession, notice: Notice, _today: date) -> str:
    """One thing that somebody who leaves has still to settle: a loan, a hold or the debt."""
    if loan_id := notice.facts.get("loan_id"):
        loan = await session.get(Loan, UUID(loan_id), populate_existing=True)
        return N_("已归还") if loan is None or loan.returned_at else ""
    if hold_id := notice.facts.get("hold_id"):
        hold = await session.get(Hold, UUID(hold_id), populate_existing=True)
        return N_("预约已有新的结果") if hold is None or hold.ended_at else ""
    patron = await session.get(Patron, notice.patron_id, populate_existing=True)
    return N_("费用已结清") if patron is None or patron.debt_fen <= 0 else ""


async def _settled(session: AsyncSession, notice: Notice, _today: date) -> str:
    patron = await session.get(Patron, notice.patron_id, populate_existing=True)
    if patron is None:
        return GONE
    still = patron.open_loans or patron.holds_waiting or patron.holds_ready or patron.debt_fen > 0
    return N_("又有未了事项") if still else ""


async def _for_college(session: AsyncSession, notice: Notice, _today: date) -> str:
    """A college is asked about what is open, and told once what it was asked about is not."""
    patron = await session.get(Patron, notice.patron_id, populate_existing=True)
    if patron is None:
        return GONE
    open_ = bool(patron.open_loans or patron.holds_waiting or patron.holds_ready or patron.debt_fen > 0)
    if notice.facts.get("settled"):
        return N_("又有未了事项") if open_ else ""
    return "" if open_ else N_("未了事项已结清")


async def _oriented(session: AsyncSession, notice: Notice, _today: date) -> str:
    patron = await session.get(Patron, notice.patron_id, populate_existing=True)
    if patron is None:
        return GONE
    return "" if patron.oriented else N_("入馆教育通过已撤回")


async def _decided(session: AsyncSession, notice: Notice, _today: date) -> str:
    state = await session.scalar(select(Violation.state).where(Violation.no == notice.about))
    return N_("处理决定已撤销") if state == ViolationState.revoked else ""


_CHECKS: dict[Hook, Callable[[AsyncSession, Notice, date], Awaitable[str]]] = {
    Hook.due_soon: _open_loan, Hook.overdue: _open_loan, Hook.college: _open_loan, Hook.recall: _open_loan,
    Hook.loan_receipt: _lent, Hook.return_receipt: _returned,
    Hook.hold_ready: _ready, Hook.hold_expiring: _ready, Hook.hold_postponed: _waiting,
    Hook.fine_charged: _unpaid,
    Hook.clearance: _to_settle, Hook.clearance_settled: _settled, Hook.college_clearance: _for_college, Hook.orientation_passed: _oriented,
    Hook.violation: _decided,
    Hook.card_lost: _blocked, Hook.card_unblocked: _active, Hook.card_suspended: _suspended,
}
