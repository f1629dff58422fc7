"""What places are called."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.rooms.locations.model import HoldingsReport, Place


async def place_of(session: AsyncSession, code: str) -> Place | None:
    """The place, when resources have told of it."""
    return await session.get(Place, code)


async def places(session: AsyncSession) -> dict[str, Place]:
    """All of them by code; a house has a few dozen."""
    return {place.code: place for place in await session.scalars(select(Place).order_by(Place.code))}


async def reports(session: AsyncSession, limit: int) -> Sequence[HoldingsReport]:
    """What resources handed in last."""
    query = select(HoldingsReport).order_by(HoldingsReport.told_on.desc(), HoldingsReport.number.desc())
    return (await session.scalars(query.limit(limit))).all()
