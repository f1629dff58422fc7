"""`/api/tech/faults` and `/api/tech/work-orders`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, Field

from services.tech.support.helpdesk import commands, queries
from services.tech.support.helpdesk.model import Kind, OrderState, Priority, WorkOrder
from shared.doors import Router, WorkDep, allow
from shared.refusals import NotFound

router = Router(prefix="/api/tech", tags=["helpdesk"])


class Report(BaseModel):
    """What the reporter says."""

    place: str = Field(min_length=1, max_length=80)
    kind: Kind = Kind.other
    note: str = Field(min_length=2, max_length=2000)
    title: str = Field(default="", max_length=60)
    priority: Priority | None = None


class Note(BaseModel):
    """Words that go with an action."""

    note: str = Field(default="", max_length=2000)
    rating: int | None = Field(default=None, ge=1, le=5)


def shown(order: WorkOrder) -> dict[str, Any]:
    """Wire form of an order."""
    return {
        "number": order.no, "state": order.state.value, "state_label": order.state.text,
        "place": order.place, "kind": order.kind.value, "title": order.title, "note": order.note,
        "priority": order.priority.value, "reporter": order.reporter, "owner": order.owner,
        "respond_by": order.respond_by, "solve_by": order.solve_by, "reported_at": order.created_at,
        "resolved_at": order.resolved_at, "solution": order.solution,
        "correlation": order.correlation, "url": f"/tech/work-orders/{order.no}",
    }


@router.post("/faults", status_code=201, dependencies=[allow("staff")])
async def report(work: WorkDep, body: Report) -> dict[str, Any]:
    return shown(await commands.report_fault(work, **body.model_dump()))


@router.get("/work-orders", dependencies=[allow("staff")])
async def listed(
    work: WorkDep, state: OrderState | None = None, mine: bool = False,
    limit: Annotated[int, Query(ge=1, le=200)] = 50, offset: Annotated[int, Query(ge=0)] = 0,
) -> dict[str, Any]:
    rows, total = await queries.orders(
        work.session, state=state.value if state else "", reporter=work.actor.id if mine else "",
        limit=limit, offset=offset,
    )
    after = offset + len(rows)
    return {"items": [shown(r) for r in rows], "total": total, "next": after if after < total else None}


@router.get("/work-orders/{number}", dependencies=[allow("staff")])
async def one(work: WorkDep, number: str) -> dict[str, Any]:
    found = await work.session.scalar(queries.by_number(number))
    if found is None:
        raise NotFound(number)
    return shown(found)


@router.post("/work-orders/{number}/accept", dependencies=[allow("TEC", "director")])
async def accept(work: WorkDep, number: str) -> dict[str, Any]:
    return shown(await commands.accept(work, number))


@router.post("/work-orders/{number}/wait", dependencies=[allow("TEC", "director")])
async def wait(work: WorkDep, number: str, body: Note) -> dict[str, Any]:
    return shown(await commands.wait(work, number, reason=body.note))


@router.post("/work-orders/{number}/resume", dependencies=[allow("TEC", "director")])
async def resume(work: WorkDep, number: str) -> dict[str, Any]:
    return shown(await commands.resume(work, number))


@router.post("/work-orders/{number}/resolve", dependencies=[allow("TEC", "director")])
async def resolve(work: WorkDep, number: str, body: Note) -> dict[str, Any]:
    return shown(await commands.resolve(work, number, note=body.note))


@router.post("/work-orders/{number}/confirm", dependencies=[allow("staff")])
async def confirm(work: WorkDep, number: str, body: Note) -> dict[str, Any]:
    return shown(await commands.confirm(work, number, rating=body.rating))


@router.post("/work-orders/{number}/reopen", dependencies=[allow("staff")])
async def reopen(work: WorkDep, number: str, body: Note) -> dict[str, Any]:
    return shown(await commands.reopen(work, number, note=body.note))


@router.post("/work-orders/{number}/void", dependencies=[allow("staff")])
async def void(work: WorkDep, number: str, body: Note) -> dict[str, Any]:
    return shown(await commands.void(work, number, note=body.note))
