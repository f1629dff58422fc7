"""Captions and patterns of MARC holdings (853): read into a pattern of ours. Pure.

Reads the subfields that say when and how issues are numbered: $a $b captions, $u issues per volume, $v whether the number
restarts, $i $j $k dates, $w frequency, $y what is left out (o), combined (c) or published beside (p).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date

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
from shared.refusals import Refusal

F = Frequency
FREQUENCIES = {
    "d": F.daily, "w": F.weekly, "e": F.biweekly, "s": F.semimonthly, "j": F.ten_daily, "m": F.monthly, "b": F.bimonthly,
    "q": F.quarterly, "f": F.semiannual, "a": F.annual, "x": F.irregular,
}
WEEKDAYS = {code: n for n, code in enumerate(("mo", "tu", "we", "th", "fr", "sa", "su"))}


class Unread(Refusal):
    """The field says something we do not understand; nothing is guessed."""

    code = "serials.caption-unread"
    status = 422
    message = N_("读不懂 853 字段的这一部分：{part}")


def from_853(subfields: Sequence[tuple[str, str]], first: date) -> Pattern:
    """A pattern whose first issue has the cover date `first`, number 1 and, with volumes, volume 1."""
    one = {code: value for code, value in subfields if code != "y"}
    left_out: list[str] = [value for code, value in subfields if code == "y" and value.strip(",")]
    frequency = FREQUENCIES.get(one.get("w", "x"))
    if frequency is None:
        raise Unread(part=f"$w{one['w']}")
    weekdays: tuple[int, ...] = tuple(range(7)) if frequency is F.daily else ()
    months: tuple[int, ...] = ()
    nth: tuple[Nth, ...] = ()
    combined: tuple[tuple[int, ...], ...] = ()
    extras: tuple[Extra, ...] = ()
    for value in left_out:
        act, unit, rest = value[:1], value[1:2], [part for part in value[2:].split(",") if part]
        try:
            if act == "o" and unit == "d" and rest:
                weekdays = tuple(day for day in weekdays if day not in {WEEKDAYS[code] for code in rest})
            elif act == "o" and unit == "m":
                months += tuple(int(part) for part in rest)
            elif act == "o" and unit == "w":
                nth += tuple(_nth(part) for part in rest)
            elif act == "c" and unit == "m":
                combined += tuple(tuple(int(m) for m in part.split("/")) for part in rest)
            elif act == "p" and unit == "m" and frequency is F.annual:
                extras += tuple(Extra(int(part)) for part in rest)
            elif not (act == "o" and unit == "d"):
                raise Unread(part=f"$y{value}")
        except (KeyError, ValueError) as error:
            raise Unread(part=f"$y{value}") from error
    volumes, per = "v." in one.get("a", ""), one.get("u", "")
    numbered = volumes or one.get("a", "").lower().startswith("no")
    numbering = Numbering(
        number=1 if numbered else None, volume=1 if volumes else None, per_volume=int(per) if volumes and per.isdigit() else 0,
        restart=Restart.volume if volumes and one.get("v") == "r" else Restart.never,
    )
    rule = Recurrence(frequency, weekdays, (), tuple(e.month for e in extras))
    if extras:  # a supplement with a month of its own is the whole of the pattern
        return Pattern(rule, first, numbering=Numbering(number=None), style=Style.year_only)
    return Pattern(rule, first, Omission(months, (), nth), Combination(combined, (), double=False), numbering, _style(one, volumes))


def _style(one: dict[str, str], volumes: bool) -> Style:
    said = {value for code, value in one.items() if code in "abcijk"}
    if volumes:
        return Style.volume_number
    if "(day)" in said:
        return Style.day
    return Style.season if "(season)" in said else Style.month if "(month)" in said else Style.year_only


def _nth(part: str) -> Nth:
    """`0103mo` is January's third Monday, `9912` the last issue of December."""
    if len(part) == 6:
        return Nth(int(part[:2]), int(part[2:4]), WEEKDAYS[part[4:]])
    first, second = int(part[:2]), int(part[2:])
    number, month = (first, second) if first == LAST or first > 12 else (second, first)
    return Nth(month, number, ANY_WEEKDAY)



def subfields(text: str) -> list[tuple[str, str]]:
    """Subfields of a field as people paste it (`$a v. $b no.`, also with ‡ or |) or as a list of codes and values."""
    text = text.strip()
    if text.startswith("["):
        try:
            flat = [str(one) for one in json.loads(text)]
        except ValueError as error:
            raise Unread(part=text[:40]) from error
        # Evergreen writes the two indicators first.
        flat = flat[2:] if [one.isdigit() for one in flat[:2]] == [True, True] else flat
        return [(code, value) for code, value in zip(flat[::2], flat[1::2], strict=False) if code.isalpha()]
    found = re.findall(r"[$‡|]([a-z0-9])\s*([^$‡|]*)", text)
    if not found:
        raise Unread(part=text[:40])
    return [(code, value.strip()) for code, value in found]
