"""What resource development tells of wishes and titles."""

from __future__ import annotations

from services.reader.discovery.suggestions import following
from shared.events.resources import (
    RecordSuppressed,
    RecordUnmerged,
    SuggestionChecked,
    SuggestionDecided,
    TitleProgressed,
)
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(SuggestionChecked)
async def mark_on_suggestion_checked(work: Work, event: SuggestionChecked) -> None:
    """The wish has a case."""
    await following.checked(work, event)


@handlers.on(SuggestionDecided)
async def answer_on_suggestion_decided(work: Work, event: SuggestionDecided) -> None:
    """The reader reads the answer."""
    await following.decided(work, event)


@handlers.on(TitleProgressed, read_model=True)
async def list_on_title_progressed(work: Work, event: TitleProgressed) -> None:
    """Whoever looks for it sees that it is coming."""
    await following.coming(work, event)


@handlers.on(TitleProgressed)
async def follow_on_title_progressed(work: Work, event: TitleProgressed) -> None:
    """A stage further for those who asked."""
    await following.progressed(work, event)


@handlers.on(RecordSuppressed)
async def follow_on_record_suppressed(work: Work, event: RecordSuppressed) -> None:
    """The title somebody asked for is part of another: the promised hold is placed there."""
    if event.merged_into:
        await following.merged(work, instance_id=event.instance_id)


@handlers.on(RecordUnmerged)
async def part_on_record_unmerged(work: Work, event: RecordUnmerged) -> None:
    """It is a title of its own again."""
    await following.parted_again(work, instance_id=event.instance_id, into=event.into)
