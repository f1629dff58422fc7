"""JSON door of items."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from services.resources.cataloguing.items import accompanying, commands, queries
from services.resources.cataloguing.items.model import Item
from services.resources.cataloguing.items.rules import CATALOGUERS, MOST_PIECES
from services.resources.cataloguing.records.queries import by_key
from shared.doors import Router, WorkDep, allow
from shared.refusals import NotFound
from shared.work import Work

router = Router(prefix="/api/resources/items", tags=["items"])


class NewItem(BaseModel):
    """A copy to be added; `instance_id` takes a record's id or its number."""

    instance_id: str = Field(min_length=1, max_length=40)
    barcode: str = Field(min_length=1, max_length=40)
    location: str = Field(min_length=1, max_length=40)
    call_number: str = Field("", max_length=80)
    price_cents: int = Field(0, ge=0, le=100_000_000)
    volume: str = Field("", max_length=80)
    note: str = Field("", max_length=200)
    in_process: bool = False


class NewDisc(BaseModel):
    """The disc of a book; place and workroom are the book's when they are not given."""

    barcode: str = Field(min_length=1, max_length=40)
    location: str = Field("", max_length=40)
    pieces: int = Field(1, ge=1, le=MOST_PIECES)
    price_cents: int = Field(0, ge=0, le=100_000_000)
    note: str = Field("", max_length=200)
    in_process: bool | None = None


class Place(BaseModel):
    """Where an item shall stand."""

    location: str = Field("", max_length=40)
    call_number: str = Field("", max_length=80)


async def _json(work: Work, item: Item) -> dict[str, Any]:
    record = await by_key(work.session, str(item.instance_id))
    places = await queries.locations(work.session)
    return {**queries.item_json(item, record.title, places.get(item.location)), "record": record.number}


@router.post("", status_code=201, dependencies=[allow(*CATALOGUERS)])
async def add(work: WorkDep, body: NewItem) -> dict[str, Any]:
    """Add a copy to a record."""
    return await _json(work, await commands.add_item(work, **body.model_dump()))


@router.get("/{barcode}", dependencies=[allow("staff")])
async def one(work: WorkDep, barcode: str) -> dict[str, Any]:
    """An item."""
    item = await queries.by_barcode(work.session, barcode.strip().upper())
    if item is None:
        raise NotFound(barcode)
    return await _json(work, item)


@router.get("/{barcode}/discs", dependencies=[allow("staff")])
async def discs(work: WorkDep, barcode: str) -> dict[str, Any]:
    """The discs that lie with an item."""
    book = await queries.by_barcode(work.session, barcode.strip().upper())
    if book is None:
        raise NotFound(barcode)
    found = [await _json(work, disc) for disc in await queries.discs_of(work.session, book)]
    return {"items": found, "total": len(found), "next": None}


@router.post("/{barcode}/discs", status_code=201, dependencies=[allow(*CATALOGUERS)])
async def add_disc(work: WorkDep, barcode: str, body: NewDisc) -> dict[str, Any]:
    """Catalogue the disc of a book."""
    return await _json(work, await accompanying.add_disc(work, book=barcode, **body.model_dump()))


@router.post("/{barcode}/relocate", dependencies=[allow("RES-MGT")])
async def relocate(work: WorkDep, barcode: str, body: Place) -> dict[str, Any]:
    """Change place or call number."""
    return await _json(work, await commands.relocate(work, barcode.strip().upper(), **body.model_dump()))
