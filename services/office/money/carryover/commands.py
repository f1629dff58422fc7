"""Carrying a year over: all lines in one transaction, every fen that leaves a line arrives at its successor."""

from __future__ import annotations

from sqlalchemy import select

from services.office.money.budgets import commands as budgets
from services.office.money.budgets import rules as budget_rules
from services.office.money.budgets.model import (
    Budget,
    BudgetState,
    Encumbrance,
    EntryKind,
    PaymentPart,
    ShareState,
)
from services.office.money.carryover import queries, rules
from services.office.money.carryover.model import CarriedLine, CarryOver
from shared.events.office import BudgetCarried
from shared.work import Work

K = EntryKind


async def carry(work: Work, case: CarryOver) -> None:
    """What is held goes on with its money, open invoices with it; the surplus goes on or lapses; the lines are closed."""
    moves = await queries.moves_of(work.session, case.year, lock=True)
    if why := rules.why_not(case.year, work.today.year, moves):
        raise rules.NotYet(why, year=case.year)
    case.carried_by, case.carried_at = work.actor.id, work.now
    for move in moves:
        line, after = move.budget, move.successor
        # Reckoned before anything moves.
        kept = CarriedLine(
            carry=case.no, budget=line.no, cases=len(move.cases), encumbered=move.encumbered, pending=move.pending, surplus=move.surplus,
            lapsed=move.lapsed, to_budget=after.no if after and move.needs_successor else "",
        )
        work.session.add(kept)
        if after is not None and kept.to_budget:
            for held in await _held(work, line):
                await _move_held(work, case, line, after, held)
            await _move_pending(work, line, after)
            await _give(work, case, line, after, kept.surplus)
            line.successor = after.no
        line.closed_by, line.state = work.actor.id, BudgetState.closed
        await work.session.flush()
        work.emit(BudgetCarried(
            budget=line.no, fund_name=line.fund_name, fund_name_en=line.fund_name_en, year=line.year, to_budget=kept.to_budget,
            references=tuple(move.cases), encumbered_cents=kept.encumbered, surplus_cents=kept.surplus, lapsed_cents=kept.lapsed,
        ), correlation=line.correlation)
        work.emit(budget_rules.allocated(line), correlation=line.correlation)
        if after is not None and kept.to_budget:
            work.emit(budget_rules.allocated(after), correlation=after.correlation)


async def _held(work: Work, line: Budget) -> list[Encumbrance]:
    query = select(Encumbrance).where(Encumbrance.budget == line.no, Encumbrance.needed > Encumbrance.settled)
    return list(await work.session.scalars(query.order_by(Encumbrance.case_no).with_for_update()))


async def _move_held(work: Work, case: CarryOver, line: Budget, after: Budget, held: Encumbrance) -> None:
    open_ = held.needed - held.settled
    there = await work.session.get(Encumbrance, (held.case_no, after.no), with_for_update=True)
    if there is None:
        there = Encumbrance(case_no=held.case_no, budget=after.no, asked=0, needed=0, settled=0)
        work.session.add(there)
    there.asked, there.needed = there.asked + open_, there.needed + open_
    held.asked = held.needed = held.settled
    await work.session.flush()
    await budgets.post(work, line, K.release, -open_, reference=held.case_no, note=case.no)
    await _give(work, case, line, after, open_)
    await budgets.post(work, after, K.encumbrance, open_, reference=held.case_no, note=case.no)


async def _give(work: Work, case: CarryOver, line: Budget, after: Budget, amount: int) -> None:
    await budgets.post(work, line, K.transfer, -amount, reference=case.no)
    await budgets.post(work, after, K.transfer, amount, reference=case.no)


async def _move_pending(work: Work, line: Budget, after: Budget) -> None:
    """Invoices that lie here are paid from the new year."""
    parts = await work.session.scalars(
        select(PaymentPart).where(PaymentPart.budget == line.no, PaymentPart.state == ShareState.pending).order_by(PaymentPart.invoice)
    )
    for part in parts.all():
        part.budget = after.no
        await work.session.flush()
        await budgets.post(work, line, K.pending, -part.amount, reference=part.invoice)
        await budgets.post(work, after, K.pending, part.amount, reference=part.invoice)
