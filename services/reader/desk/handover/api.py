"""JSON door of the count."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from services.reader.desk import DESK
from services.reader.desk.codes import clean
from services.reader.desk.handover import closing, commands, queries, rules
from services.reader.desk.handover.model import HandoverState, Verdict
from shared.doors import Router, WorkDep, allow
from shared.work import Work

router = Router(prefix="/api/reader/handovers", tags=["handover"], dependencies=[allow(*DESK)])


class Scan(BaseModel):
    """A book out of the box; `verdict` is ok, label_wrong or damaged."""

    barcode: str = Field(min_length=1, max_length=60)
    verdict: Verdict = Verdict.ok
    note: str = Field("", max_length=200)


class Judgement(BaseModel):
    """What a person says of a line; `expected` takes the count back."""

    verdict: Verdict
    note: str = Field("", max_length=200)


class Book(BaseModel):
    """One book."""

    barcode: str = Field(min_length=1, max_length=60)


class Words(BaseModel):
    """What is to be said to the workroom."""

    note: str = Field("", max_length=500)


async def _whole(work: Work, number: str) -> dict[str, Any]:
    await work.session.flush()
    handover = await queries.handover_by_number(work.session, number)
    lines = await queries.lines_of(work.session, number)
    tally = rules.tally(lines)
    return {
        **queries.handover_json(handover, work.today, count=len(lines), done=len(lines) - tally.get(Verdict.expected, 0)),
        "summary": {verdict.value: n for verdict, n in tally.items()},
        "items": [queries.line_json(line) for line in lines],
        "extras": [queries.extra_json(x) for x in await queries.extras_of(work.session, number)],
    }


@router.get("")
async def listed(
    work: WorkDep, state: HandoverState | None = None, point: str = "", q: str = Query("", max_length=80),
    page_no: int = Query(1, alias="page", ge=1, le=100_000), size: int = Query(25, ge=1, le=100),
) -> dict[str, Any]:
    """Batches of a point, or all."""
    found, total = await queries.handovers(
        work.session, state=state, point=point, q=q.strip(), limit=size, offset=(page_no - 1) * size
    )
    return {"items": [queries.handover_json(h, work.today, count=n, done=d) for h, n, d in found], "total": total}


@router.get("/{number}")
async def one(work: WorkDep, number: str) -> dict[str, Any]:
    """A batch with its lines."""
    return await _whole(work, clean(number))


@router.post("/{number}/scans")
async def scan(work: WorkDep, number: str, body: Scan) -> dict[str, Any]:
    """Count a book; again, it only says what was counted."""
    done = await commands.count(
        work, number=clean(number), barcode=clean(body.barcode), verdict=body.verdict, note=body.note
    )
    found = queries.line_json(done.line) if done.line else queries.extra_json(done.extra) if done.extra else {}
    return {**found, "again": done.again}


@router.post("/lines/{line_id}")
async def judge(work: WorkDep, line_id: UUID, body: Judgement) -> dict[str, Any]:
    """Say of a line how it is."""
    return queries.line_json(await commands.judge(work, line_id=line_id, verdict=body.verdict, note=body.note))


@router.post("/{number}/aside")
async def put_aside(work: WorkDep, number: str, body: Book) -> dict[str, Any]:
    """An extra book was taken out of the box."""
    await commands.put_aside(work, number=clean(number), barcode=clean(body.barcode))
    return await _whole(work, clean(number))


@router.post("/{number}/confirm")
async def confirm(work: WorkDep, number: str) -> dict[str, Any]:
    """All is as listed."""
    await closing.confirm(work, number=clean(number))
    return await _whole(work, clean(number))


@router.post("/{number}/dispute")
async def dispute(work: WorkDep, number: str, body: Words) -> dict[str, Any]:
    """Keep what is right, give the rest back."""
    await closing.dispute(work, number=clean(number), note=body.note)
    return await _whole(work, clean(number))
