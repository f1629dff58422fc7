"""JSON door of order lines; orders themselves have the register's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from services.resources.acquiring.orders import commands, queries, rules
from services.resources.acquiring.orders.commands import NewLine
from shared.doors import Router, WorkDep, allow

router = Router(prefix="/api/resources/orders", tags=["orders"], dependencies=[allow(*rules.READERS)])
WRITE = [allow(*rules.BUYERS)]


class LineIn(BaseModel):
    """A title to be ordered; `list_minor` in hundredths of the order's currency."""

    title: str = Field(min_length=1, max_length=300)
    list_minor: int = Field(ge=0, le=100_000_000)
    copies: int = Field(1, ge=1, le=500)
    author: str = Field("", max_length=200)
    publisher: str = Field("", max_length=120)
    year: str = Field("", max_length=10)
    isbn: str = Field("", max_length=30)
    subject: str = Field("", max_length=8)
    fund: str = Field("", max_length=40)
    discount: float | None = Field(None, gt=0, le=150)


class LinesIn(BaseModel):
    """Titles typed, or numbers of wanted titles."""

    lines: list[LineIn] = Field(default_factory=list, max_length=rules.LARGEST)
    desiderata: list[str] = Field(default_factory=list, max_length=rules.LARGEST)


class CopiesOut(BaseModel):
    """How many copies will not come, and why."""

    copies: int = Field(ge=1, le=500)
    reason: str = Field("", max_length=300)


@router.get("/{number}/lines")
async def lines(work: WorkDep, number: str) -> dict[str, Any]:
    """Every line of an order."""
    order = await queries.order_of(work.session, number)
    found = await queries.lines_of(work.session, order.no)
    return {"number": order.no, "state": order.state, "net_cents": order.net_total,
            "items": [queries.line_json(line, order.rate) for line in found]}


@router.post("/{number}/lines", status_code=201, dependencies=WRITE)
async def add(work: WorkDep, number: str, new: LinesIn) -> dict[str, Any]:
    """Put titles on a draft; each comes back with what the duplicate check found."""
    made = await commands.add_lines(work, number, [NewLine(**one.model_dump()) for one in new.lines]) if new.lines else []
    if new.desiderata:
        made += await commands.pick(work, number, new.desiderata)
    order = await queries.order_of(work.session, number)
    return {"number": order.no, "items": [queries.line_json(line, order.rate) for line in made]}


@router.post("/{number}/lines/{line_id}/cancel", dependencies=WRITE)
async def cancel(work: WorkDep, number: str, line_id: UUID, out: CopiesOut) -> dict[str, Any]:
    """Copies of a line that will not come."""
    await commands.cancel_copies(work, number, line_id, copies=out.copies, reason=out.reason)
    order = await queries.order_of(work.session, number)
    return {"number": order.no, "state": order.state, "net_cents": order.net_total}
