"""What is done with records."""

from __future__ import annotations

from sqlalchemy import text

from services.resources.cataloguing.marc.projection import project
from services.resources.cataloguing.marc.record import Record
from services.resources.cataloguing.records import rules
from services.resources.cataloguing.records.model import Instance, RecordState
from shared.events.resources import RecordSuppressed
from shared.work import Work

_RESERVE = text(
    "INSERT INTO number_sequence (kind, year, last) VALUES ('record', 0, :n) "
    "ON CONFLICT (kind, year) DO UPDATE SET last = number_sequence.last + :n RETURNING last"
)


async def reserve_numbers(work: Work, count: int) -> int:
    """The first of `count` running record numbers."""
    last = await work.session.scalar(_RESERVE, {"n": count})
    return int(last or 0) - count + 1


async def suppress(work: Work, record: Instance, *, reason: str) -> None:
    """Hide a record from patrons; it stays in the catalogue for staff."""
    if record.state is RecordState.released:
        record.state = RecordState.suppressed
        record.updated_at = work.now
        work.emit(RecordSuppressed(instance_id=str(record.id), title=record.title, reason=reason))


async def release(work: Work, record: Instance) -> None:
    """Show a hidden record again: one of its items is there after all."""
    if record.state is RecordState.suppressed:
        record.state = RecordState.released
        record.updated_at = work.now
        await work.session.refresh(record, ["fields"])
        work.emit(rules.added(
            str(record.id), record.number, project(Record.from_json(record.fields)), record.call_number
        ))
