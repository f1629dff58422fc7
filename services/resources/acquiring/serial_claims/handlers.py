"""What the reading rooms tell of gaps."""

from __future__ import annotations

from services.resources.acquiring.serial_claims import register
from shared.events.reader import SerialGapClosed, SerialMissing
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(SerialMissing)
async def claim_on_serial_missing(work: Work, event: SerialMissing) -> None:
    """The supplier will be asked."""
    await register.follow_missing(work, event)


@handlers.on(SerialGapClosed)
async def close_on_serial_gap_closed(work: Work, event: SerialGapClosed) -> None:
    """Nobody need be asked any more."""
    await register.follow_closed(work, event)
