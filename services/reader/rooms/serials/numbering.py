"""What is printed on an issue: volume, number, running number, and how people write it in either language. Pure.

`volume` and `number` are 卷 and 期, `whole` is 总期号; `…_to` is the second of a combined issue (合刊).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from shared.i18n import N_, _, language
from shared.states import Choice


class Kind(Choice):
    """What came: an issue, several in one, or something beside the numbers."""

    issue = "issue", N_("正刊"), "secondary"
    combined = "combined", N_("合刊"), "info"
    supplement = "supplement", N_("增刊"), "primary"
    special = "special", N_("专刊、特刊"), "primary"
    contents = "index", N_("索引、目次"), "secondary"


class Restart(Choice):
    """When the number begins again at 1."""

    year = "year", N_("每年从第 1 期起"), "secondary"
    volume = "volume", N_("每卷从第 1 期起"), "secondary"
    never = "never", N_("连续编号"), "secondary"


class Style(Choice):
    """How the title writes its issues."""

    day = "day", N_("日期（报纸）"), "secondary"
    year_number = "year_number", N_("年 + 期"), "secondary"
    volume_number = "volume_number", N_("卷 + 期"), "secondary"
    whole_only = "whole_only", N_("总期号"), "secondary"
    season = "season", N_("年 + 季"), "secondary"
    month = "month", N_("年 + 月"), "secondary"
    year_only = "year_only", N_("年卷"), "secondary"


@dataclass(frozen=True, slots=True)
class Facts:
    """What an issue bears, with whatever of it is known; `day` is its cover date."""

    day: date
    kind: Kind = Kind.issue
    month_to: int | None = None
    volume: int | None = None
    number: int | None = None
    number_to: int | None = None
    whole: int | None = None
    whole_to: int | None = None
    caption: str = ""


SEASONS = (N_("春"), N_("夏"), N_("秋"), N_("冬"))
MONTHS = ("Jan.", "Feb.", "Mar.", "Apr.", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec.")


def _span(first: int | None, last: int | None) -> str:
    return f"{first}-{last}" if last and last != first else f"{first}"


def month(facts: Facts) -> str:
    """Month or months in the reader's language: 7–8月, July/Aug."""
    first, last = facts.day.month, facts.month_to
    if language() == "en":
        return MONTHS[first - 1] + (f"/{MONTHS[last - 1]}" if last else "")
    return _(N_("{months}月"), months=f"{first}–{last}" if last else str(first))


def label(facts: Facts, style: Style) -> str:
    """The issue as people call it, in the reader's language."""
    if facts.kind in (Kind.supplement, Kind.special, Kind.contents):
        return _beside(facts)
    year = facts.day.year
    number = _span(facts.number, facts.number_to)
    if style is Style.day:
        said = _(N_("{year}年{month}月{day}日"), year=year, month=facts.day.month, day=facts.day.day)
        if language() == "en":
            said = f"{facts.day.day} {MONTHS[facts.day.month - 1]} {year}"
    elif style is Style.volume_number and facts.volume is not None and facts.number is not None:
        said = _(N_("{year}年第{volume}卷第{number}期"), year=year, volume=facts.volume, number=number)
    elif style is Style.season:
        said = _(N_("{year}年{season}季号"), year=year, season=_(SEASONS[(facts.day.month - 1) // 3]))
    elif style is Style.month:
        said = f"{month(facts)} {year}" if language() == "en" else f"{year}年{month(facts)}"
    elif style is Style.year_only:
        said = _(N_("{year}年卷"), year=year)
    elif style is Style.whole_only and facts.whole is not None:
        return _(N_("总第{whole}期"), whole=_span(facts.whole, facts.whole_to)) + f" ({year})"
    elif facts.number is not None:
        said = _(N_("{year}年第{number}期"), year=year, number=number)
    else:
        said = f"{month(facts)} {year}" if language() == "en" else f"{year}年{month(facts)}"
    if facts.kind is Kind.combined:
        said += _(N_("合刊"))
    if facts.whole is not None:
        said += _(N_("（总第{whole}期）"), whole=_span(facts.whole, facts.whole_to))
    return said


def _beside(facts: Facts) -> str:
    """What stands beside the numbers: 2026年增刊（地学专辑）."""
    said = _(N_("{year}年{kind}"), year=facts.day.year, kind=facts.kind.text)
    if facts.number is not None:
        said += f" {facts.number}"
    return f"{said}（{facts.caption}）" if facts.caption and language() == "zh" else (f"{said} ({facts.caption})" if facts.caption else said)


def marc(facts: Facts) -> str:
    """The same in the notation of holdings statements: `v.12:no.7/8(2026:July/Aug.)`."""
    parts = []
    if facts.volume is not None:
        parts.append(f"v.{facts.volume}")
    if facts.number is not None:
        parts.append(f"no.{facts.number}" + (f"/{facts.number_to}" if facts.number_to else ""))
    when = f"{facts.day.year}:{MONTHS[facts.day.month - 1]}" + (f"/{MONTHS[facts.month_to - 1]}" if facts.month_to else "")
    return ":".join(parts) + f"({when})" if parts else when
