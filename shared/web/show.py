"""How values are written for people: money, days, spans of time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from shared.i18n import N_, _
from shared.settings import LOCAL


def money(fen: int | None) -> str:
    """123456 → `¥1,234.56`; nothing for None."""
    if fen is None:
        return "—"
    sign = "-" if fen < 0 else ""
    return f"{sign}¥{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def day(value: date | datetime | None) -> str:
    """`2026-11-22` in library time."""
    if value is None:
        return "—"
    return (value.astimezone(LOCAL) if isinstance(value, datetime) else value).strftime("%Y-%m-%d")


def moment(value: datetime | None) -> str:
    """`2026-11-22 14:05` in library time."""
    return "—" if value is None else value.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M")


def clock(value: datetime | None) -> str:
    """`14:05` in library time."""
    return "—" if value is None else value.astimezone(LOCAL).strftime("%H:%M")


def span(length: timedelta | float | None) -> str:
    """A length of time in its two largest units."""
    if length is None:
        return "—"
    seconds = int(length.total_seconds() if isinstance(length, timedelta) else length)
    if seconds < 60:
        return _(N_("{n} 秒"), n=max(seconds, 0))
    if seconds < 3600:
        return _(N_("{n} 分"), n=seconds // 60)
    if seconds < 86400:
        return _(N_("{h} 小时 {m} 分"), h=seconds // 3600, m=seconds % 3600 // 60)
    return _(N_("{d} 天 {h} 小时"), d=seconds // 86400, h=seconds % 86400 // 3600)


def ago(value: datetime | None, now: datetime | None = None) -> str:
    """`刚刚`, `5 分前`, or the moment itself when it is long ago."""
    if value is None:
        return "—"
    passed = (now or datetime.now(UTC)) - value
    if passed < timedelta(seconds=45):
        return _(N_("刚刚"))
    if passed < timedelta(days=2):
        return _(N_("{span}前"), span=span(passed))
    return moment(value)
