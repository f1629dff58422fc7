"""Questions about patrols."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.tech.support.patrols.model import Day, Point, Round, RoundState, Route, Stamp


async def routes(session: AsyncSession) -> Sequence[Route]:
    """Routes in use."""
    return (await session.scalars(select(Route).where(Route.active).order_by(Route.code))).all()


async def route_of(session: AsyncSession, route_id: UUID) -> Route:
    """The route of a round."""
    return (await session.scalars(select(Route).where(Route.id == route_id))).one()


async def points(session: AsyncSession, route_id: UUID) -> Sequence[Point]:
    """Points of a route in walking order."""
    query = select(Point).where(Point.route_id == route_id).order_by(Point.position)
    return (await session.scalars(query)).all()


async def stamps(session: AsyncSession, round_id: UUID) -> dict[UUID, Stamp]:
    """Stamps of a round by point."""
    rows = (await session.scalars(select(Stamp).where(Stamp.round_id == round_id))).all()
    return {row.point_id: row for row in rows}


async def round_by_number(session: AsyncSession, number: str) -> Round | None:
    """A round."""
    return (await session.scalars(select(Round).where(Round.no == number))).one_or_none()


async def open_round(session: AsyncSession, walker: str) -> Round | None:
    """The round the person walks now."""
    query = select(Round).where(Round.walker == walker, Round.state == RoundState.walking)
    return (await session.scalars(query)).one_or_none()


async def rounds(
    session: AsyncSession, *, walker: str = "", on: date | None = None, limit: int = 50, offset: int = 0
) -> tuple[Sequence[tuple[Round, Route]], int]:
    """A page of rounds with their routes, newest first, and how many there are."""
    query = select(Round, Route).join(Route, Route.id == Round.route_id)
    if walker:
        query = query.where(Round.walker == walker)
    if on:
        query = query.where(Round.on_day == on)
    total = await session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = await session.execute(query.order_by(Round.started_at.desc()).limit(limit).offset(offset))
    return [(r, route) for r, route in rows], total


async def days(
    session: AsyncSession, *, since: date, state: str = "", walker: str = "", limit: int = 60, offset: int = 0
) -> tuple[Sequence[Day], int]:
    """Days of all walkers since a date, newest first."""
    query = select(Day).where(Day.on_day >= since)
    if state:
        query = query.where(Day.state == state)
    if walker:
        query = query.where(Day.walker == walker)
    total = await session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = await session.scalars(query.order_by(Day.on_day.desc(), Day.walker).limit(limit).offset(offset))
    return rows.all(), total


async def photo(session: AsyncSession, number: str, point: str) -> str:
    """Digest of the picture taken at a point of a round; empty when there is none."""
    query = (
        select(Stamp.photo).join(Round, Round.id == Stamp.round_id).join(Point, Point.id == Stamp.point_id)
        .where(Round.no == number, Point.code == point)
    )
    return await session.scalar(query) or ""
