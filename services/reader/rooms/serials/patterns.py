"""The pattern of a title: recurrence, omission, combination, numbering and label; and the issues that follow from it. Pure.

Issues are counted from the pattern's own first issue, so asking twice, or for a longer time, names every issue by the same
`slot` (its cover date, with a letter for a second one of the day).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any

from services.reader.rooms.serials.numbering import Facts, Kind, Restart, Style
from services.reader.rooms.serials.recurrence import (
    Frequency,
    Nth,
    Omission,
    Recurrence,
    kept,
)

# A preview looks this far for its issues: twelve of an annual, and a margin for what is left out.
FARTHEST = timedelta(days=366 * 14)


@dataclass(frozen=True, slots=True)
class Combination:
    """Issues that appear as one: months `(7, 8)` or `(12, 1)`, or numbers `(1, 2)` of the year or volume.

    `double`: the combined issue takes as many numbers as it replaces (第7-8期); otherwise it counts as one.
    """

    months: tuple[tuple[int, ...], ...] = ()
    numbers: tuple[tuple[int, ...], ...] = ()
    double: bool = True


@dataclass(frozen=True, slots=True)
class Extra:
    """A supplement that comes every year in a month, beside the numbers."""

    month: int
    caption: str = ""
    kind: Kind = Kind.supplement
    day: int = 1


@dataclass(frozen=True, slots=True)
class Numbering:
    """What the first issue of the pattern bears. `per_volume` 0: a volume is a year; None of a value: it is not printed."""

    number: int | None = 1
    restart: Restart = Restart.year
    volume: int | None = None
    per_volume: int = 0
    whole: int | None = None


@dataclass(frozen=True, slots=True)
class Pattern:
    """`first` is the cover date of the first issue; `lag` are days from cover date to the desk, negative for early ones."""

    recurrence: Recurrence
    first: date
    omission: Omission = field(default_factory=Omission)
    combination: Combination = field(default_factory=Combination)
    numbering: Numbering = field(default_factory=Numbering)
    style: Style = Style.year_number
    extras: tuple[Extra, ...] = ()
    lag: int = 0


@dataclass(frozen=True, slots=True)
class Predicted:
    """One issue to come."""

    slot: str
    facts: Facts


@dataclass(slots=True)
class _Counter:
    """Where the numbers stand; one `take` per issue."""

    rule: Numbering
    year: int
    number: int | None
    volume: int | None
    whole: int | None
    in_volume: int = 0

    def turn(self, year: int) -> None:
        """What begins anew with this issue's year, or because its volume is full."""
        new_year, self.year = year != self.year, year
        full = bool(self.rule.per_volume) and self.in_volume >= self.rule.per_volume
        new_volume = self.volume is not None and (full if self.rule.per_volume else new_year)
        if new_volume and self.volume is not None:
            self.volume, self.in_volume = self.volume + 1, 0
        begins = (self.rule.restart is Restart.year and new_year) or (self.rule.restart is Restart.volume and new_volume)
        if begins and self.number is not None:
            self.number = 1

    def take(self, width: int) -> tuple[int | None, int | None, int | None, int | None]:
        """(number, its end, whole number, its end) of an issue that stands for `width` of them."""
        number, whole = self.number, self.whole
        if number is not None:
            self.number = number + width
        if whole is not None:
            self.whole = whole + width
        self.in_volume += width
        more = width - 1
        return number, number + more if number is not None and more else None, whole, whole + more if whole is not None and more else None


def _counter(pattern: Pattern) -> _Counter:
    rule = pattern.numbering
    begun = (rule.number or 1) - 1
    return _Counter(
        rule, pattern.first.year, rule.number, rule.volume, rule.whole, begun % rule.per_volume if rule.per_volume else 0,
    )


def predict(pattern: Pattern, until: date, since: date | None = None) -> Iterator[Predicted]:
    """Every issue with a cover date up to `until`, in order; those before `since` are counted and not told."""
    seen: dict[date, int] = {}
    for facts in _in_order(pattern, until):
        turn = seen[facts.day] = seen.get(facts.day, -1) + 1
        if since is None or facts.day >= since:
            yield Predicted(facts.day.isoformat() + ("" if not turn else f"-{turn + 1}"), facts)


def _in_order(pattern: Pattern, until: date) -> Iterator[Facts]:
    extras = _extras(pattern, until)
    for facts in _issues(pattern, until):
        while extras and extras[0].day < facts.day:
            yield extras.pop(0)
        yield facts
    yield from extras


def _extras(pattern: Pattern, until: date) -> list[Facts]:
    found = [
        Facts(date(year, one.month, one.day), one.kind, caption=one.caption)
        for year in range(pattern.first.year, until.year + 1) for one in pattern.extras
    ]
    return sorted((f for f in found if pattern.first <= f.day <= until), key=lambda f: f.day)


def _issues(pattern: Pattern, until: date) -> Iterator[Facts]:
    count = _counter(pattern)
    by_month, by_number = pattern.combination.months, pattern.combination.numbers
    months_gone: list[int] = []
    gone = 0
    for day in kept(pattern.recurrence, pattern.omission, pattern.first, until):
        if gone:
            gone -= 1
            continue
        if months_gone and day.month == months_gone[0]:
            months_gone.pop(0)
            continue
        months_gone = []
        count.turn(day.year)
        group = next((g for g in by_month if g[0] == day.month), None)
        width, month_to = 1, None
        if group:
            months_gone, month_to = list(group[1:]), group[-1]
            width = len(group) if pattern.combination.double else 1
        elif (numbers := next((g for g in by_number if g[0] == count.number), None)) is not None:
            width, gone = len(numbers), len(numbers) - 1
        volume = count.volume
        number, number_to, whole, whole_to = count.take(width)
        yield Facts(
            day, Kind.combined if month_to or number_to else Kind.issue, month_to, volume, number, number_to, whole, whole_to,
        )


def preview(pattern: Pattern, count: int = 12, since: date | None = None) -> list[Predicted]:
    """The next issues, as a person checks a pattern before it is kept."""
    found: list[Predicted] = []
    for one in predict(pattern, max(pattern.first, since or pattern.first) + FARTHEST, since):
        found.append(one)
        if len(found) == count:
            break
    return found


def as_json(pattern: Pattern) -> dict[str, Any]:
    """The pattern as it is kept."""
    return {**asdict(pattern), "first": pattern.first.isoformat()}


def from_json(kept_: Mapping[str, Any]) -> Pattern:
    """The pattern that was kept."""
    rule, left_out, joined, numbers = (kept_[name] for name in ("recurrence", "omission", "combination", "numbering"))
    return Pattern(
        Recurrence(
            Frequency(rule["frequency"]), tuple(rule["weekdays"]), tuple(rule["days"]), tuple(rule["months"]),
        ),
        date.fromisoformat(kept_["first"]),
        Omission(tuple(left_out["months"]), tuple(left_out["spans"]), tuple(Nth(**one) for one in left_out["nth"])),
        Combination(
            tuple(tuple(g) for g in joined["months"]), tuple(tuple(g) for g in joined["numbers"]), joined["double"],
        ),
        Numbering(**{**numbers, "restart": Restart(numbers["restart"])}),
        Style(kept_["style"]),
        tuple(Extra(one["month"], one["caption"], Kind(one["kind"]), one["day"]) for one in kept_["extras"]),
        kept_["lag"],
    )
