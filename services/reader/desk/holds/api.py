"""JSON door of holds."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from services.reader.desk import DESK, HEAD
from services.reader.desk.codes import clean
from services.reader.desk.holds import adjusting, commands, lists, queries, rules
from services.reader.desk.items.queries import lock_item
from services.reader.desk.patrons.queries import own_or_staff, patron_by_card
from services.reader.rooms.service_points.queries import names
from shared.doors import Router, WorkDep, allow

router = Router(prefix="/api/reader", tags=["holds"])


class Ending(BaseModel):
    """Why a hold is given up."""

    reason: str = Field("", max_length=200)


class Target(BaseModel):
    """What the hold is to wait for: the copy of a barcode, or any copy of a title; and why."""

    barcode: str = Field("", max_length=60)
    instance_id: str = Field("", max_length=80)
    reason: str = Field("", max_length=200)


class Place(BaseModel):
    """Where the patron wants to fetch."""

    pickup: str = Field(min_length=1, max_length=12)


class Move(BaseModel):
    """Where to, and why."""

    to: Literal["up", "down", "first"]
    reason: str = Field("", max_length=200)


class Pause(BaseModel):
    """Until when the hold rests; without a day it takes part again."""

    until: date | None = None


@router.get("/holds", dependencies=[allow(*DESK)])
async def queue(work: WorkDep, instance_id: str = Query(max_length=80)) -> dict[str, Any]:
    """The queue of a title, in order."""
    found = await queries.queue_of(work.session, instance_id)
    copies = (await queries.copies_of(work.session, [instance_id]))[instance_id]
    points = await names(work.session)
    return {
        "items": [
            {**queries.hold_json(hold, place), "explain": rules.explain(hold, place, copies, points)}
            for place, hold in enumerate(found, 1)
        ],
        "total": await queries.waiting_count(work.session, instance_id), "next": None,
    }


@router.get("/hold-shelf", dependencies=[allow(*DESK)])
async def shelf(work: WorkDep) -> dict[str, Any]:
    """What stands ready, and what is to be pulled."""
    ready = await queries.shelf(work.session)
    pull = await lists.to_pull(work.session)
    fetch = await lists.fetch_list(work.session, limit=200)
    return {
        "items": [queries.hold_json(hold) for hold in ready], "total": len(ready), "next": None,
        "to_pull": [{"barcode": i.barcode, "title": i.title, "call_number": i.call_number} for i in pull],
        "to_fetch": [
            {"barcode": i.barcode, "title": i.title, "call_number": i.call_number, "claimed_by": e.by if e else None}
            for i, e in fetch
        ],
    }


@router.post("/hold-shelf/{barcode}/pull", dependencies=[allow(*DESK)])
async def pull(work: WorkDep, barcode: str, at: str = Query("", max_length=12)) -> dict[str, Any]:
    """Take an item nobody fetched from the hold shelf."""
    item = await lock_item(work.session, clean(barcode))
    hold = await commands.pull(work, item, at=clean(at))
    return {"barcode": item.barcode, "hold": queries.hold_json(hold) if hold else None}


@router.post("/holds/{hold_id}/move", dependencies=[allow(*HEAD)])
async def move(work: WorkDep, hold_id: UUID, body: Move) -> dict[str, Any]:
    """Change the order of a queue, with a reason."""
    was, became = await adjusting.move(work, hold_id=hold_id, to=body.to, reason=body.reason)
    return {"id": str(hold_id), "was": was, "position": became}


@router.post("/holds/{hold_id}/target", dependencies=[allow(*HEAD)])
async def retarget(work: WorkDep, hold_id: UUID, body: Target) -> dict[str, Any]:
    """Let it wait for another copy, or for any copy of a title; with a reason."""
    hold = await adjusting.retarget(
        work, hold_id=hold_id, reason=body.reason, barcode=clean(body.barcode), instance_id=body.instance_id
    )
    return queries.hold_json(hold, await queries.position(work.session, hold))


@router.post("/holds/{hold_id}/pickup", dependencies=[allow("patron", *DESK)])
async def pickup(work: WorkDep, hold_id: UUID, body: Place) -> dict[str, Any]:
    """Fetch it somewhere else, while waiting; patrons their own."""
    return queries.hold_json(await adjusting.fetch_at(work, hold_id=hold_id, pickup=clean(body.pickup)))


@router.post("/holds/{hold_id}/pause", dependencies=[allow("patron", *DESK)])
async def pause(work: WorkDep, hold_id: UUID, body: Pause) -> dict[str, Any]:
    """Let a hold rest, or take part again; patrons their own."""
    return queries.hold_json(await adjusting.pause(work, hold_id=hold_id, until=body.until))


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
    copies = await queries.copies_of(work.session, {hold.instance_id for hold, _place in found})
    points = await names(work.session)
    return {
        "items": [
            {
                **queries.hold_json(hold, place),
                "explain": rules.explain(hold, place, copies[hold.instance_id], points),
            }
            for hold, place in found
        ], "total": len(found),
        "next": None,
    }
