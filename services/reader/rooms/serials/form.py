"""A pattern as a form: what is typed becomes a pattern, or a remark at the field; and back. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from services.reader.rooms.serials.numbering import Restart, Style
from services.reader.rooms.serials.patterns import Combination, Extra, Numbering, Pattern
from services.reader.rooms.serials.recurrence import (
    ANY_WEEKDAY,
    LAST,
    Frequency,
    Nth,
    Omission,
    Recurrence,
)
from shared.i18n import N_
from shared.refusals import Invalid

T = TypeVar("T")
MANY = ("weekdays", "months", "omit_months")
ONE = (
    "frequency", "first", "days", "number", "restart", "volume", "per_volume", "whole", "style", "lag", "spans", "nth",
    "joined_months", "joined_numbers", "extras",
)
SPAN = re.compile(r"(\d{4}-)?\d{2}-\d{2}(/(\d{4}-)?\d{2}-\d{2})?")
SEPARATORS = re.compile(r"[\s,，、;；]+")


class _Reader:
    """Reads field by field and gathers what is wrong."""

    def __init__(self, typed: Mapping[str, Any]) -> None:
        self.typed = typed
        self.errors: dict[str, str] = {}

    def read(self, name: str, as_: Callable[[str], T], otherwise: T, wrong: str) -> T:
        text = str(self.typed.get(name) or "").strip()
        if not text:
            return otherwise
        try:
            return as_(text)
        except (ValueError, KeyError, IndexError):
            self.errors[name] = wrong
            return otherwise

    def many(self, name: str, low: int, high: int) -> tuple[int, ...]:
        found = [str(one) for one in self.typed.get(name) or ()]
        return tuple(sorted({int(one) for one in found if one.isdigit() and low <= int(one) <= high}))


def _numbers(low: int, high: int) -> Callable[[str], tuple[int, ...]]:
    def read(text: str) -> tuple[int, ...]:
        found = tuple(sorted({int(part) for part in SEPARATORS.split(text) if part}))
        if not all(low <= one <= high for one in found):
            raise ValueError(text)
        return found

    return read


def _number(low: int, high: int) -> Callable[[str], int]:
    return lambda text: _numbers(low, high)(text)[0]


def _groups(high: int) -> Callable[[str], tuple[tuple[int, ...], ...]]:
    def read(text: str) -> tuple[tuple[int, ...], ...]:
        groups = tuple(tuple(int(one) for one in re.split(r"[/-]", part)) for part in SEPARATORS.split(text) if part)
        if any(len(group) < 2 or not all(1 <= one <= high for one in group) for group in groups):
            raise ValueError(text)
        return groups

    return read


def _span(part: str) -> str:
    if not SPAN.fullmatch(part):
        raise ValueError(part)
    for day in part.split("/"):
        date.fromisoformat(day if len(day) == 10 else f"2024-{day}")
    if len({len(day) for day in part.split("/")}) > 1:
        raise ValueError(part)
    return part


def _nth(part: str) -> Nth:
    month, number, weekday = (int(one) for one in part.split("/"))
    if not (1 <= month <= 12 and (1 <= number <= 31 or number == LAST) and 0 <= weekday <= 7):
        raise ValueError(part)
    return Nth(month, number, weekday - 1 if weekday else ANY_WEEKDAY)


def _extra(line: str) -> Extra:
    day, _, caption = line.partition(" ")
    month, _, on = day.partition("-")
    found = Extra(int(month), caption.strip(), day=int(on or 1))
    date(2023, found.month, found.day)
    return found


def _each(read: Callable[[str], T], split: Callable[[str], Sequence[str]] = SEPARATORS.split) -> Callable[[str], tuple[T, ...]]:
    return lambda text: tuple(read(part.strip()) for part in split(text) if part.strip())


def parse(typed: Mapping[str, Any]) -> Pattern:
    """The pattern that was typed, or `Invalid` with a remark at each field that is not right."""
    form = _Reader(typed)
    frequency = form.read("frequency", Frequency, Frequency.irregular, N_("请选择刊期"))
    first = form.read("first", date.fromisoformat, None, N_("请填写日期"))
    if not typed.get("frequency"):
        form.errors["frequency"] = N_("请选择刊期")
    if first is None:
        form.errors["first"] = N_("请填写首期的出版日期")
    integer = N_("请填写整数")
    numbering = Numbering(
        form.read("number", _number(1, 99_999), None, integer), form.read("restart", Restart, Restart.year, N_("请选择")),
        form.read("volume", _number(1, 9_999), None, integer), form.read("per_volume", _number(0, 400), 0, integer),
        form.read("whole", _number(1, 999_999), None, integer),
    )
    rule = Recurrence(
        frequency, form.many("weekdays", 0, 6), form.read("days", _numbers(1, 31), (), N_("日期为 1–31，用逗号隔开")), form.many("months", 1, 12),
    )
    omission = Omission(
        form.many("omit_months", 1, 12), form.read("spans", _each(_span), (), N_("写成 10-01/10-07 或 2027-02-05/2027-02-12")),
        form.read("nth", _each(_nth), (), N_("写成 月/第几个/周几，如 5/99/1 是五月最后一个周一")),
    )
    combination = Combination(
        form.read("joined_months", _groups(12), (), N_("写成 7/8，几组用逗号隔开")),
        form.read("joined_numbers", _groups(400), (), N_("写成 1/2，几组用逗号隔开")), bool(typed.get("double")),
    )
    extras: tuple[Extra, ...] = form.read("extras", _each(_extra, str.splitlines), (), N_("每行写“月 名称”，如 12 年度索引"))
    style = form.read("style", Style, Style.year_number, N_("请选择"))
    lag = form.read("lag", lambda text: _lag(int(text)), 0, N_("天数为 -90 到 180"))
    if style is Style.volume_number and numbering.volume is None and "volume" not in form.errors:
        form.errors["volume"] = N_("按卷期编号，请填写首期的卷号")
    if style is Style.whole_only and numbering.whole is None and "whole" not in form.errors:
        form.errors["whole"] = N_("按总期号编号，请填写首期的总期号")
    if form.errors or first is None:
        raise Invalid(form.errors)
    return Pattern(rule, first, omission, combination, numbering, style, extras, lag)


def _lag(days: int) -> int:
    if not -90 <= days <= 180:
        raise ValueError(days)
    return days


def fill(pattern: Pattern) -> dict[str, Any]:
    """The pattern as the form shows it."""
    rule, left_out, joined, numbers = pattern.recurrence, pattern.omission, pattern.combination, pattern.numbering
    return {
        "frequency": rule.frequency.value, "first": pattern.first.isoformat(), "weekdays": [str(n) for n in rule.weekdays],
        "days": ", ".join(map(str, rule.days)), "months": [str(n) for n in rule.months],
        "omit_months": [str(n) for n in left_out.months], "spans": "\n".join(left_out.spans),
        "nth": ", ".join(f"{n.month}/{n.number}/{n.weekday + 1}" for n in left_out.nth),
        "joined_months": ", ".join("/".join(map(str, g)) for g in joined.months),
        "joined_numbers": ", ".join("/".join(map(str, g)) for g in joined.numbers), "double": joined.double,
        "number": numbers.number or "", "restart": numbers.restart.value, "volume": numbers.volume or "",
        "per_volume": numbers.per_volume or "", "whole": numbers.whole or "", "style": pattern.style.value, "lag": pattern.lag,
        "extras": "\n".join(f"{e.month}-{e.day} {e.caption}".strip() if e.day != 1 else f"{e.month} {e.caption}".strip() for e in pattern.extras),
    }
