"""What the catalogue teaches of discs."""

from __future__ import annotations

from services.reader.desk.discs import commands
from services.reader.desk.discs.model import KIND
from shared.events.resources import ItemCatalogued, RecordChanged
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(ItemCatalogued, read_model=True)
async def take_note_on_item_catalogued(work: Work, event: ItemCatalogued) -> None:
    """A disc beside books of the same record is theirs."""
    if event.kind == KIND:
        await commands.take_note(work, event)


@handlers.on(RecordChanged, read_model=True)
async def retitle_on_record_changed(work: Work, event: RecordChanged) -> None:
    """A disc is called after its book."""
    await commands.retitle(work, event)
