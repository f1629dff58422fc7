"""What resources teach the public catalogue; all of it can be rebuilt by replay."""

from __future__ import annotations

from services.reader.discovery.catalogue import commands
from shared.events.resources import (
    ItemCatalogued,
    ItemReadmitted,
    ItemWithdrawn,
    RecordAdded,
    RecordChanged,
    RecordSuppressed,
    RecordUnmerged,
)
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(RecordAdded, read_model=True)
async def learn_on_record_added(work: Work, event: RecordAdded) -> None:
    """Patrons find it from now on."""
    await commands.learn(work, event, new=True)


@handlers.on(RecordChanged, read_model=True)
async def learn_on_record_changed(work: Work, event: RecordChanged) -> None:
    """Patrons find the corrected description."""
    await commands.learn(work, event, new=False)


@handlers.on(RecordSuppressed, read_model=True)
async def hide_on_record_suppressed(work: Work, event: RecordSuppressed) -> None:
    """Patrons do not see it any more."""
    await commands.hide(work, instance_id=event.instance_id, merged_into=event.merged_into)


@handlers.on(RecordUnmerged, read_model=True)
async def part_on_record_unmerged(work: Work, event: RecordUnmerged) -> None:
    """Each shows with the copies it has."""
    await commands.part(work, instance_id=event.instance_id, into=event.into)


@handlers.on(ItemCatalogued, read_model=True)
async def bring_back_on_item_catalogued(work: Work, event: ItemCatalogued) -> None:
    """A title that had lost all its copies is there again."""
    await commands.bring_back(work, instance_id=event.instance_id)


@handlers.on(ItemReadmitted, read_model=True)
async def bring_back_on_item_readmitted(work: Work, event: ItemReadmitted) -> None:
    """A title whose copies had all been written off has one again."""
    await commands.bring_back(work, instance_id=event.instance_id)


@handlers.on(ItemWithdrawn, read_model=True)
async def drop_on_item_withdrawn(work: Work, event: ItemWithdrawn) -> None:
    """With its last copy a title leaves the catalogue."""
    await commands.note_withdrawal(work, instance_id=event.instance_id)
