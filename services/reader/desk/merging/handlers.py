"""What resource development tells of titles that become one; heard before any other room hears it."""

from __future__ import annotations

from services.reader.desk.merging import commands
from shared.events.resources import RecordSuppressed, RecordUnmerged
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(RecordSuppressed, read_model=True)
async def follow_on_record_suppressed(work: Work, event: RecordSuppressed) -> None:
    """Items, loans and losses of a merged record stand under the other."""
    await commands.follow(work, event)


@handlers.on(RecordUnmerged, read_model=True)
async def part_on_record_unmerged(work: Work, event: RecordUnmerged) -> None:
    """They go home when the merge is undone."""
    await commands.part(work, event)
