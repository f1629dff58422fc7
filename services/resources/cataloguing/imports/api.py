"""JSON door of imports: hand in a file, follow the job, read what became of each record."""

from __future__ import annotations

from typing import Any

from fastapi import Query
from starlette.requests import Request

from services.resources.cataloguing.imports import commands, queries
from services.resources.cataloguing.imports.model import JobState
from services.resources.cataloguing.imports.rules import IMPORTERS, READERS
from services.resources.cataloguing.imports.uploads import received
from shared.doors import Router, WorkDep, allow

router = Router(prefix="/api/resources/imports", tags=["imports"])
READ, WRITE = [allow(*READERS)], [allow(*IMPORTERS)]
TRUE = {"1", "true", "on", "yes"}
FORM = {
    "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": {
        "type": "object", "required": ["file"],
        "properties": {
            "file": {"type": "string", "format": "binary"}, "charset": {"type": "string"},
            "dialect": {"type": "string"}, "location": {"type": "string"},
            "number_items": {"type": "boolean"}, "in_process": {"type": "boolean"}, "start": {"type": "boolean", "default": True},
        },
    }}}}
}


@router.post("", status_code=202, dependencies=WRITE, openapi_extra=FORM)
async def receive(request: Request, work: WorkDep) -> dict[str, Any]:
    """Hand in a file of records; it is read in the background."""
    async with received(request) as upload:
        given = upload.fields
        job = await commands.receive(
            work, request.app.state.kit.files, upload.path, name=upload.name,
            charset=given.get("charset", "auto"), dialect=given.get("dialect", "auto"),
            location=given.get("location", "").strip(),
            number_items=given.get("number_items", "").lower() in TRUE,
            in_process=given.get("in_process", "").lower() in TRUE,
            start=given.get("start", "1").lower() in TRUE,
        )
    return queries.job_json(job)


@router.get("", dependencies=READ)
async def listed(
    work: WorkDep, state: JobState | None = None, limit: int = Query(20, ge=1, le=100), offset: int = Query(0, ge=0)
) -> dict[str, Any]:
    """Jobs, newest first."""
    found, total = await queries.jobs(work.session, state=state, limit=limit, offset=offset)
    return {
        "items": [queries.job_json(job) for job in found], "total": total,
        "next": offset + limit if offset + len(found) < total else None,
    }


@router.get("/{key}", dependencies=READ)
async def one(work: WorkDep, key: str) -> dict[str, Any]:
    """A job by its number or id."""
    return queries.job_json(await queries.job_of(work.session, key))


@router.get("/{key}/lines", dependencies=READ)
async def lines(
    work: WorkDep, key: str, outcome: str = Query("", max_length=20), limit: int = Query(50, ge=1, le=500),
    offset: int = Query(0, ge=0),
) -> dict[str, Any]:
    """What became of each record; `outcome` added, duplicate, refused or warned."""
    job = await queries.job_of(work.session, key)
    found, total = await queries.lines(work.session, job.id, outcome=outcome, limit=limit, offset=offset)
    return {
        "items": [queries.line_json(line) for line in found], "total": total,
        "next": offset + limit if offset + len(found) < total else None,
    }


@router.post("/{key}/start", dependencies=WRITE)
async def start(work: WorkDep, key: str) -> dict[str, Any]:
    """Begin, or go on where it was stopped."""
    return queries.job_json(await commands.start(work, key))


@router.post("/{key}/stop", dependencies=WRITE)
async def stop(work: WorkDep, key: str) -> dict[str, Any]:
    """Read no further; what was read stays."""
    return queries.job_json(await commands.stop(work, key))
