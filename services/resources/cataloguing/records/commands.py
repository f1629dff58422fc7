"""What is done with records."""

from __future__ import annotations

from sqlalchemy import delete, text

from services.resources.cataloguing.marc.projection import project
from services.resources.cataloguing.marc.record import Record
from services.resources.cataloguing.records import rules
from services.resources.cataloguing.records.model import Instance, InstanceKey, RecordState
from services.resources.cataloguing.records.queries import by_key
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


async def show_again(work: Work, record: Instance) -> None:
    """Show a hidden record again: one of its items is there after all."""
    if record.state is RecordState.suppressed:
        await _show(work, record)


async def _show(work: Work, record: Instance) -> None:
    await work.session.refresh(record, ["fields"])
    record.state, record.updated_at = RecordState.released, work.now
    found = project(Record.from_json(record.fields))
    work.emit(rules.added(str(record.id), record.number, found, record.call_number))


async def _draft(work: Work, key: str) -> Instance:
    known = await by_key(work.session, key)
    record = await work.lock(Instance, Instance.id == known.id, what=known.number)
    if record.state is not RecordState.draft:
        raise rules.NoDraft(number=record.number)
    return record


async def release(work: Work, key: str) -> Instance:
    """A draft was read by a second person: patrons see it, and everybody learns of it."""
    work.actor.require(*rules.PROOFREADERS)
    record = await _draft(work, key)
    rules.must_be_another(record.created_by, work.actor.id)
    await _show(work, record)
    return record


async def discard(work: Work, key: str) -> Instance:
    """A draft nobody wants goes away, so that the work can be taken anew; its number is not given again."""
    work.actor.require(*rules.PROOFREADERS)
    record = await _draft(work, key)
    await work.session.execute(delete(InstanceKey).where(InstanceKey.instance_id == record.id))
    await work.session.delete(record)
    return record
