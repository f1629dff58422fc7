"""Reads of months: their tables, and the rows behind a number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.cataloguing.items.model import Item
from services.resources.cataloguing.items.queries import locations
from services.resources.cataloguing.records.model import Instance
from services.resources.collections.monthly import rules
from services.resources.collections.monthly.model import (
    Grouping,
    HoldingsMonth,
    Kind,
    Line,
    MonthState,
    Move,
)
from shared.i18n import pick
from shared.work import Work


async def by_no(session: AsyncSession, number: str) -> HoldingsMonth:
    """The report, or `UnknownMonth`."""
    found = await session.scalar(select(HoldingsMonth).where(HoldingsMonth.no == number))
    if found is None:
        raise rules.UnknownMonth(number)
    return found


async def of_period(session: AsyncSession, period: str) -> HoldingsMonth | None:
    """The report of `2026-11`, however far it is."""
    return await session.scalar(select(HoldingsMonth).where(HoldingsMonth.period == period))


async def closed_month(session: AsyncSession, first: date) -> HoldingsMonth | None:
    """The month that begins so, if it was handed in."""
    return await session.scalar(
        select(HoldingsMonth).where(HoldingsMonth.month == first, HoldingsMonth.state == MonthState.closed.value)
    )


async def unreported_before(session: AsyncSession, first: date) -> str:
    """The first earlier month that is begun, or follows a closed one, and not handed in; empty when none is."""
    earlier = (await session.execute(
        select(HoldingsMonth.month, HoldingsMonth.state).where(HoldingsMonth.month < first).order_by(HoldingsMonth.month)
    )).all()
    expected = earlier[0].month if earlier else first
    states = {row.month: row.state for row in earlier}
    while expected < first:
        if states.get(expected) != MonthState.closed.value:
            return rules.period_of(expected)
        expected = rules.next_month(expected)
    return ""


async def lines(session: AsyncSession, month_id: UUID, grouping: Grouping) -> Sequence[Line]:
    """A table of a month."""
    return (await session.scalars(
        select(Line).where(Line.month_id == month_id, Line.grouping == grouping)
        .order_by(Line.location, Line.clc, Line.language, Line.source)
    )).all()


async def table(
    session: AsyncSession, month_id: UUID, grouping: Grouping, *, only: bool = False, limit: int = 100, offset: int = 0
) -> tuple[Sequence[Line], int]:
    """A page of a table; `only` the lines that disagree with the items."""
    where = [Line.month_id == month_id, Line.grouping == grouping]
    if only:
        size = len(rules.COLUMNS)
        where.append(func.row(Line.titles[size], Line.copies[size], Line.value[size]).op("IS DISTINCT FROM")(
            func.row(Line.actual[1], Line.actual[2], Line.actual[3])
        ))
    total = await session.scalar(select(func.count()).select_from(Line).where(*where))
    query = select(Line).where(*where).order_by(Line.location, Line.clc, Line.language, Line.source).limit(limit).offset(offset)
    return (await session.scalars(query)).all(), int(total or 0)


def _cell(grouping: Grouping, cell: Mapping[str, str]) -> list[Any]:
    return [getattr(Move, name) == cell.get(name, "") for name in rules.KEYS[grouping]]


async def behind(
    session: AsyncSession, month: HoldingsMonth, grouping: Grouping, cell: Mapping[str, str], column: str, *,
    limit: int | None = 50, offset: int = 0,
) -> tuple[list[tuple[Any, Item | None, str]], int]:
    """The rows of a number: what came or went in the month; for opening and closing the items that stood there then."""
    until = rules.next_month(month.month)
    where = _cell(grouping, cell)
    if column in set(Kind):
        where += [Move.day >= month.month, Move.day < until, Move.kind == Kind(column)]
        query = select(Move.item_id, Move.instance_id, Move.day, Move.kind, Move.copies, Move.value_cents, Move.id).where(*where)
        order: tuple[Any, ...] = (Move.id,)
    else:
        day = month.month if column == "opening" else until
        query = (
            select(
                Move.item_id, Move.instance_id, func.min(Move.day).label("day"), func.min(Move.kind).label("kind"),
                func.sum(Move.copies).label("copies"), cast(func.sum(Move.value_cents), BigInteger).label("value_cents"),
                func.min(Move.id).label("id"),
            ).where(*where, Move.day < day).group_by(Move.item_id, Move.instance_id).having(func.sum(Move.copies) > 0)
        )
        order = (func.min(Move.id),)
    total = int(await session.scalar(select(func.count()).select_from(query.subquery())) or 0)
    rows = (await session.execute(query.order_by(*order).limit(limit).offset(offset))).all()
    books = {
        item.id: (item, title) for item, title in await session.execute(
            select(Item, Instance.title).join(Instance, Instance.id == Item.instance_id).where(Item.id.in_([r.item_id for r in rows]))
        )
    } if rows else {}
    return [(row, *books.get(row.item_id, (None, ""))) for row in rows], total


async def place_names(session: AsyncSession) -> dict[str, str]:
    """Places by code, in the reader's language."""
    return {code: pick(place.name, place.name_en) or code for code, place in (await locations(session)).items()}


async def around(work: Work, month: HoldingsMonth) -> dict[str, Any]:
    """The identity of the whole house, and by location."""
    (*totals,) = await lines(work.session, month.id, Grouping.all)
    cells = await lines(work.session, month.id, Grouping.cell)
    return {
        "month": month, "total": totals[0] if totals else None, "locations": await lines(work.session, month.id, Grouping.location),
        "columns": rules.COLUMNS, "places": await place_names(work.session), "differs": rules.differs,
        "balanced": rules.balanced([(line.copies, line.value) for line in cells]), "groupings": tuple(Grouping),
    }
