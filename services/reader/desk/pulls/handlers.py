"""What resources tell of their batches."""

from __future__ import annotations

from services.reader.desk.pulls import commands
from shared.events.resources import WeedingKept, WeedingPullEnded, WeedingPullListed
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(WeedingPullListed)
async def take_up_on_pull_listed(work: Work, event: WeedingPullListed) -> None:
    """The shelf has a list to work."""
    await commands.take_up(work, event)


@handlers.on(WeedingPullEnded)
async def give_up_on_pull_ended(work: Work, event: WeedingPullEnded) -> None:
    """The shelf keeps what it has."""
    await commands.give_up(work, event)


@handlers.on(WeedingKept)
async def take_back_on_weeding_kept(work: Work, event: WeedingKept) -> None:
    """A pulled book comes back."""
    await commands.back(work, event.barcode)
