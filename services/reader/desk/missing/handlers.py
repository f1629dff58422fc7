"""What stock-takes tell."""

from __future__ import annotations

from services.reader.desk.missing import commands
from shared.events.resources import ItemsFound, ItemsMissing
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(ItemsMissing)
async def hide_on_items_missing(work: Work, event: ItemsMissing) -> None:
    """Readers no longer see them as available."""
    await commands.hide(work, event)


@handlers.on(ItemsFound)
async def show_on_items_found(work: Work, event: ItemsFound) -> None:
    """They can be had again."""
    await commands.show(work, event)
