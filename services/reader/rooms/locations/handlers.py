"""What resources tell of places."""

from __future__ import annotations

from services.reader.rooms.locations import commands
from shared.events.resources import LocationSaved
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(LocationSaved, read_model=True)
async def know_place_on_location_saved(work: Work, event: LocationSaved) -> None:
    """Our screens show its name."""
    await commands.know(work, event)
