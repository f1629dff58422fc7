"""What the office answers to orders."""

from __future__ import annotations

from services.resources.acquiring.orders import commands
from shared.events.office import BudgetAllocated, BudgetRefused, BudgetReserved
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(BudgetReserved)
async def send_on_budget_reserved(work: Work, event: BudgetReserved) -> None:
    """The order leaves the house."""
    await commands.hold(work, event.reference, event.revision)


@handlers.on(BudgetRefused)
async def park_on_budget_refused(work: Work, event: BudgetRefused) -> None:
    """The order waits for funds."""
    await commands.park(work, event.reference, event.revision, event.reason)


@handlers.on(BudgetAllocated)
async def ask_again_on_budget_allocated(work: Work, event: BudgetAllocated) -> None:
    """More money: parked orders ask once more."""
    if event.open and event.available_cents > 0:
        await commands.ask_again(work, [event.budget])
