"""Reads of the closed days; `closed_between` is a scalar subquery other statements embed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Date, ScalarSelect, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.calendar.model import ClosedDay


def closed_between(start: Any, end: Any) -> ScalarSelect[Any]:
    """The closed days of a span as one array, to be read in a statement that runs anyway."""
    return (
        select(func.array_agg(ClosedDay.day, type_=ARRAY(Date)))
        .where(ClosedDay.day >= start, ClosedDay.day <= end)
        .scalar_subquery()
    )


async def closed_days(session: AsyncSession, start: date, end: date) -> set[date]:
    """The closed days of a span."""
    found = await session.scalars(
        select(ClosedDay.day).where(ClosedDay.day >= start, ClosedDay.day <= end)
    )
    return set(found)


async def upcoming(session: AsyncSession, start: date, limit: int = 200) -> Sequence[ClosedDay]:
    """Closed days from `start` on, soonest first."""
    found = await session.scalars(
        select(ClosedDay).where(ClosedDay.day >= start).order_by(ClosedDay.day).limit(limit)
    )
    return found.all()
