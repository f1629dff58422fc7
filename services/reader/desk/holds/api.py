"""JSON door of holds."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from services.reader.desk import DESK
from services.reader.desk.holds import commands, queries
from services.reader.desk.items.queries import lock_item
from services.reader.desk.patrons.queries import own_or_staff, patron_by_card
from shared.doors import Router, WorkDep, allow

router = Router(prefix="/api/reader", tags=["holds"])


class NewHold(BaseModel):
    """Who waits for which title."""

    card: str = Field(min_length=1, max_length=60)
    instance_id: str = Field(min_length=1, max_length=80)
    override: bool = False
    note: str = Field("", max_length=300)


class Ending(BaseModel):
    """Why a hold is given up."""

    reason: str = Field("", max_length=200)


@router.post("/holds", status_code=201, dependencies=[allow("patron", *DESK)])
async def place(work: WorkDep, body: NewHold) -> dict[str, Any]:
    """Queue a patron for a title."""
    hold, position = await commands.place(
        work, card=body.card.strip().upper(), instance_id=body.instance_id, override=body.override,
        note=body.note,
    )
    return queries.hold_json(hold, position)


@router.get("/holds", dependencies=[allow(*DESK)])
async def queue(work: WorkDep, instance_id: str = Query(max_length=80)) -> dict[str, Any]:
    """The queue of a title, in order."""
    found = await queries.queue_of(work.session, instance_id)
    return {
        "items": [queries.hold_json(hold, place) for place, hold in enumerate(found, 1)],
        "total": await queries.waiting_count(work.session, instance_id), "next": None,
    }


@router.get("/hold-shelf", dependencies=[allow(*DESK)])
async def shelf(work: WorkDep) -> dict[str, Any]:
    """What stands ready, and what is to be pulled."""
    ready = await queries.shelf(work.session)
    pull = await queries.to_pull(work.session)
    return {
        "items": [queries.hold_json(hold) for hold in ready], "total": len(ready), "next": None,
        "to_pull": [{"barcode": i.barcode, "title": i.title, "call_number": i.call_number} for i in pull],
    }


@router.post("/hold-shelf/{barcode}/pull", dependencies=[allow(*DESK)])
async def pull(work: WorkDep, barcode: str) -> dict[str, Any]:
    """Take an item nobody fetched from the hold shelf."""
    item = await lock_item(work.session, barcode.strip().upper())
    hold = await commands.pull(work, item)
    return {"barcode": item.barcode, "hold": queries.hold_json(hold) if hold else None}


@router.post("/holds/{hold_id}/cancel", dependencies=[allow("patron", *DESK)])
async def cancel(work: WorkDep, hold_id: UUID, body: Ending | None = None) -> dict[str, Any]:
    """Give a hold up; patrons their own."""
    hold = await commands.cancel(work, hold_id=hold_id, reason=body.reason if body else "")
    return queries.hold_json(hold)


@router.get("/patrons/{card}/holds", dependencies=[allow("patron", *DESK)])
async def holds_of(work: WorkDep, card: str) -> dict[str, Any]:
    """What a patron waits for."""
    own_or_staff(work.actor, card.upper())
    patron = await patron_by_card(work.session, card.upper())
    found = await queries.holds_of(work.session, patron.id)
    return {
        "items": [queries.hold_json(hold, place) for hold, place in found], "total": len(found),
        "next": None,
    }
