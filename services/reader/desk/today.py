"""Where a day of the library begins, for the figures of the day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from shared.settings import LOCAL


def midnight(day: date) -> datetime:
    """The first moment of a library day."""
    return datetime.combine(day, time(), LOCAL).astimezone(UTC)
