"""Telling the house who leaves, and who stays."""

from __future__ import annotations

from typing import Any

from services.institute.graduates.affairs.model import Leaving
from shared.events.institute import StudentLeaving, StudentStays
from shared.work import Work


async def announce(work: Work, leaving: Leaving, _form: Any) -> None:
    """Whoever lent anything answers before the day."""
    leaving.card = leaving.card.strip().upper()
    work.emit(
        StudentLeaving(number=leaving.no, card=leaving.card, kind=str(leaving.kind), leaving_on=leaving.leaving_on),
        correlation=leaving.correlation,
    )


async def stay(work: Work, leaving: Leaving, _form: Any) -> None:
    """The student stays after all; nobody need settle anything for our sake."""
    if work.actor.kind != "system":  # else it was the library that told us
        work.emit(StudentStays(number=leaving.no, card=leaving.card), correlation=leaving.correlation)
