"""JSON door of batches."""

from __future__ import annotations

from typing import Any

from fastapi import Query
from pydantic import BaseModel, Field

from services.resources.cataloguing.handover import commands, queries, rules
from services.resources.cataloguing.handover.commands import Gathered
from shared.doors import Router, WorkDep, allow
from shared.work import Work

router = Router(prefix="/api/resources/handovers", tags=["handover"], dependencies=[allow(*rules.READERS)])
WRITE = [allow(*rules.HANDERS)]
Codes: list[str] = Field(default_factory=list, max_length=2 * rules.LARGEST)


class NewBatch(BaseModel):
    """For which point; perhaps with barcodes at once."""

    point: str = Field(min_length=1, max_length=12)
    note: str = Field("", max_length=200)
    barcodes: list[str] = Codes


class Books(BaseModel):
    """Barcodes; `scanned` says the books were in the hand, so that their barcodes have been read."""

    barcodes: list[str] = Codes
    scanned: bool = False


class One(BaseModel):
    """One book."""

    barcode: str = Field(min_length=1, max_length=60)


class Words(BaseModel):
    """How the differences were dealt with."""

    note: str = Field("", max_length=500)


def _gathered(done: Gathered) -> dict[str, Any]:
    return {
        "added": done.added, "already": done.already,
        "refused": [{"barcode": no.params["barcode"], **no.as_json()} for no in done.refused],
    }


async def _whole(work: Work, number: str) -> dict[str, Any]:
    batch = await queries.batch_of(work.session, number)
    lines = await queries.lines_of(work.session, batch.number)
    extras = await queries.extras_of(work.session, batch.number)
    return {
        **queries.batch_json(batch, len(lines), work.today), "items": [queries.line_json(line) for line in lines],
        "extras": [{"barcode": x.barcode, "title": x.title, "other": x.other} for x in extras],
    }


@router.get("")
async def listed(
    work: WorkDep, state: str = "", point: str = "", q: str = Query("", max_length=80),
    page_no: int = Query(1, alias="page", ge=1, le=100_000), size: int = Query(20, ge=1, le=100),
) -> dict[str, Any]:
    """Batches, newest first."""
    found, total = await queries.batches(
        work.session, state=state, point=point, q=q.strip(), limit=size, offset=(page_no - 1) * size
    )
    return {"items": [queries.batch_json(batch, n, work.today) for batch, n, _back in found], "total": total}


@router.post("", status_code=201, dependencies=WRITE)
async def open_batch(work: WorkDep, body: NewBatch) -> dict[str, Any]:
    """Open a batch."""
    batch, done = await commands.open_batch(
        work, point=body.point, note=body.note, codes=rules.codes_in("\n".join(body.barcodes))
    )
    return {**await _whole(work, batch.number), **_gathered(done)}


@router.get("/{number}")
async def one(work: WorkDep, number: str) -> dict[str, Any]:
    """A batch with its lines."""
    return await _whole(work, number)


@router.post("/{number}/items", dependencies=WRITE)
async def gather(work: WorkDep, number: str, body: Books) -> dict[str, Any]:
    """Put items in; what cannot go in is listed with every reason."""
    return _gathered(await commands.gather(
        work, number=number, codes=rules.codes_in("\n".join(body.barcodes)), scanned=body.scanned
    ))


@router.post("/{number}/checks", dependencies=WRITE)
async def check(work: WorkDep, number: str, body: One) -> dict[str, Any]:
    """Barcode and label of this book are right."""
    return queries.line_json(await commands.check(work, number=number, barcode="".join(rules.codes_in(body.barcode))))


@router.post("/{number}/take-out", dependencies=WRITE)
async def take_out(work: WorkDep, number: str, body: One) -> dict[str, Any]:
    """Leave a book out."""
    await commands.take_out(work, number=number, barcode="".join(rules.codes_in(body.barcode)))
    return await _whole(work, number)


@router.post("/{number}/send", dependencies=WRITE)
async def send(work: WorkDep, number: str) -> dict[str, Any]:
    """The box leaves."""
    await commands.send(work, number=number)
    return await _whole(work, number)


@router.post("/{number}/cancel", dependencies=WRITE)
async def cancel(work: WorkDep, number: str) -> dict[str, Any]:
    """The box does not leave."""
    await commands.cancel(work, number=number)
    return await _whole(work, number)


@router.post("/{number}/settle", dependencies=WRITE)
async def settle(work: WorkDep, number: str, body: Words) -> dict[str, Any]:
    """The differences were dealt with."""
    await commands.settle(work, number=number, note=body.note)
    return await _whole(work, number)
