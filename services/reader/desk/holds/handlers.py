"""What happens elsewhere and ends or frees a hold."""

from __future__ import annotations

from services.reader.desk.holds import following
from shared.events.resources import ItemWithdrawn, RecordSuppressed, RecordUnmerged
from shared.i18n import N_
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(ItemWithdrawn)
async def cancel_on_last_item_withdrawn(work: Work, event: ItemWithdrawn) -> None:
    """Nobody waits for a book the library no longer has."""
    if event.items_left == 0:
        await following.cancel_title(
            work, instance_id=event.instance_id, reason=N_("馆藏已剔除，无其他复本")
        )


@handlers.on(RecordSuppressed)
async def join_queues_on_record_suppressed(work: Work, event: RecordSuppressed) -> None:
    """Whoever waits for a merged title waits for the other, in the order in which all asked."""
    if event.merged_into:
        await following.merge(work, this=event.instance_id, title=event.into_title)


@handlers.on(RecordUnmerged)
async def part_queues_on_record_unmerged(work: Work, event: RecordUnmerged) -> None:
    """Their own queue again."""
    await following.part(work, this=event.instance_id, into=event.into, title=event.title)
