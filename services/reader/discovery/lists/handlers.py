"""What resources tell the lists."""

from __future__ import annotations

from services.reader.discovery.lists import commands
from shared.events.resources import RecordSuppressed, RecordUnmerged
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(RecordSuppressed)
async def follow_on_record_suppressed(work: Work, event: RecordSuppressed) -> None:
    """A merged record's place on a list is taken by the other."""
    if event.merged_into:
        await commands.follow_merge(work, instance_id=event.instance_id)


@handlers.on(RecordUnmerged)
async def part_on_record_unmerged(work: Work, event: RecordUnmerged) -> None:
    """Each work has its own place again."""
    await commands.part(work, instance_id=event.instance_id, into=event.into, title=event.title)
