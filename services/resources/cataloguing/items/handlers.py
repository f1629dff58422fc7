"""What the desk tells about items."""

from __future__ import annotations

from services.resources.cataloguing.items import commands
from shared.events.reader import ItemBarcodeReplaced, ItemTransferred
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(ItemBarcodeReplaced)
async def rename_on_item_barcode_replaced(work: Work, event: ItemBarcodeReplaced) -> None:
    """The catalogue calls the item as its new label does."""
    await commands.follow_barcode(work, event)


@handlers.on(ItemTransferred)
async def relocate_on_item_transferred(work: Work, event: ItemTransferred) -> None:
    """The catalogue says where the item stands since it was received there."""
    await commands.follow_transfer(work, event)
