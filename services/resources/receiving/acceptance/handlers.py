"""What cataloguing and the desk tell of books that were bought."""

from __future__ import annotations

from uuid import UUID

from services.resources.receiving.acceptance import commands
from shared.events.reader import HandoverConfirmed, HandoverDisputed
from shared.events.resources import RecordAdded
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(RecordAdded)
async def shelve_on_record_added(work: Work, event: RecordAdded) -> None:
    """A record was released: copies that waited for it are items now."""
    await commands.follow_release(work, UUID(event.instance_id))


@handlers.on(HandoverConfirmed)
async def finish_on_handover_confirmed(work: Work, event: HandoverConfirmed) -> None:
    """The books stand where they are read."""
    await commands.follow_batch(work, event.number)


@handlers.on(HandoverDisputed)
async def finish_on_handover_disputed(work: Work, event: HandoverDisputed) -> None:
    """What was right stands there."""
    await commands.follow_batch(work, event.number)
