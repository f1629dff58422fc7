"""What the desk's facts do to jobs.

They may come late or twice: a job that is not where a fact expects it stays where it is.
"""

from __future__ import annotations

import structlog
from sqlalchemy import select

from services.resources.collections.weeding.proposing import propose_irreparable
from services.resources.workshop.repair import rules
from services.resources.workshop.repair.model import Repair, RepairState
from services.resources.workshop.repair.register import repairs
from shared.events.reader import (
    DamageWithdrawn,
    InspectionFailed,
    InspectionPassed,
    ItemDamaged,
    ItemIrreparable,
)
from shared.work import Work

log = structlog.get_logger()


async def _job_of(work: Work, slip: str) -> Repair | None:
    query = select(Repair).where(Repair.slip == slip).with_for_update()
    return (await work.session.scalars(query)).one_or_none()


async def open_for(work: Work, fact: ItemDamaged) -> None:
    """A job for a slip of our grade, once."""
    if fact.grade != rules.OUR_GRADE or await _job_of(work, fact.slip):
        return
    reporter = work.cause.actor if work.cause else work.actor.id
    await repairs.open(
        work, slip=fact.slip, barcode=fact.barcode, title=fact.title, call_number=fact.call_number,
        location=fact.location, kind=fact.kind, kind_label=fact.kind_label, grade=fact.grade,
        grade_label=fact.grade_label, damage=fact.note, photo=bool(fact.photo),
        holds_waiting=fact.holds_waiting, created_by=reporter,
    )


async def _follow(work: Work, slip: str, action: str, verdict: str) -> Repair | None:
    """Take the step on the slip's job when it is possible from where the job stands."""
    job = await _job_of(work, slip)
    if job is None:
        return None
    if (RepairState(job.state), action) not in rules.LIFE:
        log.info("job stays where it is", job=job.no, state=job.state, action=action)
        return job
    await repairs.move(work, job.no, action, verdict=verdict)
    return job


async def withdrawn(work: Work, fact: DamageWithdrawn) -> None:
    """Cancel a job not begun; one that is on the bench goes on, with a note."""
    job = await _follow(work, fact.slip, "cancel", fact.reason)
    if job is not None and job.state == RepairState.in_work:
        job.verdict = fact.reason


async def passed(work: Work, fact: InspectionPassed) -> None:
    """Close the job."""
    await _follow(work, fact.slip, "close", fact.note)


async def failed(work: Work, fact: InspectionFailed) -> None:
    """Mend it again; the second failure ends the job when the desk says so."""
    if fact.fails < rules.MAX_FAILS:
        await _follow(work, fact.slip, "reopen", fact.reason)


async def given_up(work: Work, fact: ItemIrreparable) -> None:
    """End the job, if there is one, and propose the item for weeding."""
    job = await _follow(work, fact.slip, "give_up", fact.reason)
    await propose_irreparable(
        work, barcode=fact.barcode, note=fact.reason, source=job.no if job else fact.slip
    )
