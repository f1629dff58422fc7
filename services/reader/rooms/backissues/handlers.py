"""What the workshop tells of bundles it was given."""

from __future__ import annotations

from services.reader.rooms.backissues import following
from shared.events.resources import BindingCompleted, BindingReceived, BindingSentBack
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(BindingReceived)
async def show_on_binding_received(work: Work, event: BindingReceived) -> None:
    """The workshop has it."""
    await following.counted(work, event)


@handlers.on(BindingSentBack)
async def announce_on_binding_sent_back(work: Work, event: BindingSentBack) -> None:
    """It comes back unbound; whoever receives it says so."""
    await following.sent_back(work, event)


@handlers.on(BindingCompleted)
async def know_volume_on_binding_completed(work: Work, event: BindingCompleted) -> None:
    """The volume has its barcode and call number."""
    await following.completed(work, event)
