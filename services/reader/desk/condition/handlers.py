"""What the workshop and the weeding register tell the desk."""

from __future__ import annotations

from services.reader.desk.condition import following
from shared.events.resources import (
    ItemReadmitted,
    ItemWithdrawn,
    RepairCompleted,
    RepairIrreparable,
    RepairOpened,
    RepairStarted,
    WeedingKept,
)
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(RepairOpened)
async def note_job_on_repair_opened(work: Work, event: RepairOpened) -> None:
    """People at the desk can say which job it is."""
    await following.note_job(work, slip=event.slip, job=event.number)


@handlers.on(RepairStarted)
async def give_custody_on_repair_started(work: Work, event: RepairStarted) -> None:
    """The workshop has the item."""
    await following.taken(work, slip=event.slip, job=event.number)


@handlers.on(RepairCompleted)
async def open_inspection_on_repair_completed(work: Work, event: RepairCompleted) -> None:
    """The desk re-inspects."""
    await following.come_back(work, event)


@handlers.on(RepairIrreparable)
async def give_up_on_repair_irreparable(work: Work, event: RepairIrreparable) -> None:
    """Nobody at the desk waits for it any more."""
    await following.condemned(work, slip=event.slip, reason=event.note)


@handlers.on(WeedingKept)
async def look_again_on_weeding_kept(work: Work, event: WeedingKept) -> None:
    """The item stays and may be fit after all."""
    await following.kept(work, event)


@handlers.on(ItemReadmitted)
async def take_back_on_item_readmitted(work: Work, event: ItemReadmitted) -> None:
    """An original that turned up again is lent like any other."""
    await following.readmitted(work, event)


@handlers.on(ItemWithdrawn)
async def close_slip_on_item_withdrawn(work: Work, event: ItemWithdrawn) -> None:
    """Nothing is left to mend."""
    await following.weeded(work, barcode=event.barcode)
