"""Duty sheets, posts held and stand-ins for programs."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from services.office.people.ledger.rules import READERS
from services.office.people.personnel.queries import staff_by_no
from services.office.people.post_duties.commands import end_post, give_post, give_stand_in
from services.office.people.post_duties.model import Holding
from services.office.people.post_duties.rules import GIVERS, STAND_IN_GIVERS
from services.office.people.post_duties.sheets import as_json, sheet_of
from shared.doors import Router, WorkDep, allow
from shared.refusals import NotAllowed, NotFound

router = Router()
STAFF = [allow("staff")]


class HoldingIn(BaseModel):
    """A post to be given."""

    staff_no: str
    post: str
    subposts: list[str] = []
    valid_from: date
    valid_to: date | None = None
    reason: str = ""


class StandInIn(BaseModel):
    """A stand-in to be given."""

    absent: str
    post: str
    stand_in: str
    valid_from: date
    valid_to: date
    reason: str = ""


class EndIn(BaseModel):
    """The last day of a holding."""

    valid_to: date


def said(holding: Holding) -> dict[str, Any]:
    """A holding for programs."""
    return {
        "id": str(holding.id), "staff_no": holding.staff_no, "post": holding.post, "subposts": holding.subposts,
        "rank": holding.rank, "valid_from": holding.valid_from.isoformat(),
        "valid_to": holding.valid_to.isoformat() if holding.valid_to else None,
        "stand_in_for": holding.stand_in_for,
    }


@router.get("/api/office/duties/{person}", dependencies=STAFF)
async def duties(work: WorkDep, person: str, period: str = "monthly") -> dict[str, Any]:
    """The duty sheet of a person; `me` is the caller. Others' sheets are for leaders and OFF-ADM."""
    number = work.actor.id if person == "me" else person
    if number != work.actor.id and not work.actor.holds(READERS):
        raise NotAllowed
    staff = await staff_by_no(work.session, number)
    if staff is None:
        raise NotFound(person)
    sheet = await sheet_of(work.session, number, work.today, period)
    return {
        "person": staff.no, "name": staff.name, "rank": str(staff.rank),
        "posts": [said(h) for h in sheet.holdings],
        "period": {"kind": sheet.kind, "name": sheet.period.name, "first": sheet.period.first.isoformat(),
                   "last": sheet.period.last.isoformat()},
        "items": [as_json(line) for line in sheet.all_lines], "total": len(sheet.all_lines),
    }


@router.post("/api/office/holdings", dependencies=[allow(*GIVERS)])
async def give(work: WorkDep, body: HoldingIn) -> Response:
    """Give a post."""
    holding = await give_post(work, **body.model_dump())
    return JSONResponse(said(holding), status_code=201)


@router.post("/api/office/stand-ins", dependencies=[allow(*STAND_IN_GIVERS)])
async def stand_in(work: WorkDep, body: StandInIn) -> Response:
    """Let somebody stand in."""
    holding = await give_stand_in(work, **body.model_dump())
    return JSONResponse(said(holding), status_code=201)


@router.post("/api/office/holdings/{id}/end", dependencies=[allow(*STAND_IN_GIVERS)])
async def end(work: WorkDep, id: UUID, body: EndIn) -> dict[str, Any]:
    """End a post or a stand-in."""
    return said(await end_post(work, holding_id=id, valid_to=body.valid_to))
