"""Reading, deciding, sampling."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import distinct_on

from services.resources.cataloguing.marc.characters import clean
from services.resources.cataloguing.proofing import queries, rules
from services.resources.cataloguing.proofing.model import Kind, Outcome, Proof, SampleLine
from services.resources.cataloguing.records import commands as records
from services.resources.cataloguing.records.model import Instance, RecordState
from services.resources.cataloguing.records.queries import by_key
from services.resources.cataloguing.versions import commands as versions
from services.resources.cataloguing.versions.model import Origin, RecordVersion
from services.resources.cataloguing.versions.queries import makers, open_of
from services.resources.cataloguing.versions.rules import NoOpenCorrection
from shared.database import uuid7
from shared.events.resources import RecordProofread
from shared.work import Work


async def passed(
    work: Work, key: str, *, defects: Iterable[Mapping[str, Any]] = (), note: str = "", version: int | None = None
) -> Proof:
    """Good enough for patrons. Defects may be noted all the same: they were mended, or are small."""
    work.actor.require(*rules.PROOFREADERS)
    rules.must_be_trusted(await queries.last_proofs(work.session, work.actor.id))
    known = await by_key(work.session, key)
    cataloguer = await _cataloguer(work, known)
    if known.state is RecordState.draft or await open_of(work.session, known.id) is None:
        if version is not None and version != known.revision:
            raise NoOpenCorrection(number=known.number)
        record, kind = await records.release(work, key), Kind.release
    else:
        record, kind = await versions.accept(work, key, version), Kind.correction
    return await _note(work, record, kind, Outcome.passed, cataloguer, record.proofread, defects, note)


async def returned(
    work: Work, key: str, *, defects: Iterable[Mapping[str, Any]] = (), note: str = ""
) -> Proof:
    """Back to the cataloguer with what is wrong."""
    work.actor.require(*rules.PROOFREADERS)
    defects = list(defects)
    if not defects and not note.strip():
        raise rules.ReturnNeedsDefect
    known = await by_key(work.session, key)
    cataloguer = await _cataloguer(work, known)
    if known.state is RecordState.draft:
        record = await work.lock(Instance, Instance.id == known.id, what=known.number)
        if record.state is not RecordState.draft:
            raise rules.NothingToRead(number=record.number)
        for maker in await makers(work.session, record):
            rules.must_be_another(maker, work.actor.id)
        return await _note(work, record, Kind.release, Outcome.returned, cataloguer, record.revision, defects, note)
    version = await versions.give_back(work, key)
    return await _note(work, known, Kind.correction, Outcome.returned, cataloguer, version.no, defects, note)


async def draw(work: Work, month: date) -> int:
    """Draw the month's sample: of each cataloguer's new and corrected records up to twenty, by chance but always the same.

    A second draw adds what came since and takes nothing away; how many were added.
    """
    work.actor.require(*rules.PROOFREADERS)
    if month > work.today:
        raise rules.FutureMonth(month=f"{month:%Y-%m}")
    begins, ends = queries.bounds(month)
    turn = func.row_number().over(
        partition_by=RecordVersion.made_by,
        order_by=(func.md5(Instance.number + f"{month:%Y%m}"), Instance.number),
    ).label("turn")
    latest = (
        select(RecordVersion.instance_id, RecordVersion.made_by, RecordVersion.no)
        .where(
            RecordVersion.made_at >= begins, RecordVersion.made_at < ends, RecordVersion.origin != Origin.imported,
            RecordVersion.checked_at.is_not(None) | (RecordVersion.no <= Instance.proofread),
        )
        .join(Instance, Instance.id == RecordVersion.instance_id)
        .ext(distinct_on(RecordVersion.instance_id)).order_by(RecordVersion.instance_id, RecordVersion.no.desc()).subquery()
    )
    chosen = (
        select(Instance.id, Instance.number, Instance.title, latest.c.made_by, latest.c.no, turn)
        .join(latest, latest.c.instance_id == Instance.id).join(
            RecordVersion, (RecordVersion.instance_id == latest.c.instance_id) & (RecordVersion.no == latest.c.no)
        ).where(Instance.state == RecordState.released).subquery()
    )
    known = {line.instance_id for line, _proof in await queries.sample(work.session, month)}
    rows = await work.session.execute(select(chosen).where(chosen.c.turn <= rules.SAMPLE_SIZE))
    fresh = [
        {"id": uuid7(), "month": month, "instance_id": row.id, "number": row.number, "title": row.title,
         "cataloguer": row.made_by, "version": row.no}
        for row in rows if row.id not in known
    ]
    if fresh:
        await work.session.execute(insert(SampleLine), fresh)
    return len(fresh)


async def read_sample(
    work: Work, month: date, number: str, *, defects: Iterable[Mapping[str, Any]] = (), note: str = ""
) -> Proof:
    """One line of the sample was read; the record itself is corrected in the editor if it must be."""
    work.actor.require(*rules.PROOFREADERS)
    line = await work.lock(SampleLine, SampleLine.month == month, SampleLine.number == number, what=number)
    rules.must_be_another(line.cataloguer, work.actor.id)
    if line.proof_id is not None:
        raise rules.AlreadyRead(number=number)
    record = await by_key(work.session, number)
    proof = await _note(work, record, Kind.sample, Outcome.passed, line.cataloguer, line.version, defects, note)
    await work.flush()
    line.proof_id = proof.id
    return proof


async def named(work: Work, form: Iterable[tuple[str, str, str]]) -> list[dict[str, Any]]:
    """What a proofreader ticked, (code, tag, note), as it is kept; unknown codes are left out."""
    known = {one.no: one for one in await queries.codes(work.session)}
    return [
        {"code": code, "name": known[code].name, "name_en": known[code].name_en, "weight": known[code].weight,
         "tag": clean(tag).strip()[:3], "note": " ".join(clean(note).split())[:200]}
        for code, tag, note in form if code in known
    ]


async def _cataloguer(work: Work, record: Instance) -> str:
    """Whose work is read: who wrote the last version."""
    found = await open_of(work.session, record.id)
    if found is not None:
        return found.made_by
    query = select(RecordVersion.made_by).where(
        RecordVersion.instance_id == record.id, RecordVersion.no == record.revision
    )
    return await work.session.scalar(query) or record.created_by


async def _note(
    work: Work, record: Instance, kind: Kind, outcome: Outcome, cataloguer: str, version: int,
    defects: Iterable[Mapping[str, Any]], note: str,
) -> Proof:
    defects = [dict(one) for one in defects]
    proof = Proof(
        id=uuid7(), instance_id=record.id, number=record.number, title=record.title, version=version, kind=kind,
        outcome=outcome, cataloguer=cataloguer, proofreader=work.actor.id, defects=defects,
        penalty=rules.penalty(defects), note=" ".join(clean(note).split())[: rules.LONGEST_NOTE], at=work.now,
    )
    work.session.add(proof)
    work.emit(RecordProofread(
        instance_id=str(record.id), number=record.number, title=record.title, revision=version, cataloguer=cataloguer,
        passed=outcome is Outcome.passed, outcome_label=outcome.label, defects=tuple(one["code"] for one in defects),
        sample=kind is Kind.sample,
    ))
    return proof


