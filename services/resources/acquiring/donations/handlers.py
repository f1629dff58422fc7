"""What cataloguing tells of records begun for gifts."""

from __future__ import annotations

from uuid import UUID

from services.resources.acquiring.donations import commands
from services.resources.acquiring.donations.register import donations
from shared.events.resources import RecordAdded
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(RecordAdded)
async def make_on_record_added(work: Work, event: RecordAdded) -> None:
    """A record was released: copies that waited for it are items now."""
    for number in await commands.follow_release(work, UUID(event.instance_id)):
        await donations.move(work, number, "process")
