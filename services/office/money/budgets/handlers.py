"""Orders that ask for money and give it back; each fact states the whole need, so late and double ones do no harm."""

from __future__ import annotations

from services.office.money.budgets import commands, queries
from services.office.money.budgets.model import Reservation, ReservationState
from services.office.money.budgets.register import RESERVATIONS
from shared.events.resources import OrderCancelled, OrderPlaced
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


async def _case(work: Work, event: OrderPlaced | OrderCancelled) -> Reservation | None:
    """The case, if this is news about it."""
    case = await queries.reservation_of(work.session, event.number)
    if case is None:
        case = await RESERVATIONS.open(
            work, no=event.number, source=event.link(), party=event.supplier, state=ReservationState.released, correlation=work.correlation,
        )
    if event.revision <= case.revision:
        return None
    case.revision = event.revision
    return case


@handlers.on(OrderPlaced)
async def reserve_on_order_placed(work: Work, event: OrderPlaced) -> None:
    """Hold the money, or say why not."""
    if case := await _case(work, event):
        await commands.reserve(work, case, event.sums)


@handlers.on(OrderCancelled)
async def release_on_order_cancelled(work: Work, event: OrderCancelled) -> None:
    """Money that is no longer needed is free at once."""
    if case := await _case(work, event):
        await commands.release(work, case, event.sums)
