"""Records that follow an authority, batch by batch; and the way back as long as nothing happened since."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, text
from sqlalchemy.orm import undefer

from services.resources.cataloguing.authorities import indexing, keeping, queries, rules
from services.resources.cataloguing.authorities.model import (
    Authority,
    AuthorityChange,
    AuthorityChangeLine,
    AuthorityState,
    ChangeState,
    HeadingUse,
    LineState,
    What,
)
from services.resources.cataloguing.marc import headings
from services.resources.cataloguing.marc.record import Record
from services.resources.cataloguing.records import commands as bibliographic
from services.resources.cataloguing.records.model import Instance
from services.resources.cataloguing.records.rules import PROOFREADERS
from services.resources.cataloguing.versions import commands as versions
from services.resources.cataloguing.versions import queries as saved
from shared.database import uuid7
from shared.events.resources import AuthoritySaved, HeadingsFollowed
from shared.i18n import N_, _
from shared.refusals import Reason
from shared.states import step
from shared.work import Work

BATCH = 40
OPEN_CORRECTION = N_("有未校对的更正，请校对后再联接")
EDITED = N_("之后又有改动，保持现状")
GONE = N_("已并入另一条书目")
_NEXT = text("SELECT id FROM authority_change WHERE state IN ('running', 'undoing') ORDER BY asked_at, id LIMIT 1 FOR UPDATE SKIP LOCKED")


async def begin(
    work: Work, what: What, one: Authority | None, *, old: str = "", snapshot: dict[str, Any] | None = None, gone: Authority | None = None,
    reason: str = "", always: bool = False,
) -> AuthorityChange | None:
    """Name the records that are to follow; None when there is none (unless the change is kept `always`, to be undone)."""
    wanted = await _touched(work, what, one, snapshot or {})
    if not wanted and not always:
        return None
    change = AuthorityChange(
        id=uuid7(), no=await work.number(rules.CHANGES), what=what, authority_id=one.id if one else None, gone_id=gone.id if gone else None,
        old=old, new=one.heading if one else "", revision=one.revision if one else 0, gone_revision=gone.revision if gone else 0,
        snapshot=snapshot or {}, total=len(wanted), reason=rules.words(reason), asked_by=work.actor.id, asked_at=work.now,
    )
    work.session.add(change)
    await work.flush()
    if wanted:
        await work.session.execute(insert(AuthorityChangeLine), [{"change_id": change.id, "instance_id": key} for key in wanted])
    return change


async def expected(work: Work, one: Authority) -> int:
    """How many records are going to follow when it is verified."""
    return len(await _touched(work, What.heading, one, {}))


async def _touched(work: Work, what: What, one: Authority | None, asked: dict[str, Any]) -> list[UUID]:
    """Records linked to the authority, and records whose unlinked heading it is."""
    session = work.session
    if one is None:
        return list(await session.scalars(queries.EXACT, queries.ALL))
    own = HeadingUse.authority_id == one.id
    if what is What.link:
        key = (HeadingUse.kind == asked["kind"], HeadingUse.bare == asked["bare"], HeadingUse.marks == asked["marks"])
        query = select(HeadingUse.instance_id).where(*key, HeadingUse.authority_id.is_(None))
    elif what is What.heading and await indexing.link_on_save(session):
        # Only those that read like it and like no other one: the batch looks again at each.
        bare = headings.bare(one.kind, one.parts)
        free = (HeadingUse.authority_id.is_(None)) & (HeadingUse.kind == one.kind) & (HeadingUse.bare == bare)
        query = select(HeadingUse.instance_id).where(own | free)
    else:
        query = select(HeadingUse.instance_id).where(own)
    query = query.join(Instance, Instance.id == HeadingUse.instance_id).where(Instance.merged_into.is_(None)).distinct()
    return sorted(await session.scalars(query))


async def advance(work: Work, *, batch: int = BATCH) -> bool:
    """One batch of the change that waits longest; False when none does."""
    key = await work.session.scalar(_NEXT)
    if key is None:
        return False
    change = (await work.session.scalars(
        select(AuthorityChange).where(AuthorityChange.id == key).options(undefer(AuthorityChange.snapshot)).execution_options(populate_existing=True)
    )).one()
    back = change.state is ChangeState.undoing
    lines = (await work.session.scalars(
        select(AuthorityChangeLine).where(
            AuthorityChangeLine.change_id == change.id, AuthorityChangeLine.state.in_((LineState.done, LineState.same) if back else (LineState.waiting,))
        ).order_by(AuthorityChangeLine.instance_id).limit(batch)
    )).all()
    for line in lines:
        await (_take_back if back else _follow)(work, change, line)
    await work.flush()
    counted = await queries.line_counts(work.session, change)
    change.done, change.skipped = counted.get(LineState.done, 0) + counted.get(LineState.undone, 0), counted.get(LineState.skipped, 0)
    if len(lines) < batch:
        change.state = step(rules.CHANGE_LIFE, change.state, "finish")
        change.finished_at = work.now
        one = await work.session.get(Authority, change.authority_id) if change.authority_id else None
        work.emit(HeadingsFollowed(
            change=change.no, what_label=N_("撤销") if back else change.what.label, heading=change.new, records=change.done,
            skipped=change.skipped, authority=one.no if one else "",
        ))
    return True


async def _record(work: Work, line: AuthorityChangeLine) -> Instance | None:
    """The record of a line, locked, if it may be changed now; else the line says why not."""
    record = await work.lock(Instance, Instance.id == line.instance_id)
    if record.merged_into is not None:
        line.state, line.note = LineState.skipped, GONE
    elif await saved.open_of(work.session, record.id) is not None:
        line.state, line.note = LineState.skipped, OPEN_CORRECTION
    else:
        await work.session.refresh(record, ["fields"])
        return record
    return None


async def _follow(work: Work, change: AuthorityChange, line: AuthorityChangeLine) -> None:
    if (record := await _record(work, line)) is None:
        return
    marc = Record.from_json(record.fields)
    new = await brought(work, change, marc)
    if new == marc:
        line.state = LineState.same
        await bibliographic.rename(work, record, marc)
        return
    reason = change.reason or _(change.what.label)
    line.written = await versions.follow(work, record, new, reason=f"{reason}（{change.no}）", made_by=change.asked_by)
    line.state = LineState.done


async def brought(work: Work, change: AuthorityChange, marc: Record) -> Record:
    """The record with the headings the change is about in their established form."""
    found = indexing.headings_of(marc)
    numbers = await _ours(work, change)
    matches = await indexing.candidates(work.session, [(one.kind, one.bare, one.marks) for _n, one in found])
    fields, asked = list(marc.fields), change.snapshot
    one = await work.session.get(Authority, change.authority_id) if change.authority_id else None
    for (n, heading), may in zip(found, matches, strict=True):
        target: Any = None
        if heading.link:
            target = one if one is not None and heading.link in numbers and heading.kind == one.kind else None
        elif one is not None and change.what is What.link:
            target = one if (heading.kind, heading.bare, heading.marks) == (asked["kind"], asked["bare"], asked["marks"]) else None
        else:
            verdict = rules.judge(may)
            exact = verdict.match if verdict.what == "exact" and verdict.match is not None and verdict.match.state == "verified" else None
            target = exact if exact is not None and (one is None or exact.id == one.id) else None
        if target is not None:
            fields[n] = headings.established(fields[n], heading.kind, target.parts, target.no, marc.dialect)
    return marc.with_fields(fields)


async def _ours(work: Work, change: AuthorityChange) -> set[str]:
    """Numbers that stand for the authority of a change: its own, and of all that became part of it."""
    if change.authority_id is None:
        return set()
    query = select(Authority.no).where((Authority.id == change.authority_id) | (Authority.merged_into == change.authority_id))
    return set(await work.session.scalars(query))


async def _take_back(work: Work, change: AuthorityChange, line: AuthorityChangeLine) -> None:
    record = await work.lock(Instance, Instance.id == line.instance_id)
    if line.state is LineState.same:
        # Its words stayed; only the names it is found by return.
        await work.session.refresh(record, ["fields"])
        await bibliographic.rename(work, record, Record.from_json(record.fields))
        line.state = LineState.undone
        return
    if record.merged_into is not None or record.revision != line.written or await saved.open_of(work.session, record.id) is not None:
        line.state, line.note = LineState.skipped, EDITED
        return
    before = await saved.as_of(work.session, record, line.written - 1)
    said = _(N_("撤销 {change}"), change=change.no)
    line.written = await versions.follow(work, record, before, reason=said, made_by=change.undone_by)
    line.state = LineState.undone


async def newer(work: Work, change: AuthorityChange) -> list[Reason]:
    """What has happened since: nothing, if it may be undone."""
    found: list[Reason] = []
    for key, revision in ((change.authority_id, change.revision), (change.gone_id, change.gone_revision)):
        one = await work.session.get(Authority, key) if key else None
        if one is not None and change.what is not What.link and one.revision != revision:
            found.append(Reason("undo.authority", N_("{no}“{heading}”又有改动"), params={"no": one.no, "heading": one.heading}))
    rows = await work.session.scalars(
        select(Instance.number).join(AuthorityChangeLine, AuthorityChangeLine.instance_id == Instance.id).where(
            AuthorityChangeLine.change_id == change.id, AuthorityChangeLine.state == LineState.done,
            (Instance.revision != AuthorityChangeLine.written) | Instance.merged_into.is_not(None),
        ).order_by(Instance.number).limit(5)
    )
    found += [Reason("undo.record", N_("{number} 又有改动"), params={"number": number}) for number in rows]
    return found


async def undo(work: Work, no: str, *, reason: str) -> AuthorityChange:
    """The authorities say what they said; records follow back in batches."""
    work.actor.require(*PROOFREADERS)
    known = await queries.change_of(work.session, no)
    change = await work.lock(AuthorityChange, AuthorityChange.id == known.id)
    await work.session.refresh(change, ["snapshot"])
    after = step(rules.CHANGE_LIFE, change.state, "undo")
    for key in sorted(filter(None, (change.authority_id, change.gone_id))):
        await work.lock(Authority, Authority.id == key)
    if found := await newer(work, change):
        raise rules.UndoRefused(found)
    change.state, change.undone_by, change.undone_at = after, work.actor.id, work.now
    change.reason = rules.words(reason) or change.reason
    if change.what is not What.link and change.authority_id is not None:
        await _put_back(work, change, change.authority_id)
    return change


async def _put_back(work: Work, change: AuthorityChange, key: UUID) -> None:
    one = await work.get(Authority, key)
    one.revision += 1
    if not change.snapshot:  # it was verified for the first time: it is to be agreed on once more
        one.state, one.verified_by, one.verified_at = step(rules.LIFE, one.state, "edit"), "", None
        await keeping.write(work, one, await queries.told(work.session, one), act="edit", reason=change.no)
        work.emit(AuthoritySaved(number=one.no, kind=one.kind.value, heading=one.heading, reason=change.no))
        return
    await keeping.write(work, one, rules.Told.read(change.snapshot["told"]), act="undo", reason=change.no)
    if change.gone_id is None:
        return
    gone = await work.get(Authority, change.gone_id)
    gone.state, gone.merged_into = step(rules.LIFE, gone.state, "unmerge"), None
    gone.revision += 1
    if change.snapshot["state"] == AuthorityState.verified and gone.verified_by:
        gone.state = step(rules.LIFE, gone.state, "verify")  # it was agreed on before, and nothing of it changed
    else:
        work.emit(AuthoritySaved(number=gone.no, kind=gone.kind.value, heading=gone.heading, reason=change.no))
    await keeping.write(work, gone, rules.Told.read(change.snapshot["gone"]), act="undo", reason=change.no)
    # Records that kept the old number behind their headings are its own again.
    skipped = await work.session.scalars(
        select(Instance).join(AuthorityChangeLine, AuthorityChangeLine.instance_id == Instance.id)
        .where(AuthorityChangeLine.change_id == change.id, AuthorityChangeLine.state == LineState.skipped).options(undefer(Instance.fields))
    )
    if kept := {record.id: Record.from_json(record.fields) for record in skipped}:
        await indexing.index(work, kept)
