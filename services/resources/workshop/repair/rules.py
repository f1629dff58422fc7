"""The law of the workshop: the life of a job, what comes first, until when it should be done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from services.resources.workshop.repair.model import Repair, RepairState
from shared.events.resources import (
    RepairCancelled,
    RepairClosed,
    RepairCompleted,
    RepairIrreparable,
    RepairOpened,
    RepairReopened,
    RepairStarted,
)
from shared.i18n import N_

S = RepairState
# The first line of a state is the usual way; the desk decides about what came back to it.
LIFE: Mapping[tuple[RepairState, str], RepairState] = {
    (S.waiting, "start"): S.in_work,
    (S.waiting, "irreparable"): S.irreparable,
    (S.waiting, "cancel"): S.cancelled,
    (S.waiting, "give_up"): S.irreparable,
    (S.in_work, "finish"): S.re_inspection,
    (S.in_work, "irreparable"): S.irreparable,
    (S.in_work, "give_up"): S.irreparable,
    (S.re_inspection, "close"): S.closed,
    (S.re_inspection, "reopen"): S.waiting,
    (S.re_inspection, "give_up"): S.irreparable,
}
WORKSHOP = ("RES-DIG",)
# Light damage is mended at the desk, heavy damage cannot be mended.
OUR_GRADE = "medium"
MAX_FAILS = 2
TARGET_DAYS = 10

# What the desk calls the damage; a kind we have not heard of keeps the desk's own word.
KINDS: Mapping[str, str] = {
    "spine": N_("书脊开裂"), "torn": N_("书页撕裂"), "missing_pages": N_("缺页"), "loose": N_("脱页散页"),
    "cover": N_("封面破损"), "water": N_("水渍"), "mould": N_("霉变"), "scribble": N_("涂画批注"),
    "label": N_("书标条码脱损"), "other": N_("其他"),
}
GRADES: Mapping[str, str] = {"light": N_("轻度"), "medium": N_("中度"), "heavy": N_("重度")}


def target(received: date, days: int = TARGET_DAYS) -> date:
    """The day by which the job should be done: working days, Monday to Friday."""
    day = received
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day


def place_in_queue(holds: int, received: datetime) -> str:
    """Sorts those with holds before those without, and the oldest first among equals."""
    return f"0 {999 - min(holds, 999):03d} {received:%Y%m%d%H%M%S}"


def _end(job: Repair, now: datetime) -> None:
    """What is done stands below what is to be done, the newest first."""
    job.ended_at = now
    job.queue = f"1 {99_999_999_999 - int(now.timestamp()):011d}"


def _common(job: Repair) -> dict[str, str]:
    return {
        "item_id": "", "barcode": job.barcode, "title": job.title, "call_number": job.call_number,
        "location": job.location, "number": job.no, "slip": job.slip,
    }


def opened(job: Repair) -> RepairOpened:
    """The job is on the list."""
    return RepairOpened(
        **_common(job), kind=job.kind, grade=job.grade, holds_waiting=job.holds_waiting, target_days=TARGET_DAYS
    )


def start(job: Repair, who: str, now: datetime) -> RepairStarted:
    """The item lies on the bench; without a diagnosis the finding stands for it."""
    job.diagnosis = job.diagnosis or job.verdict or job.damage or job.kind_label
    job.operator, job.started_at = who, now
    return RepairStarted(**_common(job), diagnosis=job.diagnosis, operator=who)


def finish(job: Repair, who: str, now: datetime) -> RepairCompleted:
    """Mended; the desk looks at it again."""
    job.operator, job.finished_at = who, now
    return RepairCompleted(**_common(job), note=job.note, minutes=job.minutes, round=job.round)


def give_up(job: Repair, note: str, now: datetime) -> RepairIrreparable:
    """Cannot be mended."""
    _end(job, now)
    return RepairIrreparable(**_common(job), note=note)


def close(job: Repair, now: datetime) -> RepairClosed:
    """The desk found it sound."""
    _end(job, now)
    return RepairClosed(**_common(job))


def reopen(job: Repair, today: date) -> RepairReopened:
    """The desk sent it back: another round, before everything else that is as urgent."""
    job.round, job.operator = job.round + 1, ""
    job.minutes_before, job.cost_before = job.minutes_before + job.minutes, job.cost_before + job.cost_cents
    job.minutes = job.cost_cents = 0
    job.finished_at = None
    job.target_on = target(today)
    return RepairReopened(**_common(job), round=job.round - 1, reason=job.verdict)


def cancel(job: Repair, now: datetime) -> RepairCancelled:
    """Nothing is to be done after all."""
    _end(job, now)
    return RepairCancelled(**_common(job))
