"""JSON door of the rules: what decides today, and every version."""

from __future__ import annotations

from typing import Any

from fastapi import Query

from services.reader.desk import DESK
from services.reader.desk.policies import queries
from services.reader.desk.policies.rules import STANDARD
from shared.doors import Router, WorkDep, allow

router = Router(prefix="/api/reader/rules", tags=["rules"], dependencies=[allow(*DESK)])


@router.get("")
async def rules(
    work: WorkDep, limit: int = Query(50, ge=1, le=200), offset: int = Query(0, ge=0)
) -> dict[str, Any]:
    """The version in force with its rules, and the list of all versions."""
    found, total = await queries.sets(work.session, limit=limit, offset=offset)
    return {
        "in_force": queries.book_json(await queries.book_on(work.session, work.today)),
        "items": [
            {
                "number": one.number, "state": one.state.value, "state_label": one.state.text, "note": one.note,
                "effective_from": one.effective_from, "drafted_by": one.drafted_by, "drafted_at": one.drafted_at,
                "activated_by": one.activated_by, "activated_at": one.activated_at,
            }
            for one in found
        ],
        "total": total, "standard": STANDARD.number,
        "next": offset + limit if offset + len(found) < total else None,
    }


@router.get("/versions/{number}")
async def version(work: WorkDep, number: str) -> dict[str, Any]:
    """One version with its rules."""
    return queries.book_json(await queries.book_by_number(work.session, number))
