"""Setting kinds of day."""

from __future__ import annotations

from datetime import date, timedelta

from services.office.people.calendar.model import CalendarDay, DayKind
from services.office.people.calendar.queries import special_days
from services.office.people.calendar.rules import KEEPERS, check_span, usual_kind
from shared.work import Work


async def set_days(work: Work, *, first: date, last: date, kind: DayKind, note: str = "") -> int:
    """Make every date of the stretch that kind of day; back to the weekday's kind removes the entry."""
    work.actor.require(*KEEPERS)
    check_span(first, last)
    known = {day.on: day for day in await special_days(work.session, first, last)}
    span = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    for on in span:
        day = known.get(on)
        if kind == usual_kind(on) and not note:
            if day:
                await work.session.delete(day)
        elif day:
            day.kind, day.note, day.set_by = kind, note, work.actor.id
        else:
            work.session.add(CalendarDay(on=on, kind=kind, note=note, set_by=work.actor.id))
    await work.session.flush()
    return len(span)
