"""What is done with records."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, insert, text

from services.resources.cataloguing.authorities import indexing
from services.resources.cataloguing.marc.characters import clean
from services.resources.cataloguing.marc.checking import check, hard
from services.resources.cataloguing.marc.description import Projection
from services.resources.cataloguing.marc.projection import project
from services.resources.cataloguing.marc.record import Record
from services.resources.cataloguing.records import rules
from services.resources.cataloguing.records.model import Instance, InstanceKey, RecordState
from services.resources.cataloguing.records.queries import by_key
from services.resources.cataloguing.versions.model import RecordVersion
from services.resources.cataloguing.versions.queries import makers
from services.resources.cataloguing.versions.rules import must_be_another, must_be_fit
from shared.database import uuid7
from shared.events.resources import RecordChanged, RecordDiscarded, RecordSuppressed
from shared.work import Work

_RESERVE = text(
    "INSERT INTO number_sequence (kind, year, last) VALUES ('record', 0, :n) "
    "ON CONFLICT (kind, year) DO UPDATE SET last = number_sequence.last + :n RETURNING last"
)


async def reserve_numbers(work: Work, count: int) -> int:
    """The first of `count` running record numbers."""
    last = await work.session.scalar(_RESERVE, {"n": count})
    return int(last or 0) - count + 1


async def enter(work: Work, marc: Record, *, number: str) -> Instance:
    """A record of our own making, as a draft; what it said first is its original."""
    found, raw = project(marc), marc.to_iso2709()
    record = Instance(
        id=uuid7(), number=number, state=RecordState.draft, digest=rules.digest(raw), raw=raw,
        created_by=work.actor.id, created_at=work.now, **_told(marc, found, await indexing.also(work.session, marc)), updated_at=work.now,
    )
    work.session.add(record)
    await work.flush()
    await _find_by(work, record, found)
    await indexing.index(work, {record.id: marc}, new=True)
    return record


async def rewrite(work: Work, record: Instance, marc: Record) -> None:
    """A locked record says something else from now on. Its items are not touched, however many there are."""
    found = project(marc)
    for name, value in _told(marc, found, await indexing.also(work.session, marc)).items():
        setattr(record, name, value)
    record.updated_at = work.now
    await work.session.execute(delete(InstanceKey).where(InstanceKey.instance_id == record.id))
    await _find_by(work, record, found)
    await indexing.index(work, {record.id: marc})


def _told(marc: Record, found: Projection, also: list[str]) -> dict[str, Any]:
    """The columns that follow from what a record says."""
    title = rules.shown_title(found)
    return {
        "dialect": marc.dialect, "material": found.material, "title": title, "sort_title": rules.sort_title(title), "year": found.year,
        "language": found.language, "clc": next(iter(found.clc), ""), "call_number": found.call_number,
        "projection": rules.as_json(found), "fields": marc.to_json(),
        "search": rules.search_vector(found, found.call_number, also), "also": also,
    }


async def _find_by(work: Work, record: Instance, found: Projection) -> None:
    if pairs := [{"key": key, "instance_id": record.id} for key in rules.keys(found)]:
        await work.session.execute(insert(InstanceKey), pairs)


def changed(record: Instance, marc: Record) -> RecordChanged:
    """The fact others correct their copy of a record by."""
    fact = rules.added(str(record.id), record.number, project(marc), record.call_number, record.also)
    return RecordChanged(**fact.model_dump())


async def rename(work: Work, record: Instance, marc: Record) -> bool:
    """The words of a locked record stand, but other names lead to it now; whether that is so."""
    also = await indexing.also(work.session, marc)
    if also == record.also:
        return False
    record.also, record.search = also, rules.search_vector(project(marc), record.call_number, also)
    if record.state is RecordState.released:
        work.emit(changed(record, marc))
    return True


async def hide(work: Work, key: str, *, reason: str) -> Instance:
    """A person takes a record out of patrons' sight, and says why."""
    work.actor.require(*rules.PROOFREADERS)
    known = await by_key(work.session, key)
    record = await work.lock(Instance, Instance.id == known.id, what=known.number)
    if not (why := " ".join(clean(reason).split())[:200]):
        raise rules.NoReason
    await suppress(work, record, reason=why)
    return record


async def reveal(work: Work, key: str) -> Instance:
    """A person shows a hidden record again."""
    work.actor.require(*rules.PROOFREADERS)
    known = await by_key(work.session, key)
    record = await work.lock(Instance, Instance.id == known.id, what=known.number)
    if record.merged_into is None:
        await show_again(work, record)
    return record


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
    work.emit(rules.added(str(record.id), record.number, found, record.call_number, record.also))


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
    must_be_another(await makers(work.session, record), work.actor.id)
    await work.session.refresh(record, ["fields"])
    must_be_fit(hard(check(Record.from_json(record.fields))))
    record.proofread = record.revision
    await _show(work, record)
    return record


async def discard(work: Work, key: str) -> Instance:
    """A draft nobody wants goes away, so that the work can be taken anew; its number is not given again."""
    work.actor.require(*rules.PROOFREADERS)
    record = await _draft(work, key)
    await work.session.execute(delete(InstanceKey).where(InstanceKey.instance_id == record.id))
    await indexing.forget(work, record.id)
    await work.session.execute(delete(RecordVersion).where(RecordVersion.instance_id == record.id))
    await work.session.delete(record)
    work.emit(RecordDiscarded(instance_id=str(record.id), number=record.number, title=record.title))
    return record
