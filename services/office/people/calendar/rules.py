"""What a date is, and what people work on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from services.office.people.calendar.model import DayKind
from shared.i18n import N_
from shared.refusals import Refusal

KEEPERS = ("OFF-ADM", "head-office", "director")
LONGEST_SPAN = 100


class SpanUnclear(Refusal):
    """The two dates do not make a stretch of days one would enter at once."""

    code = "span-unclear"
    status = 422
    message = N_("结束日期须不早于开始日期，且一次最多设置 {limit} 天")


def usual_kind(on: date) -> DayKind:
    """What the weekday says."""
    return DayKind.rest if on.isoweekday() >= 6 else DayKind.workday


def kind_of(on: date, known: Mapping[date, DayKind]) -> DayKind:
    """The kind that was set, else what the weekday says."""
    return known.get(on) or usual_kind(on)


def is_worked(kind: DayKind) -> bool:
    """Whether daily duties fall due: vacations are worked in shorter hours."""
    return kind in {DayKind.workday, DayKind.vacation}


def check_span(first: date, last: date) -> None:
    """Refuse a reversed or endless stretch."""
    if last < first or (last - first).days >= LONGEST_SPAN:
        raise SpanUnclear(limit=LONGEST_SPAN)
