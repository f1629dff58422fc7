"""What people do with an import: hand in a file, start, stop, start again."""

from __future__ import annotations

import asyncio
from pathlib import Path

from services.resources.cataloguing.imports import rules
from services.resources.cataloguing.imports.looking import look
from services.resources.cataloguing.imports.model import ImportJob
from services.resources.cataloguing.imports.queries import named
from services.resources.cataloguing.items.queries import locations
from services.resources.cataloguing.items.rules import UnknownLocation
from shared.database import uuid7
from shared.events.resources import ImportFinished
from shared.files import Store
from shared.states import step
from shared.work import Work


async def receive(
    work: Work, files: Store, path: Path, *, name: str, charset: str = "auto", dialect: str = "auto",
    location: str = "", number_items: bool = False, in_process: bool = False,
    start: bool = False,
) -> ImportJob:
    """Keep the file, look at its first records, and open a job that waits for a word."""
    work.actor.require(*rules.IMPORTERS)
    charset, dialect = rules.checked(charset, dialect)
    size = path.stat().st_size
    if not size:
        raise rules.EmptyFile(name=name)
    preview = await asyncio.to_thread(look, path, name=name, charset=charset, dialect=dialect)
    digest, _size = await files.put_file(path)
    # The database is asked last: no transaction waits for an upload.
    if location and location not in await locations(work.session):
        raise UnknownLocation(location=location)
    job = ImportJob(
        id=uuid7(), no=await work.number("DR"), file_name=name, digest=digest, size=size, charset=charset,
        dialect=dialect, location=location, number_items=number_items, in_process=in_process, preview=preview,
        created_by=work.actor.id, posts=" ".join(work.actor.posts), created_at=work.now,
        correlation=work.correlation,
    )
    if start:
        _go(work, job)
    work.session.add(job)
    return job


async def start(work: Work, key: str) -> ImportJob:
    """Begin, or go on where it was stopped or broke off."""
    work.actor.require(*rules.IMPORTERS)
    job = await work.lock(ImportJob, named(key), what=key)
    _go(work, job)
    return job


async def stop(work: Work, key: str) -> ImportJob:
    """Read no further; what was read stays."""
    work.actor.require(*rules.IMPORTERS)
    job = await work.lock(ImportJob, named(key), what=key)
    job.state = step(rules.LIFE, job.state, "stop")
    job.runner, job.beat_at = "", None
    return job


def _go(work: Work, job: ImportJob) -> None:
    job.state = step(rules.LIFE, job.state, "start")
    job.error, job.runner, job.beat_at, job.finished_at = "", "", None, None
    job.started_at = job.started_at or work.now


def finished(work: Work, job: ImportJob) -> None:
    """The file is read to its end."""
    job.state = step(rules.LIFE, job.state, "finish")
    job.finished_at, job.bytes_read, job.runner, job.beat_at = work.now, job.size, "", None
    work.follow(job.correlation)
    work.emit(
        ImportFinished(
            number=job.no, file_name=job.file_name, added=job.added, duplicate=job.duplicate,
            refused=job.refused, items=job.items,
        )
    )


def failed(job: ImportJob, reason: str) -> None:
    """The file cannot be read on; `reason` is a msgid."""
    job.state = step(rules.LIFE, job.state, "fail")
    job.error, job.runner, job.beat_at = reason, "", None
