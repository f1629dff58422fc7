"""What happens elsewhere and ends or frees a hold."""

from __future__ import annotations

from services.reader.desk.holds import commands
from shared.events.resources import ItemWithdrawn
from shared.i18n import N_
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(ItemWithdrawn)
async def cancel_on_last_item_withdrawn(work: Work, event: ItemWithdrawn) -> None:
    """Nobody waits for a book the library no longer has."""
    if event.items_left == 0:
        await commands.cancel_title(
            work, instance_id=event.instance_id, reason=N_("馆藏已剔除，无其他复本")
        )
