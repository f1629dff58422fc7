"""What readers' department counts."""

from __future__ import annotations

from services.resources.acquiring.ondemand import meeting
from shared.events.reader import OfferUsed
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(OfferUsed)
async def weigh_on_offer_used(work: Work, event: OfferUsed) -> None:
    """One reader more, or one less."""
    await meeting.used(work, event)
