"""What resources decide to move."""

from __future__ import annotations

from services.reader.desk.transfers import following
from shared.events.resources import TransferPlanned
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(TransferPlanned)
async def list_on_transfer_planned(work: Work, event: TransferPlanned) -> None:
    """The desk finds approved lists in its work."""
    await following.take_up(work, event)
