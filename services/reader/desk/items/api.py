"""JSON door of items: axes, the one word, availability."""

from __future__ import annotations

from typing import Any

from fastapi import Query

from services.reader.desk import DESK
from services.reader.desk.codes import clean
from services.reader.desk.items import commands, queries
from shared.doors import Router, WorkDep, allow

router = Router(prefix="/api/reader", tags=["items"])


@router.get("/items/{barcode}", dependencies=[allow("*")])
async def item(work: WorkDep, barcode: str) -> dict[str, Any]:
    """Where the item stands, and why it cannot be had; asked by a former barcode, which one it bears now."""
    found = await queries.item_by_barcode(work.session, clean(barcode))
    former = await queries.former_barcodes(work.session, found.id)
    return {
        **queries.item_json(found), "former_barcodes": [one.barcode for one in former],
        "renamed": queries.renamed(found, clean(barcode)),
    }


@router.get("/items", dependencies=[allow("*")])
async def items(work: WorkDep, instance_id: str = Query(max_length=80)) -> dict[str, Any]:
    """The items of a title with their availability now."""
    found = await queries.items_of(work.session, instance_id)
    return {"items": [queries.item_json(i) for i in found], "total": len(found), "next": None}


@router.post("/items/{barcode}/shelve", dependencies=[allow(*DESK)])
async def shelve(work: WorkDep, barcode: str) -> dict[str, Any]:
    """The item stands in its place again."""
    return queries.item_json(await commands.shelve(work, barcode=barcode.strip().upper()))
