"""Reads of service points. There are a dozen of them, so lists are whole."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.items.model import Item, Stock
from services.reader.rooms.locations.queries import places
from services.reader.rooms.service_points.model import PointKind, PointLocation, ServicePoint
from services.reader.rooms.service_points.rules import UnknownPoint
from shared.i18n import pick


async def points(session: AsyncSession, *, only_open: bool = False, ours: bool = False) -> Sequence[ServicePoint]:
    """All points, the main one first; `ours` leaves out those of other libraries."""
    query = select(ServicePoint).order_by(
        ServicePoint.main.desc(), ServicePoint.kind == PointKind.member, ServicePoint.code
    )
    if ours:
        query = query.where(ServicePoint.kind != PointKind.member)
    return (await session.scalars(query.where(ServicePoint.open) if only_open else query)).all()


async def names(session: AsyncSession) -> dict[str, str]:
    """Code → name in the reader's language."""
    return {point.code: point.text for point in await points(session)}


async def open_point(session: AsyncSession, code: str) -> ServicePoint:
    """The open point of this code, or `UnknownPoint`."""
    found = await point_by_code(session, code)
    if found is None or not found.open:
        raise UnknownPoint(code)
    return found


async def point_by_code(session: AsyncSession, code: str, *, lock: bool = False) -> ServicePoint | None:
    """The point of this code, open or not."""
    query = select(ServicePoint).where(ServicePoint.code == code)
    return await session.scalar(query.with_for_update() if lock else query)


async def point_here(session: AsyncSession, chosen: str) -> str:
    """The point a desk works at: the chosen one while it is open, else the main one, else none."""
    return await session.scalar(
        select(ServicePoint.code).where(ServicePoint.open, (ServicePoint.code == chosen) | ServicePoint.main)
        .order_by((ServicePoint.code == chosen).desc()).limit(1)
    ) or ""


async def home_of(session: AsyncSession, location: str) -> str:
    """The point that keeps the location; empty when none does."""
    return await session.scalar(
        select(PointLocation.point).where(PointLocation.location == location)
    ) or ""


async def homes(session: AsyncSession) -> dict[str, str]:
    """Location → point."""
    rows = await session.execute(select(PointLocation.location, PointLocation.point))
    return dict(rows.all())


async def locations(session: AsyncSession) -> list[tuple[str, str, int]]:
    """Every location that has items or that resources told of: (code, name, how many)."""
    rows = await session.execute(
        select(Item.location, func.max(Item.location_name), func.max(Item.location_name_en), func.count())
        .where(Item.stock != Stock.withdrawn, Item.location != "")
        .group_by(Item.location).order_by(Item.location)
    )
    known = await places(session)
    found = {code: (pick(zh, en) or code, n) for code, zh, en, n in rows}
    return [
        (code, known[code].text if code in known else found[code][0], found[code][1] if code in found else 0)
        for code in sorted({*known, *found})
    ]
