"""JSON door of the drop box."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel, Field

from services.reader.desk import DESK
from services.reader.desk.codes import clean
from services.reader.desk.dropbox import commands, queries, rules
from shared.doors import Router, WorkDep, allow

router = Router(prefix="/api/reader/drop-runs", tags=["drop box"], dependencies=[allow(*DESK)])


class RunRequest(BaseModel):
    """The day the books count as returned, and their barcodes if there is a list."""

    on: date
    barcodes: list[str] = Field(default_factory=list, max_length=rules.LARGEST)


class ScanRequest(BaseModel):
    """One book."""

    barcode: str = Field(min_length=1, max_length=60)


@router.post("", status_code=201)
async def open_run(work: WorkDep, body: RunRequest) -> dict[str, Any]:
    """Open a run; the same list for the same day is the same run."""
    run = await commands.open_run(work, on=body.on, codes=rules.codes_in("\n".join(body.barcodes)))
    return {"number": run.number, "on": run.on}


@router.post("/{number}/scans")
async def scan(work: WorkDep, number: str, body: ScanRequest) -> dict[str, Any]:
    """Take one book back."""
    return queries.line_json(await commands.scan(work, number=number, barcode=clean(body.barcode)))


@router.post("/{number}/go-on")
async def go_on(work: WorkDep, number: str) -> dict[str, int]:
    """Work on the next slice of the list."""
    return {"waiting": await commands.go_on(work, number=number)}


@router.get("/{number}")
async def run(work: WorkDep, number: str) -> dict[str, Any]:
    """The run, its books and where they go."""
    found = await queries.run_by_number(work.session, number)
    lines = await queries.lines_of(work.session, number)
    return {
        "number": number, "on": found.on, "items": [queries.line_json(one) for one in rules.sorting(lines)],
        "summary": {went.value: n for went, n in rules.summary(lines)},
    }
