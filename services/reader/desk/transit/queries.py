"""Reads of journeys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.transit.model import Transit, TransitState
from services.reader.desk.transit.rules import UnknownTransit, days_late


async def open_transit_of(session: AsyncSession, item_id: UUID) -> Transit | None:
    """The journey the item is on."""
    return await session.scalar(
        select(Transit).where(Transit.item_id == item_id, Transit.state == TransitState.on_way)
        .with_for_update().execution_options(populate_existing=True)
    )


async def transit_by_number(session: AsyncSession, number: str) -> Transit:
    """The slip, or `UnknownTransit`."""
    found = await session.scalar(select(Transit).where(Transit.number == number))
    if found is None:
        raise UnknownTransit(number)
    return found


async def transits(
    session: AsyncSession, *, state: TransitState = TransitState.on_way, q: str = "", point: str = "",
    limit: int = 25, offset: int = 0,
) -> tuple[Sequence[Transit], int]:
    """Journeys, the longest overdue first (ended ones latest first), and how many there are."""
    where: list[Any] = [Transit.state == state]
    if q:
        where.append(or_(
            Transit.barcode == q.upper(), Transit.number == q.upper(), Transit.title.contains(q, autoescape=True)
        ))
    if point:
        where.append(or_(Transit.origin == point, Transit.to == point))
    order: tuple[Any, ...] = (Transit.due_on, Transit.sent_at)
    if state is not TransitState.on_way:
        order = (Transit.ended_at.desc(), Transit.id)
    total = await session.scalar(select(func.count()).select_from(Transit).where(*where))
    found = await session.scalars(select(Transit).where(*where).order_by(*order).limit(limit).offset(offset))
    return found.all(), int(total or 0)


async def counts(session: AsyncSession) -> dict[TransitState, int]:
    """How many journeys stand where."""
    rows = await session.execute(select(Transit.state, func.count()).group_by(Transit.state))
    return dict(rows.all())


async def late_count(session: AsyncSession, today: date) -> int:
    """How many are beyond the target."""
    return int(await session.scalar(
        select(func.count()).where(Transit.state == TransitState.on_way, Transit.due_on < today)
    ) or 0)


def transit_json(transit: Transit, today: date) -> dict[str, Any]:
    """A slip on the wire."""
    return {
        "number": transit.number, "barcode": transit.barcode, "title": transit.title,
        "origin": transit.origin, "to": transit.to, "why": transit.why.value, "why_label": transit.why.text,
        "state": transit.state.value, "state_label": transit.state.text, "sent_at": transit.sent_at,
        "due_on": transit.due_on, "days_late": max(days_late(transit, today), 0),
    }
