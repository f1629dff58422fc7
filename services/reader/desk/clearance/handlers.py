"""What the institute tells the desk about people who leave."""

from __future__ import annotations

from services.reader.desk.clearance import commands
from services.reader.desk.clearance.model import LeavingKind
from shared.events.institute import StudentLeaving, StudentStays
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(StudentLeaving)
async def open_clearance_on_student_leaving(work: Work, event: StudentLeaving) -> None:
    """Loans, holds and debts are looked at the same moment."""
    kind = LeavingKind(event.kind) if event.kind in set(LeavingKind) else LeavingKind.other
    await commands.open_case(
        work, card=event.card, leaving_on=event.leaving_on, kind=kind, student_case=event.number
    )


@handlers.on(StudentStays)
async def cancel_clearance_on_student_stays(work: Work, event: StudentStays) -> None:
    """The card stays open."""
    await commands.cancel_for(work, student_case=event.number)
