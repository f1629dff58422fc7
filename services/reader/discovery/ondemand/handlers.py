"""What resource development tells of titles on offer."""

from __future__ import annotations

from services.reader.discovery.ondemand import commands, using
from services.reader.discovery.ondemand.model import OfferState
from shared.events.resources import DemandMet, OffersClosed, TitlesOffered
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(TitlesOffered)
async def show_on_titles_offered(work: Work, event: TitlesOffered) -> None:
    """Readers find them."""
    await commands.learn(work, event)


@handlers.on(DemandMet)
async def forget_on_demand_met(work: Work, event: DemandMet) -> None:
    """Used often enough: who used it is nobody's business any more."""
    await using.forget(work, [event.offer], OfferState.met)


@handlers.on(OffersClosed)
async def forget_on_offers_closed(work: Work, event: OffersClosed) -> None:
    """No longer on offer."""
    await using.forget(work, event.offers, OfferState.closed, event.outcome_label)
