"""What the workroom tells of its batches."""

from __future__ import annotations

from services.reader.desk.handover import commands
from shared.events.resources import ItemsHandedOver
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(ItemsHandedOver)
async def await_on_items_handed_over(work: Work, event: ItemsHandedOver) -> None:
    """The batch stands on the list of its point."""
    await commands.await_batch(work, event)
