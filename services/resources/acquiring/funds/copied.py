"""The budget lines we order from, compared with the office."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.acquiring.funds import commands
from services.resources.acquiring.funds.model import FundLine
from shared.copies.comparing import Copy
from shared.copies.ledger import Row, Span
from shared.events.office import BudgetAllocated
from shared.i18n import N_
from shared.work import Work

# The office's word for it → ours. What is available is not compared: it changes with every order, and is told only when
# a line is changed or a limit reached.
SAME = {"fund_name": "name", "fund_name_en": "name_en", "kind": "kind", "year": "year", "total_cents": "total", "open": "open"}


async def held(session: AsyncSession, span: Span) -> Sequence[Row]:
    """Our lines in the office's words."""
    query = select(FundLine).where(span.within(FundLine.no)).order_by(FundLine.no).limit(span.limit)
    return [(one.no, {theirs: getattr(one, ours) for theirs, ours in SAME.items()}) for one in await session.scalars(query)]


async def mend(work: Work, key: str, fact: dict[str, Any] | None) -> None:
    """Take the line over; one the office does not know is ordered from no more."""
    if fact is None:
        await work.session.execute(delete(FundLine).where(FundLine.no == key))
    else:
        await commands.learn(work, BudgetAllocated.read(fact))


async def names(session: AsyncSession, keys: Sequence[str]) -> Mapping[str, tuple[str, str]]:
    """By number, year and name; orders are looked at by their line."""
    lines = {one.no: one.text for one in await session.scalars(select(FundLine).where(FundLine.no.in_(keys)))}
    return {key: (f"{key} {lines.get(key, '')}".strip(), "") for key in keys}


copy = Copy("office.budgets", N_("预算（据办公室）"), tuple(SAME), held, mend, names)
