"""Questions about import jobs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from services.resources.cataloguing.imports.model import ImportJob, ImportLine, JobState, Outcome
from services.resources.cataloguing.imports.rules import said
from shared.refusals import NotFound

CHUNK = 500


def named(key: str) -> Any:
    """The condition that finds a job by its number or its id."""
    try:
        return ImportJob.id == UUID(key)
    except ValueError:
        return ImportJob.no == key


async def job_of(session: AsyncSession, key: str) -> ImportJob:
    """One job, or `NotFound`."""
    found = (await session.scalars(select(ImportJob).where(named(key)))).one_or_none()
    if found is None:
        raise NotFound(key)
    return found


async def jobs(
    session: AsyncSession, *, state: JobState | None = None, limit: int = 20, offset: int = 0
) -> tuple[Sequence[ImportJob], int]:
    """A page of jobs, newest first, and how many there are."""
    query = select(ImportJob)
    if state:
        query = query.where(ImportJob.state == state)
    total = await session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = await session.scalars(
        query.order_by(ImportJob.created_at.desc(), ImportJob.id).limit(limit).offset(offset)
    )
    return rows.all(), total


def _wanted(job_id: UUID, outcome: str) -> list[Any]:
    found: list[Any] = [ImportLine.job_id == job_id]
    if outcome == "warned":
        found += [ImportLine.outcome == Outcome.added, func.jsonb_array_length(ImportLine.notes) > 0]
    elif outcome in set(Outcome):
        found.append(ImportLine.outcome == Outcome(outcome))
    return found


async def lines(
    session: AsyncSession, job_id: UUID, *, outcome: str = "", limit: int = 50, offset: int = 0
) -> tuple[Sequence[ImportLine], int]:
    """A page of what became of the records, in the order of the file, and how many there are."""
    where = _wanted(job_id, outcome)
    total = await session.scalar(select(func.count()).select_from(ImportLine).where(*where)) or 0
    rows = await session.scalars(
        select(ImportLine).where(*where).order_by(ImportLine.number, ImportLine.id).limit(limit).offset(offset)
    )
    return rows.all(), total


async def all_lines(
    session: AsyncSession, job_id: UUID, *, outcome: str = "", whole: bool = False
) -> AsyncIterator[ImportLine]:
    """Every line, fetched piece by piece; `whole` brings the bytes of refused records along."""
    last = 0
    while True:
        query = select(ImportLine).where(*_wanted(job_id, outcome), ImportLine.id > last)
        if whole:
            query = query.options(undefer(ImportLine.raw))
        rows = (await session.scalars(query.order_by(ImportLine.id).limit(CHUNK))).all()
        for row in rows:
            yield row
        if len(rows) < CHUNK:
            return
        last = rows[-1].id
        session.expunge_all()


def job_json(job: ImportJob) -> dict[str, Any]:
    """A job for programs."""
    return {
        "no": job.no, "id": str(job.id), "state": job.state.value, "state_label": job.state.text,
        "file_name": job.file_name, "size": job.size, "sha256": job.digest, "charset": job.charset,
        "dialect": job.dialect, "location": job.location, "number_items": job.number_items, "in_process": job.in_process,
        "position": job.position, "bytes_read": job.bytes_read, "added": job.added,
        "duplicate": job.duplicate, "refused": job.refused, "warned": job.warned, "items": job.items,
        "error": job.error, "created_by": job.created_by, "created_at": job.created_at,
        "started_at": job.started_at, "finished_at": job.finished_at, "correlation": str(job.correlation),
        "url": f"/resources/imports/{job.no}",
        "preview": [{**one, "notes": [said(n) for n in one["notes"]]} for one in job.preview],
    }


def line_json(line: ImportLine) -> dict[str, Any]:
    """What became of one record, for programs."""
    return {
        "number": line.number, "outcome": line.outcome.value, "outcome_label": line.outcome.text,
        "title": line.title, "record": line.record, "items": line.items,
        "notes": [said(note) for note in line.notes],
    }
