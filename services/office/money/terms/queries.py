"""A term in numbers, from the ledger, the vouchers and the contracts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.office.money.budgets.model import Budget, BudgetState, EntryKind, FundEntry, FundKind
from services.office.money.contracts.model import Contract, ContractState
from services.office.money.expenditure.model import Direction, Voucher
from services.office.money.expenditure.rules import DONE
from services.office.money.terms import rules
from services.office.money.terms.model import Deviation, TermReport, TermState
from shared.work import Work

SHOWN = 100


async def spent_in(session: AsyncSession, first: datetime, after: datetime) -> dict[str, int]:
    """Payments less what came back, by fund."""
    rows = await session.execute(
        select(Budget.fund, func.sum(FundEntry.amount)).join(Budget, Budget.no == FundEntry.budget)
        .where(FundEntry.kind.in_((EntryKind.payment, EntryKind.credit)), FundEntry.created_at >= first, FundEntry.created_at < after)
        .group_by(Budget.fund)
    )
    return {fund: int(amount) for fund, amount in rows}


async def lines_of(session: AsyncSession, report: TermReport) -> list[rules.Line]:
    """Every fund that has a budget in a year the term touches."""
    years = {year for year, _month in rules.months_of(report.term)}
    budgets = (await session.scalars(
        select(Budget).where(Budget.year.in_(years), Budget.state.in_((BudgetState.running, BudgetState.closed))).order_by(Budget.fund, Budget.year)
    )).all()
    totals: dict[str, dict[int, int]] = {}
    newest: dict[str, Budget] = {}
    for one in budgets:
        totals.setdefault(one.fund, {})[one.year] = one.approved + one.adjusted
        newest[one.fund] = one
    now = await spent_in(session, *rules.span(report.term))
    before = await spent_in(session, *rules.span(rules.year_before(report.term)))
    said = {row.fund: row.explanation for row in await session.scalars(select(Deviation).where(Deviation.report == report.no))}
    return [
        rules.Line(budget, rules.planned(totals[fund], report.term), now.get(fund, 0), before.get(fund, 0), said.get(fund, ""))
        for fund, budget in newest.items()
    ]


async def payees(session: AsyncSession, first: datetime, after: datetime) -> list[tuple[str, int, int]]:
    """Who got most, with how many vouchers; reversals count against it."""
    total = func.sum(Voucher.amount)
    rows = await session.execute(
        select(Voucher.party, total, func.count()).where(
            Voucher.direction == Direction.spending, Voucher.state.in_(DONE), Voucher.executed_at >= first, Voucher.executed_at < after,
            Voucher.party != "",
        ).group_by(Voucher.party).having(total > 0).order_by(total.desc(), Voucher.party).limit(rules.TOP)
    )
    return [(party, int(amount), int(count)) for party, amount, count in rows]


async def page_of(work: Work, report: TermReport) -> dict[str, Any]:
    """The report as its page shows it."""
    lines = await lines_of(work.session, report)
    first, after = rules.span(report.term)
    kinds: dict[FundKind, int] = {}
    for line in lines:
        kinds[line.budget.kind] = kinds.get(line.budget.kind, 0) + line.spent
    spent = sum(line.spent for line in lines)
    contracts = (await work.session.scalars(
        select(Contract).where(Contract.state.in_((ContractState.signed, ContractState.in_force))).order_by(Contract.to_on, Contract.no).limit(SHOWN)
    )).all()
    return {
        "report": report, "lines": lines, "total": rules.Line(Budget(), sum(one.plan for one in lines), spent, sum(one.before for one in lines)),
        "kinds": [(kind, amount, round(amount * 100 / spent, 1) if spent else 0.0) for kind, amount in sorted(kinds.items(), key=lambda k: -k[1]) if amount],
        "payees": await payees(work.session, first, after), "contracts": contracts, "limit": rules.EXPLAIN_BEYOND,
        "may_explain": report.state == TermState.prepared and work.actor.holds(rules.FINANCE), "days": (first.date(), after.date()),
    }
