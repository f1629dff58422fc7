"""What is heard of colleagues."""

from __future__ import annotations

from services.reader.rooms.routing import commands
from shared.events.office import StaffLeft
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(StaffLeft)
async def pass_over_on_staff_left(work: Work, event: StaffLeft) -> None:
    """Nothing waits for who has left."""
    await commands.forget_colleague(work, event.staff_no)
