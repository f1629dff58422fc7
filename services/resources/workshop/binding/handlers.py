"""What the reading rooms tell of their bundles."""

from __future__ import annotations

from services.resources.workshop.binding import following
from shared.events.reader import SerialBindingReturned, SerialBindingSent
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(SerialBindingSent)
async def await_set_on_serial_binding_sent(work: Work, event: SerialBindingSent) -> None:
    """A set to be counted in."""
    await following.opened(work, event)


@handlers.on(SerialBindingReturned)
async def confirm_on_serial_binding_returned(work: Work, event: SerialBindingReturned) -> None:
    """The rooms have it again."""
    await following.came_back(work, event)
