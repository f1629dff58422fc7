"""What readers ask for."""

from __future__ import annotations

from services.resources.acquiring.suggestions import commands
from shared.events.reader import DemandUnmet, SuggestionSubmitted, SuggestionWithdrawn
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(SuggestionSubmitted)
async def look_up_on_suggestion_submitted(work: Work, event: SuggestionSubmitted) -> None:
    """A title is proposed."""
    await commands.submit(work, event)


@handlers.on(SuggestionWithdrawn)
async def let_go_on_suggestion_withdrawn(work: Work, event: SuggestionWithdrawn) -> None:
    """A reader thought better of it."""
    await commands.withdraw(work, wish=event.number)


@handlers.on(DemandUnmet)
async def note_on_demand_unmet(work: Work, event: DemandUnmet) -> None:
    """Too many wait for too few copies."""
    await commands.demand(work, event)
