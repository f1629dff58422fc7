"""What the desk tells of points and batches."""

from __future__ import annotations

from services.resources.cataloguing.handover import following
from shared.events.reader import (
    HandoverAwaited,
    HandoverConfirmed,
    HandoverDisputed,
    ServicePointSaved,
)
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(ServicePointSaved, read_model=True)
async def know_point_on_service_point_saved(work: Work, event: ServicePointSaved) -> None:
    """Batches can go there."""
    await following.know_point(work, event)


@handlers.on(HandoverAwaited)
async def learn_due_on_handover_awaited(work: Work, event: HandoverAwaited) -> None:
    """The point reckons by its own open days."""
    await following.learn_due(work, event)


@handlers.on(HandoverConfirmed)
async def release_on_handover_confirmed(work: Work, event: HandoverConfirmed) -> None:
    """The items are stock."""
    await following.confirmed(work, event)


@handlers.on(HandoverDisputed)
async def take_back_on_handover_disputed(work: Work, event: HandoverDisputed) -> None:
    """Differences come back to the workroom."""
    await following.disputed(work, event)
