"""Kinds of the days in a stretch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.office.people.calendar.model import CalendarDay, DayKind


async def special_days(session: AsyncSession, first: date, last: date) -> Sequence[CalendarDay]:
    """The dates whose kind was set, oldest first."""
    query = select(CalendarDay).where(CalendarDay.on.between(first, last)).order_by(CalendarDay.on)
    return (await session.scalars(query)).all()


async def known_kinds(session: AsyncSession, first: date, last: date) -> dict[date, DayKind]:
    """Date → kind for the dates whose kind was set."""
    return {day.on: day.kind for day in await special_days(session, first, last)}
