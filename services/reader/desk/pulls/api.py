"""剔旧取书 for programs and hand scanners."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from services.reader.desk.pulls import commands, queries, rules
from services.reader.desk.pulls.model import Outcome
from shared.doors import Router, WorkDep, allow

HOME = "/api/reader/weeding-pulls"
router = Router(tags=["weeding"], dependencies=[allow(*rules.PULLERS)])


class Scan(BaseModel):
    """The book in the hand."""

    barcode: str = Field(min_length=3, max_length=30)


class Proposal(BaseModel):
    """Which books should leave, and why."""

    barcodes: list[str] = Field(min_length=1, max_length=rules.LARGEST)
    reason: str = Field(min_length=2, max_length=200)


@router.post(HOME + "/proposals", status_code=201)
async def propose(work: WorkDep, body: Proposal) -> dict[str, Any]:
    """Resources look at them with their next batch."""
    return {"count": await commands.propose(work, codes=list(dict.fromkeys(body.barcodes)), reason=body.reason)}


@router.get(HOME + "/{number}")
async def shown(work: WorkDep, number: str) -> dict[str, Any]:
    """How far the list is."""
    one = await queries.by_number(work.session, number)
    tally = (await queries.tally(work.session, [number]))[number]
    return {"number": one.number, "state": one.state.value, "total": one.total, **{kind.value: tally.get(kind, 0) for kind in Outcome}}


@router.post(HOME + "/{number}/scans")
async def scan(work: WorkDep, number: str, body: Scan) -> dict[str, Any]:
    """Taken off, or held back and why."""
    line = await commands.scan(work, number=number, barcode=body.barcode)
    return {"barcode": line.barcode, "outcome": line.outcome.value, "why": line.why, "discs": line.discs}


@router.post(HOME + "/{number}/finish")
async def finish(work: WorkDep, number: str) -> dict[str, Any]:
    """The shelves are through."""
    one = await commands.finish(work, number=number)
    return {"number": one.number, "state": one.state.value}
