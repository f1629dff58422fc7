"""JSON door of barcodes and labels: replace, the queue, the history of an item's barcodes."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from services.reader.desk import DESK
from services.reader.desk.codes import clean
from services.reader.desk.items.queries import former_barcodes, item_by_barcode, item_json, renamed
from services.reader.desk.processing import commands, queries, rules
from shared.doors import Router, WorkDep, allow

router = Router(prefix="/api/reader", tags=["processing"], dependencies=[allow(*DESK)])


class Replacement(BaseModel):
    """The barcode put on ("" for the next of the desk's own), and the card of who spoiled the old one."""

    new: str = Field("", max_length=60)
    card: str = Field("", max_length=60)
    reason: str = Field("", max_length=200)


class Order(BaseModel):
    """Whose label cannot be read."""

    barcode: str = Field(min_length=1, max_length=60)


class Printed(BaseModel):
    """Labels that are on their items now."""

    jobs: list[UUID] = Field(min_length=1, max_length=rules.MOST_LABELS)


@router.get("/items/{barcode}/barcodes")
async def history(work: WorkDep, barcode: str) -> dict[str, Any]:
    """What the item bears and bore, by any of its barcodes."""
    item = await item_by_barcode(work.session, clean(barcode))
    former = await former_barcodes(work.session, item.id)
    return {
        "current": item.barcode, "former": [queries.former_json(one) for one in former],
        "renamed": renamed(item, clean(barcode)),
    }


@router.post("/items/{barcode}/barcodes", status_code=201)
async def replace(work: WorkDep, barcode: str, body: Replacement) -> dict[str, Any]:
    """Put a new barcode on an item; its label is queued."""
    item = await commands.replace_barcode(
        work, barcode=clean(barcode), new=clean(body.new), card=clean(body.card), reason=body.reason
    )
    former = await former_barcodes(work.session, item.id)
    return {**item_json(item), "former_barcodes": [one.barcode for one in former]}


@router.get("/labels")
async def labels(
    work: WorkDep, state: Literal["waiting", "printed"] = "waiting", limit: int = Query(50, ge=1, le=200),
    offset: int = Query(0, ge=0),
) -> dict[str, Any]:
    """Labels to print in shelf order, or those printed, latest first."""
    rows, total = await queries.jobs(work.session, done=state == "printed", limit=limit, offset=offset)
    return {
        "items": [queries.job_json(job, item) for job, item in rows], "total": total,
        "next": offset + limit if offset + len(rows) < total else None,
    }


@router.post("/labels", status_code=201)
async def order(work: WorkDep, body: Order) -> dict[str, Any]:
    """Queue an item's label; one that waits already is the answer again."""
    item = await commands.order_label(work, barcode=clean(body.barcode))
    return queries.job_json(await queries.open_job(work.session, item.id), item)


@router.post("/labels/printed")
async def printed(work: WorkDep, body: Printed) -> dict[str, Any]:
    """Say that labels were printed and put on; how many of them still waited."""
    return {"printed": await commands.mark_printed(work, jobs=body.jobs)}
