"""Questions about pull lists."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.pulls import rules
from services.reader.desk.pulls.model import Outcome, PullLine, PullList


async def by_number(session: AsyncSession, number: str, *, lock: bool = False) -> PullList:
    """The list, or a refusal."""
    query = select(PullList).where(PullList.number == number)
    found = await session.scalar(query.with_for_update().execution_options(populate_existing=True) if lock else query)
    if found is None:
        raise rules.UnknownPull(number)
    return found


async def lists(session: AsyncSession, *, limit: int, offset: int) -> tuple[Sequence[PullList], int]:
    """The open ones first, the newest on top."""
    total = await session.scalar(select(func.count()).select_from(PullList))
    query = select(PullList).order_by(PullList.state != "open", PullList.heard_at.desc(), PullList.number)
    return (await session.scalars(query.limit(limit).offset(offset))).all(), int(total or 0)


async def tally(session: AsyncSession, numbers: Sequence[str]) -> dict[str, dict[Outcome, int]]:
    """How many books of each list stand how."""
    found: dict[str, dict[Outcome, int]] = {number: {} for number in numbers}
    for number, outcome, n in await session.execute(
        select(PullLine.list, PullLine.outcome, func.count()).where(PullLine.list.in_(numbers)).group_by(PullLine.list, PullLine.outcome)
    ):
        found[number][outcome] = n
    return found


async def lines(
    session: AsyncSession, number: str, *, outcome: Outcome | None, q: str = "", limit: int, offset: int,
) -> tuple[Sequence[PullLine], int]:
    """In the order of a walk through the stacks."""
    where = [PullLine.list == number]
    if outcome is not None:
        where.append(PullLine.outcome == outcome)
    if q:
        where.append(or_(PullLine.barcode == q.upper(), PullLine.title.contains(q, autoescape=True), PullLine.call_number.startswith(q, autoescape=True)))
    total = await session.scalar(select(func.count()).select_from(PullLine).where(*where))
    query = select(PullLine).where(*where).order_by(PullLine.location, PullLine.call_number, PullLine.barcode)
    return (await session.scalars(query.limit(limit).offset(offset))).all(), int(total or 0)


async def open_lines(session: AsyncSession, number: str) -> Sequence[PullLine]:
    """What nobody has said anything of."""
    query = select(PullLine).where(PullLine.list == number, PullLine.outcome == Outcome.open).order_by(PullLine.barcode)
    return (await session.scalars(query.execution_options(populate_existing=True))).all()
