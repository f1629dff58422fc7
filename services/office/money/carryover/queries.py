"""What closing a year would do, and what it did."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.office.money.budgets.model import (
    Budget,
    BudgetState,
    Encumbrance,
    Fund,
    PaymentPart,
    ShareState,
)
from services.office.money.carryover import rules
from services.office.money.carryover.model import CarriedLine, CarryOver, CarryState
from shared.work import Work


async def moves_of(session: AsyncSession, year: int, *, lock: bool = False) -> list[rules.Move]:
    """Every running line of the year with its successor and what is open on it; locked in one order when asked."""
    query = select(Budget).where(Budget.year.in_((year, year + 1)), Budget.state == BudgetState.running).order_by(Budget.no)
    if lock:
        query = query.with_for_update()
    found = (await session.scalars(query.execution_options(populate_existing=True))).all()
    after = {one.fund: one for one in found if one.year == year + 1}
    carries = {row.no: row.carries for row in await session.execute(select(Fund.no, Fund.carries))}
    moves = {one.no: rules.Move(one, after.get(one.fund), carries.get(one.fund, False)) for one in found if one.year == year}
    held = await session.scalars(
        select(Encumbrance).where(Encumbrance.budget.in_(moves), Encumbrance.needed > Encumbrance.settled).order_by(Encumbrance.case_no)
    )
    for row in held:
        moves[row.budget].cases.append(row.case_no)
        moves[row.budget].encumbered += row.needed - row.settled
    pending = await session.execute(
        select(PaymentPart.budget, func.sum(PaymentPart.amount))
        .where(PaymentPart.budget.in_(moves), PaymentPart.state == ShareState.pending).group_by(PaymentPart.budget)
    )
    for budget, amount in pending:
        moves[budget].pending = int(amount)
    return sorted(moves.values(), key=lambda move: move.budget.fund)


async def page_of(work: Work, carry: CarryOver) -> dict[str, Any]:
    """The preview while it waits, the result afterwards."""
    if carry.state == CarryState.prepared:
        moves = await moves_of(work.session, carry.year)
        return {
            "preview": True, "year": carry.year, "why": rules.why_not(carry.year, work.today.year, moves),
            "rows": [(m.budget, m.successor.no if m.successor else "", len(m.cases), m.encumbered, m.pending, m.surplus, m.lapsed) for m in moves],
        }
    done = (await work.session.execute(
        select(CarriedLine, Budget).join(Budget, Budget.no == CarriedLine.budget).where(CarriedLine.carry == carry.no).order_by(Budget.fund)
    )).all()
    return {
        "preview": False, "year": carry.year, "why": [],
        "rows": [(b, d.to_budget, d.cases, d.encumbered, d.pending, d.surplus, d.lapsed) for d, b in done],
    }
