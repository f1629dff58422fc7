"""Days as the library counts them: its evening is still the same day in UTC, its early morning is the day before."""

from datetime import UTC, date, datetime

from shared.settings import LOCAL


def local_day() -> date:
    """Today in the library's time zone, whatever the machine's is."""
    return datetime.now(UTC).astimezone(LOCAL).date()
