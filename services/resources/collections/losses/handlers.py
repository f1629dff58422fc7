"""What the desk tells about lost items."""

from __future__ import annotations

from services.resources.collections.losses import following
from shared.events.reader import ItemLost, ItemRecovered, ItemReplaced, OriginalFound
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(ItemLost)
async def mark_on_item_lost(work: Work, event: ItemLost) -> None:
    """The catalogue shows it as lost."""
    await following.lost(work, event)


@handlers.on(ItemRecovered)
async def return_on_item_recovered(work: Work, event: ItemRecovered) -> None:
    """It is stock again."""
    await following.recovered(work, event)


@handlers.on(ItemReplaced)
async def process_copy_on_item_replaced(work: Work, event: ItemReplaced) -> None:
    """A copy is to be compared and entered."""
    await following.replaced(work, event)


@handlers.on(OriginalFound)
async def decide_on_original_found(work: Work, event: OriginalFound) -> None:
    """Two copies are ours."""
    await following.original_found(work, event)
