"""What the desk tells of planned transfers."""

from __future__ import annotations

from services.resources.collections.transfers import following
from shared.events.reader import (
    ItemTransferred,
    TransferCancelled,
    TransferClosed,
    TransferPlanTakenUp,
    TransferSent,
)
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(TransferPlanTakenUp)
async def list_on_transfer_plan_taken_up(work: Work, event: TransferPlanTakenUp) -> None:
    """Each item is on a list of the desk, or stays."""
    await following.taken_up(work, event)


@handlers.on(TransferSent)
async def follow_on_transfer_sent(work: Work, event: TransferSent) -> None:
    """They are on their way."""
    await following.sent(work, event)


@handlers.on(ItemTransferred)
async def follow_on_item_transferred(work: Work, event: ItemTransferred) -> None:
    """One has arrived."""
    await following.received(work, event)


@handlers.on(TransferClosed)
async def follow_on_transfer_closed(work: Work, event: TransferClosed) -> None:
    """What did not come is missing."""
    await following.closed(work, event)


@handlers.on(TransferCancelled)
async def follow_on_transfer_cancelled(work: Work, event: TransferCancelled) -> None:
    """The list was given up."""
    await following.cancelled(work, event)
