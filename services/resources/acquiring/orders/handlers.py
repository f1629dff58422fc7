"""What the office answers to orders."""

from __future__ import annotations

from services.resources.acquiring.orders import commands
from services.resources.acquiring.orders.register import orders
from shared.events.office import BudgetAllocated, BudgetRefused, BudgetReserved
from shared.messaging.handlers import Handlers
from shared.web.register import moves
from shared.work import Work

handlers = Handlers()


@handlers.on(BudgetReserved)
async def send_on_budget_reserved(work: Work, event: BudgetReserved) -> None:
    """The order leaves the house."""
    if order := await commands.hold(work, event.reference, event.revision):
        moves.tell(orders, work, order, "hold", orders.verbs["hold"].label, serves=())


@handlers.on(BudgetRefused)
async def park_on_budget_refused(work: Work, event: BudgetRefused) -> None:
    """The order waits for funds."""
    if order := await commands.park(work, event.reference, event.revision, event.reason):
        moves.tell(orders, work, order, "park", orders.verbs["park"].label, serves=(), note=event.reason)


@handlers.on(BudgetAllocated)
async def ask_again_on_budget_allocated(work: Work, event: BudgetAllocated) -> None:
    """More money: parked orders ask once more."""
    if event.open and event.available_cents > 0:
        await commands.ask_again(work, [event.budget])
