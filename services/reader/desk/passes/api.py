"""JSON door of orientation passes."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, Field
from starlette.requests import Request

from services.reader.desk import DESK, HEAD
from services.reader.desk.campus.pages import uploaded
from services.reader.desk.codes import clean
from services.reader.desk.passes import commands, queries
from services.reader.desk.passes.model import Fate
from services.reader.desk.patrons.queries import patron_by_card
from shared.doors import Router, WorkDep, allow

router = Router(prefix="/api/reader", tags=["orientation passes"], dependencies=[allow(*DESK)])
Offset = Annotated[int, Query(alias="offset", ge=0)]


class Pass(BaseModel):
    """A single patron passes, or loses the pass; either way with a reason."""

    passed: bool = True
    reason: str = Field(min_length=2, max_length=200)
    passed_on: date | None = None
    score: float | None = Field(None, ge=0, le=100)


@router.get("/patrons/{card}/orientation")
async def of_patron(work: WorkDep, card: str) -> dict[str, Any]:
    """Whether the patron has passed, and how it came."""
    patron = await patron_by_card(work.session, clean(card))
    rows = await queries.passes_of(work.session, patron.id)
    return {"card": patron.card, "passed": patron.oriented, "passes": [queries.pass_json(row) for row in rows]}


@router.post("/patrons/{card}/orientation")
async def change(work: WorkDep, card: str, body: Pass) -> dict[str, Any]:
    """Grant (the desk) or withdraw (a head)."""
    if body.passed:
        patron = await commands.grant(
            work, card=clean(card), reason=body.reason, passed_on=body.passed_on, score=body.score
        )
    else:
        patron = await commands.withdraw(work, card=clean(card), reason=body.reason)
    await work.session.flush()
    return await of_patron(work, patron.card)


@router.get("/orientation/missing")
async def missing(
    work: WorkDep, college: str = Query("", max_length=80), q: str = Query("", max_length=60),
    limit: int = Query(100, ge=1, le=1000), offset_: Offset = 0,
) -> dict[str, Any]:
    """Who has not passed."""
    rows, total = await queries.missing(work.session, q=q, college=college, limit=limit, offset=offset_)
    return {
        "items": [
            {
                "card": p.card, "name": p.name, "category": p.category.value, "college": p.college, "class_name": p.class_name,
            } for p in rows
        ],
        "total": total, "next": offset_ + limit if offset_ + len(rows) < total else None,
    }


@router.post("/orientation/lists", status_code=201, dependencies=[allow(*HEAD)])
async def look(request: Request, work: WorkDep) -> dict[str, Any]:
    """Hand a list in (multipart `file`); the answer says what would happen."""
    source, name, _full = await uploaded(request)
    return queries.list_json(await commands.look(work, source, name=name))


@router.post("/orientation/lists/{number}/apply", dependencies=[allow(*HEAD)])
async def apply(work: WorkDep, number: str) -> dict[str, Any]:
    """Open borrowing for whom the list lets in."""
    return queries.list_json(await commands.apply(work, number=number))


@router.get("/orientation/lists/{number}", dependencies=[allow(*HEAD)])
async def rows(
    work: WorkDep, number: str, fate: Fate | None = None, limit: int = Query(100, ge=1, le=1000), offset_: Offset = 0
) -> dict[str, Any]:
    """The list and its rows."""
    found = await queries.list_by_number(work.session, number)
    lines, total = await queries.rows_of(work.session, found, fate=fate, limit=limit, offset=offset_)
    return {
        **queries.list_json(found), "items": [queries.row_json(row) for row in lines], "total": total,
        "next": offset_ + limit if offset_ + len(lines) < total else None,
    }
