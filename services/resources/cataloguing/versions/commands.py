"""Saving, taking back, releasing: the only ways a record's words change after its import."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update

from services.resources.cataloguing.authorities import indexing
from services.resources.cataloguing.items.rules import CATALOGUERS
from services.resources.cataloguing.marc.checking import check, hard
from services.resources.cataloguing.marc.projection import project
from services.resources.cataloguing.marc.record import Field, Record
from services.resources.cataloguing.records import commands as records
from services.resources.cataloguing.records.model import Instance, InstanceKey, RecordState
from services.resources.cataloguing.records.queries import IS_TODAY, TODAY, Today, by_key
from services.resources.cataloguing.records.rules import (
    PROOFREADERS,
    keys,
    same_work,
    shown_title,
    sure,
)
from services.resources.cataloguing.versions import queries, rules
from services.resources.cataloguing.versions.model import Origin, RecordVersion, VersionState
from shared.database import uuid7
from shared.events.resources import RecordDiscarded, RecordSaved
from shared.states import step
from shared.web.register import people
from shared.work import Work


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save led to."""

    record: Instance
    no: int
    pending: bool


async def lock(work: Work, key: str) -> Instance:
    """The record for a change, or why it cannot be changed any more."""
    known = await by_key(work.session, key)
    record = await work.lock(Instance, Instance.id == known.id, what=known.number)
    if record.merged_into is not None:
        raise rules.Merged(number=record.number)
    return record


async def create(
    work: Work, marc: Record, *, reason: str = "", anyway: bool = False, origin: Origin = Origin.new
) -> Saved:
    """A record of one's own making, as a draft."""
    work.actor.require(*CATALOGUERS)
    found = project(marc)
    if not anyway and (held := await _held(work, keys(found), shown_title(found))):
        raise rules.LooksHeld(record=held[0], title=held[1])
    number = f"B{await records.reserve_numbers(work, 1):07d}"
    marc = await indexing.linked(work, marc)
    marc = rules.stamped(marc.with_fields([
        Field("001", "", (), number), *(one for one in marc.fields if one.tag != "001")
    ]), work.now)
    record = await records.enter(work, marc, number=number)
    record.revision = 1
    _add(work, record, marc, 1, VersionState.live, origin, rules.reason_of(reason))
    work.emit(_saved(record, 1, reason, pending=True))
    return Saved(record, 1, pending=False)


async def save(
    work: Work, key: str, marc: Record, *, base: int, reason: str = "", origin: Origin = Origin.marc
) -> Saved:
    """One more version; `base` is the number of the version the cataloguer began from."""
    work.actor.require(*CATALOGUERS)
    record = await lock(work, key)
    if record.revision != base:
        last = next(iter(await queries.of_record(work.session, record.id, limit=1)), None)
        who = last.made_by if last else record.created_by
        names = await people.names(work, [who])
        raise rules.EditedMeanwhile(who=names.get(who, who), no=record.revision)
    if rules.same(await queries.working(work.session, record), marc):
        raise rules.NothingChanged
    return await write(work, record, await indexing.linked(work, marc), reason=rules.reason_of(reason), origin=origin)


async def write(work: Work, record: Instance, marc: Record, *, reason: str, origin: Origin) -> Saved:
    """Keep a version of a locked record; a draft changes at once, what patrons see waits for a second person."""
    await _first(work, record)
    marc = rules.stamped(marc, work.now)
    record.revision += 1
    pending = record.state is not RecordState.draft
    await _move(work, record, "rewrite" if pending else "supersede")
    if not pending:
        await records.rewrite(work, record, marc)
    _add(work, record, marc, record.revision, VersionState.pending if pending else VersionState.live, origin, reason)
    work.emit(_saved(record, record.revision, reason, pending=True))
    return Saved(record, record.revision, pending)


async def accept(work: Work, key: str, no: int | None = None) -> Instance:
    """A correction was read by a second person: patrons see it now. `no` is the version that was read."""
    work.actor.require(*PROOFREADERS)
    record = await lock(work, key)
    found = await queries.open_of(work.session, record.id)
    if found is None or found.state is not VersionState.pending or (no is not None and found.no != no):
        raise rules.NoOpenCorrection(number=record.number)
    rules.must_be_another(await queries.makers(work.session, record), work.actor.id)
    marc = Record.from_json(found.fields)
    rules.must_be_fit(hard(check(marc)))
    await _move(work, record, "supersede")
    found.state = step(rules.LIFE, found.state, "accept")
    found.checked_by, found.checked_at = work.actor.id, work.now
    record.proofread = found.no
    await records.rewrite(work, record, marc)
    if record.state is RecordState.released:
        work.emit(records.changed(record, marc))
    return record


async def give_back(work: Work, key: str) -> RecordVersion:
    """A correction was read and is not good yet; whoever goes on, goes on from it."""
    work.actor.require(*PROOFREADERS)
    record = await lock(work, key)
    found = await queries.open_of(work.session, record.id)
    if found is None or found.state is not VersionState.pending:
        raise rules.NoOpenCorrection(number=record.number)
    rules.must_be_another(await queries.makers(work.session, record), work.actor.id)
    found.state = step(rules.LIFE, found.state, "return")
    found.checked_by, found.checked_at = work.actor.id, work.now
    return found


