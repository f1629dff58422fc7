"""Where copies stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.items.model import Item
from services.reader.discovery.catalogue.numbers import call_key
from services.reader.discovery.shelves.model import ShelfRange

MOST = 30


async def place_of(session: AsyncSession, location: str, call_number: str) -> ShelfRange | None:
    """The rack on which that call number stands, if somebody has written it down."""
    key = call_key(call_number)
    if not location or not key:
        return None
    found = await session.scalar(
        select(ShelfRange).where(ShelfRange.location == location, ShelfRange.low <= key)
        .order_by(ShelfRange.low.desc()).limit(1)
    )
    return found if found is not None and key < found.high else None


async def places_of(session: AsyncSession, items: Sequence[Item]) -> dict[Any, ShelfRange]:
    """Where these copies stand: item → place. Copies of one title nearly always stand together."""
    pairs = list(dict.fromkeys((item.location, item.call_number) for item in items))[:MOST]
    known = {pair: await place_of(session, *pair) for pair in pairs}
    return {
        item.id: place for item in items if (place := known.get((item.location, item.call_number))) is not None
    }


async def racks_beside(session: AsyncSession, place: ShelfRange) -> Sequence[int]:
    """The racks of the same hall."""
    return (await session.scalars(
        select(ShelfRange.rack).where(
            ShelfRange.location == place.location, ShelfRange.floor == place.floor, ShelfRange.hall == place.hall
        ).distinct()
    )).all()


async def overlapping(session: AsyncSession, of: ShelfRange) -> ShelfRange | None:
    """Another stretch at the location that shares a call number with this one."""
    with session.no_autoflush:
        return await session.scalar(
            select(ShelfRange).where(
                ShelfRange.location == of.location, ShelfRange.low < of.high, ShelfRange.high > of.low,
                ShelfRange.id != of.id,
            ).limit(1)
        )


async def locations(session: AsyncSession, typed: str) -> list[tuple[str, str]]:
    """The locations items stand at: (code, name)."""
    rows = await session.execute(
        select(Item.location, Item.location_name).where(Item.location != "").distinct().limit(300)
    )
    wanted = typed.strip().lower()
    return sorted((code, name) for code, name in rows if wanted in f"{code} {name}".lower())[:20]
