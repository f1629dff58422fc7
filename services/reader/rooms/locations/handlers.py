"""What resources tell of places."""

from __future__ import annotations

from services.reader.rooms.locations import commands
from shared.events.resources import EvaluationPublished, HoldingsReported, LocationSaved
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(LocationSaved, read_model=True)
async def know_place_on_location_saved(work: Work, event: LocationSaved) -> None:
    """Our screens show its name."""
    await commands.know(work, event)


@handlers.on(HoldingsReported, read_model=True)
async def keep_month_on_holdings_reported(work: Work, event: HoldingsReported) -> None:
    """Whoever answers for a room sees how its stock stands."""
    await commands.keep_month(work, event)


@handlers.on(EvaluationPublished, read_model=True)
async def keep_on_evaluation_published(work: Work, event: EvaluationPublished) -> None:
    """The evaluation is at hand where proposals are thought of."""
    await commands.keep_evaluation(work, event)
