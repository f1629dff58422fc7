"""JSON door of signatures."""

from __future__ import annotations

from typing import Any

from fastapi import Query
from pydantic import BaseModel, Field

from services.reader.desk import DESK, HEAD
from services.reader.desk.signing import commands, queries
from shared.doors import Router, WorkDep, allow

router = Router(prefix="/api/reader/sign-offs", tags=["signing"])


class Answer(BaseModel):
    """A head's word."""

    grant: bool
    reason: str = Field(min_length=2, max_length=300)


@router.get("", dependencies=[allow(*DESK)])
async def listed(
    work: WorkDep, tab: str = Query("open", pattern="^(open|done)$"), limit: int = Query(50, ge=1, le=200),
    offset: int = Query(0, ge=0),
) -> dict[str, Any]:
    """All requests for a head; for a clerk their own."""
    own = "" if work.actor.holds(HEAD) else work.actor.id
    found, total = await queries.listed(work.session, tab, asked_by=own, limit=limit, offset=offset)
    return {
        "items": [queries.sign_off_json(one) for one in found], "total": total,
        "next": offset + limit if offset + len(found) < total else None,
    }


@router.post("/{number}/answer", dependencies=[allow(*HEAD)])
async def answer(work: WorkDep, number: str, body: Answer) -> dict[str, Any]:
    """Say yes or no to a clerk who waits."""
    return queries.sign_off_json(await commands.answer(work, number=number, grant=body.grant, reason=body.reason))


@router.post("/{number}/withdraw", dependencies=[allow(*DESK)])
async def withdraw(work: WorkDep, number: str) -> dict[str, Any]:
    """The clerk waits no longer."""
    return queries.sign_off_json(await commands.withdraw(work, number=number))
