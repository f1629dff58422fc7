"""How long a link between person and title is kept."""

from __future__ import annotations

from datetime import date, timedelta

KEPT_DAYS = 180


def until(today: date) -> date:
    """Loans returned before this day are cut."""
    return today - timedelta(days=KEPT_DAYS)
