"""On which days a title appears: how often, on which days and months, and what is left out. Pure."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from shared.i18n import N_
from shared.states import Choice

ONE = timedelta(days=1)
# "The last one" of a month, as MARC writes it.
LAST = 99
ANY_WEEKDAY = -1


class Frequency(Choice):
    """How often; the tolerance and the usual days follow from it."""

    daily = "daily", N_("日报"), "info"
    weekly = "weekly", N_("周刊"), "info"
    biweekly = "biweekly", N_("双周刊"), "info"
    ten_daily = "ten_daily", N_("旬刊"), "info"
    semimonthly = "semimonthly", N_("半月刊"), "info"
    monthly = "monthly", N_("月刊"), "info"
    bimonthly = "bimonthly", N_("双月刊"), "info"
    quarterly = "quarterly", N_("季刊"), "info"
    semiannual = "semiannual", N_("半年刊"), "info"
    annual = "annual", N_("年刊"), "info"
    irregular = "irregular", N_("不定期"), "secondary"


F = Frequency
BY_WEEK = (F.weekly, F.biweekly)
STRIDE = {F.bimonthly: 2, F.quarterly: 3, F.semiannual: 6, F.annual: 12}


@dataclass(frozen=True, slots=True)
class Recurrence:
    """`weekdays` from 0, Monday; `days` of the month (beyond its end: its last); empty takes what is usual from the start."""

    frequency: Frequency
    weekdays: tuple[int, ...] = ()
    days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()

    def from_start(self, start: date) -> Recurrence:
        """With nothing left open: a weekly that starts on a Monday comes on Mondays."""
        weekdays, days, months = self.weekdays, self.days, self.months
        if self.frequency is F.daily:
            return Recurrence(F.daily, weekdays or tuple(range(7)), (), months)
        if self.frequency in BY_WEEK:
            return Recurrence(self.frequency, weekdays or (start.weekday(),), (), months)
        if not days:
            half = start.day if start.day <= 15 else start.day - 15
            days = {F.ten_daily: (5, 15, 25), F.semimonthly: (half, half + 15)}.get(self.frequency, (start.day,))
        if not months:
            stride = STRIDE.get(self.frequency, 1)
            months = tuple(sorted((start.month - 1 + stride * n) % 12 + 1 for n in range(12 // stride)))
        return Recurrence(self.frequency, (), days, months)


@dataclass(frozen=True, slots=True)
class Nth:
    """The `number`-th weekday of a month; any weekday means the number-th issue of the month. `LAST` is the last."""

    month: int
    number: int
    weekday: int = ANY_WEEKDAY


@dataclass(frozen=True, slots=True)
class Omission:
    """Months, days and spans without an issue. A span is `10-01/10-07` every year or with the year in one year."""

    months: tuple[int, ...] = ()
    spans: tuple[str, ...] = ()
    nth: tuple[Nth, ...] = ()


def occurrences(rule: Recurrence, start: date, until: date) -> Iterator[date]:
    """Every day from `start` to `until` on which the rule has an issue, in order."""
    if rule.frequency is F.irregular:
        return
    full = rule.from_start(start)
    if full.frequency is F.daily or full.frequency in BY_WEEK:
        yield from _by_week(full, start, until)
        return
    year, month = start.year, start.month
    while date(year, month, 1) <= until:
        if month in full.months:
            last = calendar.monthrange(year, month)[1]
            for day in sorted({min(one, last) for one in full.days}):
                if start <= (found := date(year, month, day)) <= until:
                    yield found
        year, month = year + month // 12, month % 12 + 1


def _by_week(full: Recurrence, start: date, until: date) -> Iterator[date]:
    monday = start - timedelta(days=start.weekday())
    step = 2 if full.frequency is F.biweekly else 1
    day = start
    while day <= until:
        week = (day - monday).days // 7
        if day.weekday() in full.weekdays and week % step == 0 and (not full.months or day.month in full.months):
            yield day
        day += ONE


def _within(day: date, span: str) -> bool:
    first, _, last = span.partition("/")
    last = last or first
    if len(first) == 10:
        return first <= day.isoformat() <= last
    here = f"{day:%m-%d}"
    return first <= here <= last if first <= last else here >= first or here <= last


def _nth_day(one: Nth, year: int) -> date | None:
    """The day an `Nth` with a weekday means in a year."""
    last = calendar.monthrange(year, one.month)[1]
    days = [d for n in range(1, last + 1) if (d := date(year, one.month, n)).weekday() == one.weekday]
    if one.number == LAST:
        return days[-1]
    return days[one.number - 1] if one.number <= len(days) else None


def kept(rule: Recurrence, omission: Omission, start: date, until: date) -> Iterator[date]:
    """The occurrences that are not left out."""
    loose = [one for one in omission.nth if one.weekday == ANY_WEEKDAY]
    fixed: dict[int, set[date | None]] = {}
    # Whether an issue is the last of its month is seen from the month's end, however early one stops reading.
    end = date(until.year, until.month, calendar.monthrange(until.year, until.month)[1]) if loose else until
    days = list(occurrences(rule, start, end))
    in_month: dict[tuple[int, int], list[date]] = {}
    for day in days:
        in_month.setdefault((day.year, day.month), []).append(day)
    for day in days:
        if day > until:
            return
        if day.month in omission.months or any(_within(day, span) for span in omission.spans):
            continue
        if day.year not in fixed:
            fixed[day.year] = {_nth_day(one, day.year) for one in omission.nth if one.weekday != ANY_WEEKDAY}
        if day in fixed[day.year] or any(_is_nth(day, one, in_month[day.year, day.month]) for one in loose):
            continue
        yield day


def _is_nth(day: date, one: Nth, siblings: list[date]) -> bool:
    if day.month != one.month:
        return False
    place = len(siblings) if one.number == LAST else one.number
    return place <= len(siblings) and siblings[place - 1] == day
