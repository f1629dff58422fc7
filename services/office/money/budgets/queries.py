"""Budget lines, and the sums of a month."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.office.money.budgets.model import (
    Budget,
    BudgetState,
    Encumbrance,
    EntryKind,
    Fund,
    FundEntry,
    FundReport,
    PaymentPart,
    Reservation,
)
from services.office.money.budgets.rules import Sums, span, yuan
from services.office.money.reconciliation.model import Agreement, AgreementState
from services.office.money.reconciliation.queries import executed_in
from services.office.money.reconciliation.rules import totals
from shared.i18n import pick
from shared.work import Work

K = EntryKind
# Which sum an entry changes; the trigger of the table says the same.
COLUMNS = {
    "approved": (K.allocation,), "adjusted": (K.adjustment, K.transfer), "encumbered": (K.encumbrance, K.release),
    "pending": (K.pending,), "spent": (K.payment, K.credit),
}


async def budgets_of(session: AsyncSession, numbers: Sequence[str], *, lock: bool = False) -> dict[str, Budget]:
    """By number, locked in one order, so that two who take from the same lines wait and never in a circle."""
    query = select(Budget).where(Budget.no.in_(list(numbers))).order_by(Budget.no).execution_options(populate_existing=True)
    return {one.no: one for one in await session.scalars(query.with_for_update() if lock else query)}


async def successors(session: AsyncSession, numbers: Iterable[str]) -> dict[str, str]:
    """Line → the one that took over what was open on it, the oldest first; over several years one after another."""
    found: dict[str, str] = {}
    wanted = list(numbers)
    while wanted:
        rows = await session.execute(select(Budget.no, Budget.successor).where(Budget.no.in_(wanted), Budget.successor != ""))
        step = {no: after for no, after in rows if no not in found}
        found |= step
        wanted = list(step.values())
    return found


async def running_named(session: AsyncSession, text: str, year: int) -> Budget | None:
    """The running line somebody means: its number, or the name of its fund in that year."""
    query = select(Budget).where(
        Budget.state == BudgetState.running, (Budget.no == text.strip().upper()) | (Budget.fund_name == text.strip()) & (Budget.year == year)
    )
    return (await session.scalars(query.order_by(Budget.no).limit(1))).first()


async def suggest_budgets(work: Work, q: str) -> list[tuple[str, str]]:
    """Lines that run, by number or name, with what is left."""
    query = select(Budget).where(Budget.state == BudgetState.running, Budget.search_text.contains(q.strip(), autoescape=True))
    found = await work.session.scalars(query.order_by(Budget.year.desc(), Budget.no).limit(20))
    return [(b.no, f"{b.year} {pick(b.fund_name, b.fund_name_en)} · {yuan(b.available)}") for b in found]


async def named_budgets(work: Work) -> dict[str, str]:
    """What the numbers of budget lines are called, year first."""
    found = await work.session.execute(select(Budget.no, Budget.year, Budget.fund_name, Budget.fund_name_en))
    return {no: f"{year} {pick(name, name_en)}" for no, year, name, name_en in found}


async def suggest_funds(work: Work, q: str) -> list[tuple[str, str]]:
    """Funds in use by code or name."""
    query = select(Fund).where(Fund.active, Fund.search_text.contains(q.strip(), autoescape=True)).order_by(Fund.no).limit(20)
    return [(f.no, pick(f.name, f.name_en)) for f in await work.session.scalars(query)]


async def fund_named(session: AsyncSession, text: str) -> Fund | None:
    """By code or name."""
    return (await session.scalars(select(Fund).where((Fund.no == text.strip().upper()) | (Fund.name == text.strip())))).first()


async def held_for(session: AsyncSession, case_no: str) -> Sequence[Encumbrance]:
    """What a case has of which line."""
    return (await session.scalars(select(Encumbrance).where(Encumbrance.case_no == case_no).order_by(Encumbrance.budget))).all()


async def reservation_of(session: AsyncSession, case_no: str) -> Reservation | None:
    """What is known of a case, locked."""
    return await session.scalar(
        select(Reservation).where(Reservation.no == case_no).with_for_update().execution_options(populate_existing=True)
    )


async def parts_of(session: AsyncSession, invoice: str) -> Sequence[PaymentPart]:
    """All parts of an invoice, of its last attempt last."""
    return (await session.scalars(
        select(PaymentPart).where(PaymentPart.invoice == invoice).order_by(PaymentPart.attempt, PaymentPart.budget)
    )).all()


async def spent_by(session: AsyncSession, voucher: str) -> Sequence[FundEntry]:
    """What a voucher took from lines or gave back to them."""
    return (await session.scalars(
        select(FundEntry).where(FundEntry.voucher == voucher, FundEntry.kind.in_((K.payment, K.credit))).order_by(FundEntry.no)
    )).all()


def _sum(kinds: Sequence[EntryKind], since: datetime | None = None) -> Any:
    wanted: Any = FundEntry.kind.in_(kinds)
    if since is not None:
        wanted = wanted & (FundEntry.created_at >= since)
    return func.coalesce(func.sum(case((wanted, FundEntry.amount), else_=0)), 0)


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A fund in the month's report."""

    budget: Budget
    sums: Sums
    month: int


async def report(session: AsyncSession, period: str) -> list[ReportLine]:
    """Every line of the year as it stood at the end of the month, from the ledger alone."""
    first, after = span(period)
    rows = await session.execute(
        select(FundEntry.budget, *(_sum(kinds) for kinds in COLUMNS.values()), _sum((K.payment, K.credit), first))
        .where(FundEntry.created_at < after).group_by(FundEntry.budget)
    )
    found = {row[0]: row for row in rows}
    lines = await session.scalars(
        select(Budget).where(Budget.year == first.year, Budget.state != BudgetState.draft).order_by(Budget.fund)
    )
    empty = ("", 0, 0, 0, 0, 0, 0)
    made = []
    for budget in lines:
        _no, approved, adjusted, encumbered, pending, spent, month = found.get(budget.no, empty)
        made.append(ReportLine(budget, Sums(int(approved), int(adjusted), int(encumbered), int(spent), int(pending)), int(month)))
    return made


async def month_of(work: Work, record: FundReport) -> dict[str, Any]:
    """The table of a report's page."""
    lines = await report(work.session, record.period)
    total = Sums(*(sum(getattr(line.sums, name) for line in lines) for name in ("approved", "adjusted", "encumbered", "spent", "pending")))
    vouchers = await executed_in(work.session, record.period)
    ours = totals(vouchers)
    agreement = await work.session.scalar(
        select(Agreement.no).where(Agreement.period == record.period, Agreement.state == AgreementState.agreed)
    )
    return {
        "lines": lines, "total": total, "month": sum(line.month for line in lines), "vouchers": len(vouchers),
        "income": ours["income"], "paid": ours["spending"], "agreement": agreement,
    }


async def entries_of(work: Work, budget: Budget) -> dict[str, Any]:
    """The latest entries of a line and the cases money is held for."""
    entries = (await work.session.scalars(
        select(FundEntry).where(FundEntry.budget == budget.no).order_by(FundEntry.created_at.desc(), FundEntry.no.desc()).limit(20)
    )).all()
    held = (await work.session.execute(
        select(Encumbrance, Reservation.source, Reservation.party).outerjoin(Reservation, Reservation.no == Encumbrance.case_no)
        .where(Encumbrance.budget == budget.no, Encumbrance.needed > Encumbrance.settled).order_by(Encumbrance.case_no).limit(50)
    )).all()
    return {"entries": entries, "held": held, "budget": budget}
