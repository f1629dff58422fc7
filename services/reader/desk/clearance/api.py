"""JSON door of clearances."""

from __future__ import annotations

from typing import Any

from fastapi import Query

from services.reader.desk import DESK
from services.reader.desk.clearance import commands, queries
from services.reader.desk.clearance.model import ClearanceState
from shared.doors import Router, WorkDep, allow

router = Router(prefix="/api/reader/clearances", tags=["clearance"], dependencies=[allow(*DESK)])


@router.get("")
async def clearances(
    work: WorkDep, state: ClearanceState | None = None, q: str = Query("", max_length=60),
    limit: int = Query(50, ge=1, le=200), offset: int = Query(0, ge=0),
) -> dict[str, Any]:
    """Cases with what is missing."""
    rows, total = await queries.listed(work.session, state=state, q=q, limit=limit, offset=offset)
    return {
        "items": [queries.clearance_json(case, patron) for case, patron in rows], "total": total,
        "next": offset + limit if offset + len(rows) < total else None,
    }


@router.post("/{number}/grant")
async def grant(work: WorkDep, number: str) -> dict[str, Any]:
    """Let somebody go who has nothing open."""
    await commands.grant(work, number=number)
    await work.session.flush()
    return queries.clearance_json(*await queries.case_of(work.session, number))
