"""What the library's desk says about students who leave."""

from __future__ import annotations

from services.institute.graduates.affairs.following import hear
from shared.events.reader import ClearanceCancelled, ClearanceGranted, ClearanceRevoked
from shared.i18n import N_
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(ClearanceGranted)
async def clear_on_clearance_granted(work: Work, event: ClearanceGranted) -> None:
    """The library lets the student go."""
    await hear(work, student_case=event.student_case, action="clear", clearance=event.number)


@handlers.on(ClearanceRevoked)
async def wait_on_clearance_revoked(work: Work, event: ClearanceRevoked) -> None:
    """Something new is open."""
    await hear(work, student_case=event.student_case, action="revoke", clearance=event.number)


@handlers.on(ClearanceCancelled)
async def withdraw_on_clearance_cancelled(work: Work, event: ClearanceCancelled) -> None:
    """The desk knows that the student stays."""
    await hear(
        work, student_case=event.student_case, action="withdraw", clearance=event.number, note=N_("图书馆取消清理")
    )
