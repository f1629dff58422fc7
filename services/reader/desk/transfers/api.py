"""JSON door of transfer lists."""

from __future__ import annotations

from typing import Any

from fastapi import Query
from pydantic import BaseModel, Field

from services.reader.desk.codes import clean
from services.reader.desk.dropbox.rules import codes_in
from services.reader.desk.transfers import approving, commands, queries, rules
from services.reader.desk.transfers.commands import Listed
from services.reader.desk.transfers.model import LineState, TransferState
from shared.doors import Router, WorkDep, allow
from shared.work import Work

router = Router(prefix="/api/reader/transfers", tags=["transfers"], dependencies=[allow(*rules.MOVERS)])
Codes: list[str] = Field(default_factory=list, max_length=rules.LARGEST)


class NewTransfer(BaseModel):
    """From a point to a location; `to` only where nobody keeps the location."""

    origin: str = Field(min_length=1, max_length=12)
    location: str = Field(min_length=1, max_length=40)
    to: str = Field("", max_length=12)
    reason: str = Field("", max_length=200)
    barcodes: list[str] = Codes


class Books(BaseModel):
    """Barcodes to be fetched."""

    barcodes: list[str] = Codes


class Book(BaseModel):
    """One book."""

    barcode: str = Field(min_length=1, max_length=60)


class Words(BaseModel):
    """How it was looked for, or why it was sent back."""

    reason: str = Field("", max_length=500)


def _listed(done: Listed) -> dict[str, Any]:
    return {"added": done.added, "refused": [{"barcode": code, **no.as_json()} for code, no in done.refused]}


async def _whole(work: Work, number: str) -> dict[str, Any]:
    await work.session.flush()
    transfer = await queries.transfer_by_number(work.session, number)
    lines = await queries.lines_of(work.session, number)
    tally = rules.tally(lines)
    return {
        **queries.transfer_json(transfer, work.today, count=len(lines), received=tally.get(LineState.received, 0)),
        "summary": {state.value: n for state, n in tally.items()},
        "items": [queries.line_json(line) for line in lines],
    }


@router.get("")
async def listed(
    work: WorkDep, state: TransferState | None = None, point: str = "", q: str = Query("", max_length=80),
    page_no: int = Query(1, alias="page", ge=1, le=100_000), size: int = Query(25, ge=1, le=100),
) -> dict[str, Any]:
    """Lists, of a point or all."""
    found, total = await queries.transfers(
        work.session, state=state, point=point, q=q.strip(), limit=size, offset=(page_no - 1) * size
    )
    return {"items": [queries.transfer_json(t, work.today, count=n, received=d) for t, n, d in found], "total": total}


@router.post("", status_code=201)
async def open_transfer(work: WorkDep, body: NewTransfer) -> dict[str, Any]:
    """Open a list."""
    transfer, done = await commands.open_transfer(
        work, origin=clean(body.origin), location=body.location, to=clean(body.to), reason=body.reason,
        codes=codes_in("\n".join(body.barcodes)),
    )
    return {**await _whole(work, transfer.number), **_listed(done)}


@router.get("/month")
async def month(work: WorkDep, month: str = Query("", max_length=7)) -> dict[str, Any]:
    """What a month received, route by route."""
    of = queries.month_of(month, work.today)
    routes = await queries.month_routes(work.session, of)
    return {
        "month": f"{of:%Y-%m}", "count": sum(r[3] for r in routes), "value_cents": sum(r[4] for r in routes),
        "routes": [{"from": a, "to": b, "count": n, "value_cents": fen} for a, b, _en, n, fen in routes],
    }


@router.get("/{number}")
async def one(work: WorkDep, number: str) -> dict[str, Any]:
    """A list with its books."""
    return await _whole(work, clean(number))


@router.post("/{number}/items")
async def listing(work: WorkDep, number: str, body: Books) -> dict[str, Any]:
    """Note books to be fetched; what cannot go is listed with every reason."""
    return _listed(await commands.listing(work, number=clean(number), codes=codes_in("\n".join(body.barcodes))))


@router.post("/{number}/sent-scans")
async def scan_out(work: WorkDep, number: str, body: Book) -> dict[str, Any]:
    """The book is in the box."""
    line, again = await commands.scan_out(work, number=clean(number), barcode=clean(body.barcode))
    return {**queries.line_json(line), "again": again}


@router.post("/{number}/received-scans")
async def scan_in(work: WorkDep, number: str, body: Book) -> dict[str, Any]:
    """The book arrived."""
    line, again = await commands.scan_in(work, number=clean(number), barcode=clean(body.barcode))
    return {**queries.line_json(line), "again": again}


@router.post("/{number}/take-out")
async def take_out(work: WorkDep, number: str, body: Book) -> dict[str, Any]:
    """The book stays."""
    await commands.take_out(work, number=clean(number), barcode=clean(body.barcode))
    return await _whole(work, clean(number))


@router.post("/{number}/submit")
async def submit(work: WorkDep, number: str) -> dict[str, Any]:
    """The list is complete and waits for a head's word."""
    await approving.submit(work, number=clean(number))
    return await _whole(work, clean(number))


@router.post("/{number}/approve", dependencies=[allow(*rules.APPROVERS)])
async def approve(work: WorkDep, number: str) -> dict[str, Any]:
    """Another person than the maker allows it."""
    await approving.approve(work, number=clean(number))
    return await _whole(work, clean(number))


@router.post("/{number}/send-back", dependencies=[allow(*rules.APPROVERS)])
async def send_back(work: WorkDep, number: str, body: Words) -> dict[str, Any]:
    """Another person than the maker wants it changed."""
    await approving.send_back(work, number=clean(number), reason=body.reason)
    return await _whole(work, clean(number))


@router.post("/{number}/send")
async def send(work: WorkDep, number: str) -> dict[str, Any]:
    """The box leaves."""
    await commands.send(work, number=clean(number))
    return await _whole(work, clean(number))


@router.post("/{number}/cancel")
async def cancel(work: WorkDep, number: str) -> dict[str, Any]:
    """Nothing leaves."""
    await commands.cancel(work, number=clean(number))
    return await _whole(work, clean(number))


@router.post("/{number}/close")
async def close(work: WorkDep, number: str, body: Words) -> dict[str, Any]:
    """What has not come is looked for."""
    await commands.close(work, number=clean(number), reason=body.reason)
    return await _whole(work, clean(number))
