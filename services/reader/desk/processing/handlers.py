"""What makes a label wrong."""

from __future__ import annotations

from services.reader.desk.items.queries import find_item
from services.reader.desk.processing.commands import ask_label
from services.reader.desk.processing.model import Cause
from shared.events.resources import ItemRelocated
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(ItemRelocated)
async def queue_label_on_item_relocated(work: Work, event: ItemRelocated) -> None:
    """Another call number or place is printed; heard before the item itself follows."""
    item = await find_item(work.session, event.barcode)
    if item is not None and (item.call_number, item.location) != (event.call_number, event.location):
        await ask_label(work, item, Cause.moved)