async def drop(work: Work, key: str) -> Instance:
    """Nobody wants the correction: patrons go on seeing what they saw."""
    work.actor.require(*CATALOGUERS)
    record = await lock(work, key)
    found = await queries.open_of(work.session, record.id)
    if found is None:
        raise rules.NoOpenCorrection(number=record.number)
    await throw_away(work, record, found)
    return record


async def throw_away(work: Work, record: Instance, found: RecordVersion) -> None:
    """The open version of a locked record goes; what was thrown away is nobody's unread work."""
    found.state = step(rules.LIFE, found.state, "drop")
    found.checked_by, found.checked_at = work.actor.id, work.now
    record.proofread = max(record.proofread, found.no)
    work.emit(RecordDiscarded(instance_id=str(record.id), number=record.number, title=record.title))


async def adopt(work: Work, record: Instance, marc: Record, *, reason: str, origin: Origin, made_by: str) -> int:
    """A version that was agreed on elsewhere is live at once, of a locked record without an open one; its number."""
    await _first(work, record)
    marc = rules.stamped(marc, work.now)
    rules.must_be_fit(hard(check(marc)))
    record.revision += 1
    await _move(work, record, "supersede")
    checked = work.actor.id if work.actor.id != made_by else ""
    _add(work, record, marc, record.revision, VersionState.live, origin, rules.reason_of(reason), made_by=made_by, checked_by=checked)
    record.proofread = record.revision
    await records.rewrite(work, record, marc)
    if record.state is RecordState.released:
        work.emit(records.changed(record, marc))
    return record.revision


async def follow(
    work: Work, record: Instance, marc: Record, *, reason: str, made_by: str, origin: Origin = Origin.authority
) -> int:
    """A heading follows its authority, on which two people agreed, or a record gets its number in the union catalogue:
    live at once, of a locked record without an open version; the number of the version. What else the record lacks is not asked.
    """
    await _first(work, record)
    marc = rules.stamped(marc, work.now)
    record.revision += 1
    await _move(work, record, "supersede")
    _add(work, record, marc, record.revision, VersionState.live, origin, rules.reason_of(reason), made_by=made_by)
    if record.state is not RecordState.draft:
        record.proofread = record.revision
    before, names = record.projection, record.also
    await records.rewrite(work, record, marc)
    work.emit(_saved(record, record.revision, reason, pending=False))
    if record.state is RecordState.released and (before, names) != (record.projection, record.also):
        work.emit(records.changed(record, marc))
    return record.revision


async def restore(work: Work, key: str, no: int, *, base: int) -> Saved:
    """An older version's words as a new version, by the same gate as any other change."""
    work.actor.require(*CATALOGUERS)
    known = await by_key(work.session, key)
    old = await queries.version(work.session, known.id, no)
    marc = Record.from_json(old.fields)
    return await save(work, key, marc, base=base, reason=rules.said_of(no), origin=Origin.restored)


async def _first(work: Work, record: Instance) -> None:
    """An imported record has no version yet: what it said until now becomes its first."""
    if record.revision:
        return
    await work.session.refresh(record, ["fields"])
    record.revision = 1
    if record.state is not RecordState.draft:
        record.proofread = 1
    work.session.add(RecordVersion(
        id=uuid7(), instance_id=record.id, no=1, state=VersionState.live, origin=Origin.imported, title=record.title,
        fields=record.fields, made_by=record.created_by, made_at=record.created_at,
    ))
    await work.session.flush()


async def _move(work: Work, record: Instance, action: str) -> None:
    """Make room for the version that comes: the open one is rewritten, the live one superseded."""
    states = rules.OPEN if action == "rewrite" else (VersionState.live,)
    for state in states:
        await work.session.execute(
            update(RecordVersion).where(RecordVersion.instance_id == record.id, RecordVersion.state == state)
            .values(state=step(rules.LIFE, state, action))
        )


def _add(
    work: Work, record: Instance, marc: Record, no: int, state: VersionState, origin: Origin, reason: str, *,
    made_by: str = "", checked_by: str = "",
) -> None:
    work.session.add(RecordVersion(
        id=uuid7(), instance_id=record.id, no=no, state=state, origin=origin, title=shown_title(project(marc)),
        fields=marc.to_json(), reason=reason, made_by=made_by or work.actor.id, made_at=work.now,
        checked_by=checked_by, checked_at=work.now if checked_by else None,
    ))


def _saved(record: Instance, no: int, reason: str, *, pending: bool) -> RecordSaved:
    return RecordSaved(
        instance_id=str(record.id), number=record.number, title=record.title, revision=no,
        reason=rules.reason_of(reason), pending=pending,
    )


async def _held(work: Work, wanted: tuple[str, ...], title: str) -> tuple[str, str] | None:
    """Number and title of a record with the same match key and title; of one that was merged, those of the other."""
    rows = await work.session.execute(
        select(*TODAY, Instance.title).join(InstanceKey, InstanceKey.instance_id == Instance.id).outerjoin(Today, IS_TODAY)
        .where(InstanceKey.key.in_([key for key in sure(wanted) if not key.startswith("title:")])).limit(20)
    )
    return next(((number, now) for number, now, known in rows if same_work(title, known)), None)
