"""What the desk tells the workshop."""

from __future__ import annotations

from services.resources.workshop.repair import following
from shared.events.reader import (
    DamageWithdrawn,
    InspectionFailed,
    InspectionPassed,
    ItemDamaged,
    ItemIrreparable,
)
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(ItemDamaged)
async def open_job_on_item_damaged(work: Work, event: ItemDamaged) -> None:
    """Damage of our grade becomes a job."""
    await following.open_for(work, event)


@handlers.on(DamageWithdrawn)
async def cancel_job_on_damage_withdrawn(work: Work, event: DamageWithdrawn) -> None:
    """The slip was a mistake."""
    await following.withdrawn(work, event)


@handlers.on(InspectionPassed)
async def close_job_on_inspection_passed(work: Work, event: InspectionPassed) -> None:
    """The repair holds."""
    await following.passed(work, event)


@handlers.on(InspectionFailed)
async def reopen_job_on_inspection_failed(work: Work, event: InspectionFailed) -> None:
    """The repair does not hold."""
    await following.failed(work, event)


@handlers.on(ItemIrreparable)
async def give_up_on_item_irreparable(work: Work, event: ItemIrreparable) -> None:
    """Nothing is left to mend; the weeding register takes over."""
    await following.given_up(work, event)
