"""What a step of a job does besides moving it; the register calls these at every door."""

from __future__ import annotations

from typing import Any

from services.resources.cataloguing.items.commands import hand_custody
from services.resources.collections.weeding.proposing import propose_irreparable
from services.resources.workshop.repair import rules
from services.resources.workshop.repair.model import Repair, RepairState
from shared.work import Work


async def prepare(work: Work, job: Repair, _form: Any) -> None:
    """Until when, in which order; then tell that the workshop has it on its list."""
    job.target_on = rules.target(work.today)
    job.queue = rules.place_in_queue(job.holds_waiting, work.now)
    work.emit(rules.opened(job), correlation=job.correlation)


async def start(work: Work, job: Repair, _form: Any) -> None:
    """Take the item to the bench; from now on it is ours."""
    await hand_custody(work, job.barcode, "resources")
    work.emit(rules.start(job, work.actor.id, work.now))


async def finish(work: Work, job: Repair, _form: Any) -> None:
    """Give the mended item back to the desk."""
    await hand_custody(work, job.barcode, "reader")
    work.emit(rules.finish(job, work.actor.id, work.now))


async def irreparable(work: Work, job: Repair, form: Any) -> None:
    """Give up and propose the item for weeding."""
    await hand_custody(work, job.barcode, "resources")
    work.emit(rules.give_up(job, form.note, work.now))
    await propose_irreparable(work, barcode=job.barcode, note=form.note, source=job.no)


async def close(work: Work, job: Repair, _form: Any) -> None:
    """The desk found it sound."""
    work.emit(rules.close(job, work.now))


async def reopen(work: Work, job: Repair, _form: Any) -> None:
    """The desk sent it back."""
    work.emit(rules.reopen(job, work.today))


async def cancel(work: Work, job: Repair, _form: Any) -> None:
    """The slip was withdrawn before we took the item."""
    work.emit(rules.cancel(job, work.now))


async def give_up(work: Work, job: Repair, _form: Any) -> None:
    """The desk gave the item up; somebody who still had the job on the list is freed of it."""
    before = RepairState(job.state)
    fact = rules.give_up(job, job.verdict, work.now)
    if before is not RepairState.re_inspection:  # there the desk's own fact says it all
        work.emit(fact)
