"""Closing and opening days."""

from __future__ import annotations

from datetime import date

from sqlalchemy import delete, select

from services.reader.desk import HEAD
from services.reader.desk.calendar.model import ClosedDay
from services.reader.desk.calendar.rules import AlreadyClosed
from shared.work import Work


async def close(work: Work, *, day: date, reason: str, reason_en: str = "") -> ClosedDay:
    """The library is closed on this day; loans made from now on never fall due on it."""
    work.actor.require(*HEAD)
    if await work.session.scalar(select(ClosedDay.id).where(ClosedDay.day == day)):
        raise AlreadyClosed(day=day)
    closed = ClosedDay(day=day, reason=reason, reason_en=reason_en)
    work.session.add(closed)
    return closed


async def reopen(work: Work, *, day: date) -> None:
    """The library opens on this day after all."""
    work.actor.require(*HEAD)
    await work.session.execute(delete(ClosedDay).where(ClosedDay.day == day))
    work.note("delete", "closed_day", day.isoformat())
