"""What is done in copy cataloguing: keep what was found, take a record over."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select

from services.resources.cataloguing.copying import rules
from services.resources.cataloguing.copying.client import Given
from services.resources.cataloguing.copying.model import CopyHit, CopySearch
from services.resources.cataloguing.imports import commands as imports
from services.resources.cataloguing.imports.batch import Batch, prepare
from services.resources.cataloguing.imports.model import ImportJob, JobState
from services.resources.cataloguing.imports.rules import LIFE, said
from services.resources.cataloguing.marc.matching import completeness
from services.resources.cataloguing.marc.outcome import Accepted
from services.resources.cataloguing.marc.projection import project
from services.resources.cataloguing.marc.reading import read_one
from services.resources.cataloguing.records.rules import digest, keys, shown_title
from shared.database import uuid7
from shared.files import Store
from shared.states import step
from shared.work import Work


def _hit(given: Given, one: Accepted) -> dict[str, Any]:
    found = project(one.record)
    match = [key for key in keys(found) if not key.startswith("id:")]
    return {
        "id": uuid7(), "target": given.target, "target_name": given.name, "dialect": found.dialect,
        "title": shown_title(found), "responsibility": found.responsibility[:200],
        "imprint": "，".join(filter(None, (found.place, found.publisher, found.date or str(found.year or ""))))[:200],
        "isbns": [n.isbn13 for n in found.isbns if n.isbn13] + list(found.issns), "keys": list(keys(found)),
        "lacks": completeness(found), "raw": one.raw, "edition": match[0] if match else digest(one.raw),
    }


async def keep(work: Work, asked: dict[str, str], given: list[Given]) -> CopySearch:
    """Keep a search with everything the targets gave."""
    work.actor.require(*rules.SEEKERS)
    rows = rules.merged([[_hit(one, record) for record in one.records] for one in given])
    search = CopySearch(
        id=uuid7(), asked=asked, hits=len(rows), created_by=work.actor.id, created_at=work.now,
        answers=[
            {"target": one.target, "name": one.name, "total": one.total, "given": len(one.records),
             "failure": one.failure, "params": one.params} for one in given
        ],
    )
    work.session.add(search)
    await work.session.flush()
    work.session.add_all(CopyHit(search_id=search.id, **row) for row in rows)
    return search


async def take(work: Work, files: Store, hit: CopyHit) -> str:
    """Take a record over as a draft, through the same gate as a file; the number it was given.

    The original is kept as it came; the record itself goes without the other library's holdings.
    """
    work.actor.require(*rules.SEEKERS)
    # Two who take the same edition at once: the second finds what the first made.
    await work.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(hit.edition))))
    outcome = read_one(hit.raw)
    if not isinstance(outcome, Accepted):
        raise rules.NotTaken(reason=outcome.message)
    job = ImportJob(
        id=uuid7(), no=await work.number("DR"), file_name=f"{hit.target_name} · {hit.title}"[:200],
        digest=(await files.put(hit.raw))[0], size=len(hit.raw), draft=True, created_by=work.actor.id,
        posts=" ".join(work.actor.posts), created_at=work.now, started_at=work.now, correlation=work.correlation,
        state=step(LIFE, JobState.uploaded, "start"),
    )
    work.session.add(job)
    await work.session.flush()
    stripped = Accepted(1, outcome.raw, rules.ours(outcome.record), outcome.warnings)
    batch = Batch(work, job, prepare([stripped]))
    await batch.take()
    (line,) = batch.lines
    if not job.added:
        if line["record"]:
            raise rules.AlreadyHeld(record=line["record"])
        raise rules.NotTaken(reason="；".join(said(note) for note in line["notes"]) or "—")
    imports.finished(work, job)
    hit.record, hit.taken_by, hit.taken_at = line["record"], work.actor.id, work.now
    number: str = line["record"]
    return number


async def forget(work: Work, due: datetime) -> None:
    """For the schedule: searches nobody comes back to; what was taken over stays in the count."""
    before = due - timedelta(days=rules.SEARCHES_KEPT_DAYS)
    old = select(CopySearch.id).where(CopySearch.created_at < before)
    await work.session.execute(delete(CopyHit).where(CopyHit.search_id.in_(old), CopyHit.taken_at.is_(None)))
    await work.session.execute(delete(CopySearch).where(
        CopySearch.created_at < before, ~select(CopyHit.id).where(CopyHit.search_id == CopySearch.id).exists()
    ))
