"""JSON door of selection lists."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field
from starlette.requests import Request

from services.resources.acquiring.selections import commands, queries, rules
from services.resources.acquiring.selections.model import Decision
from services.resources.cataloguing.imports.uploads import received
from shared.doors import Router, WorkDep, allow
from shared.web.pages import PageNo

router = Router(prefix="/api/resources/selections", tags=["selections"])
READ, CHOOSE, BUY = [allow(*rules.READERS)], [allow(*rules.CHOOSERS)], [allow(*rules.BUYERS)]


class Choice(BaseModel):
    """One word for these rows."""

    ids: list[UUID] = Field(min_length=1, max_length=1000)
    decision: Decision
    copies: int = Field(1, ge=1, le=rules.MOST_COPIES)


@router.post("", status_code=201, dependencies=BUY)
async def upload(request: Request, work: WorkDep) -> dict[str, Any]:
    """Take a file in; its columns are guessed."""
    async with received(request) as got:
        return queries.list_json(await commands.upload(work, got.path, name=got.name, supplier=got.fields.get("supplier", "")))


@router.get("/{number}", dependencies=READ)
async def one(work: WorkDep, number: str) -> dict[str, Any]:
    """The list and how far choosing is."""
    found = await queries.by_no(work.session, number)
    counts = await queries.counts(work.session, found.id)
    return {**queries.list_json(found), "decisions": {word.value: n for word, n in counts.items()}}


@router.get("/{number}/rows", dependencies=READ)
async def rows(request: Request, work: WorkDep, number: str, page_no: PageNo = 1) -> dict[str, Any]:
    """A hundred rows, filtered as on the screen."""
    found = await queries.by_no(work.session, number)
    asked = dict(request.query_params)
    some, total = await queries.rows(work.session, found.id, asked, limit=100, offset=(page_no - 1) * 100)
    return {"items": [queries.row_json(row) for row in some], "total": total}


@router.post("/{number}/columns", dependencies=BUY)
async def remap(work: WorkDep, number: str, mapping: dict[str, int]) -> dict[str, Any]:
    """Which column is what; choosing begins."""
    return queries.list_json(await commands.remap(work, number, mapping=mapping))


@router.post("/{number}/decide", dependencies=CHOOSE)
async def decide(work: WorkDep, number: str, body: Choice) -> dict[str, Any]:
    """Choose."""
    return {"decided": await commands.decide(work, number, decision=body.decision, copies=body.copies, ids=body.ids)}


@router.post("/{number}/submit", dependencies=BUY)
async def submit(work: WorkDep, number: str, rest: bool = False) -> dict[str, Any]:
    """Ask for confirmation."""
    return queries.list_json(await commands.submit(work, number, rest=rest))


@router.post("/{number}/confirm", dependencies=BUY)
async def confirm(work: WorkDep, number: str) -> dict[str, Any]:
    """What was chosen is wanted."""
    found, n = await commands.confirm(work, number)
    return {**queries.list_json(found), "wanted": n}
