"""`/api/tech/patrols`: the same commands for programs and for a phone's outbox."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import AwareDatetime, BaseModel, Field

from services.tech.support.patrols import commands, queries, rules
from services.tech.support.patrols.model import Round
from shared.doors import Router, WorkDep, allow

router = Router(prefix="/api/tech/patrols", tags=["patrols"])


class Begin(BaseModel):
    """Which way to walk."""

    route: str


class Reached(BaseModel):
    """A point that was reached."""

    point: str
    ok: bool = True
    note: str = Field(default="", max_length=500)
    walked_at: AwareDatetime | None = None
    serious: bool = False


class End(BaseModel):
    """The end of the round."""

    note: str = Field(default="", max_length=500)
    ended_at: AwareDatetime | None = None


def shown(patrol: Round) -> dict[str, Any]:
    """Wire form of a round."""
    return {
        "number": patrol.no, "walker": patrol.walker, "on": patrol.on_day, "state": patrol.state.value,
        "started_at": patrol.started_at, "ended_at": patrol.ended_at, "minutes": patrol.minutes,
        "anomalies": patrol.anomalies, "correlation": patrol.correlation,
    }


@router.get("", dependencies=[allow("TEC", "head-tech", "director")])
async def listed(
    work: WorkDep, limit: Annotated[int, Query(ge=1, le=200)] = 50, offset: Annotated[int, Query(ge=0)] = 0
) -> dict[str, Any]:
    rows, total = await queries.rounds(work.session, limit=limit, offset=offset)
    after = offset + len(rows)
    return {"items": [shown(r) for r, _route in rows], "total": total, "next": after if after < total else None}


@router.post("", status_code=201, dependencies=[allow(*rules.POSTS)])
async def begin(work: WorkDep, body: Begin) -> dict[str, Any]:
    return shown(await commands.start_round(work, route=body.route))


@router.post("/{number}/points", status_code=201, dependencies=[allow(*rules.POSTS)])
async def reached(work: WorkDep, number: str, body: Reached) -> dict[str, Any]:
    made = await commands.stamp(
        work, number, point=body.point, ok=body.ok, note=body.note, walked_at=body.walked_at, serious=body.serious
    )
    return {"point": body.point, "ok": made.ok, "order": made.order_no, "walked_at": made.walked_at}


@router.post("/{number}/close", dependencies=[allow(*rules.POSTS)])
async def close(work: WorkDep, number: str, body: End) -> dict[str, Any]:
    ended: datetime | None = body.ended_at
    return shown(await commands.close_round(work, number, note=body.note, ended_at=ended))
