"""JSON door of the till."""

from __future__ import annotations

from typing import Any

from fastapi import Query
from pydantic import BaseModel, Field

from services.reader.desk import DESK
from services.reader.desk.cash import commands, queries
from shared.doors import Router, WorkDep, allow

router = Router(prefix="/api/reader/cash-ups", tags=["cash"], dependencies=[allow(*DESK)])


class Count(BaseModel):
    """Cash as a colleague counted it, in fen."""

    counted_cents: int = Field(ge=0, le=100_000_00)
    reason: str = Field("", max_length=300)


class Slip(BaseModel):
    """A bank slip and the shifts it carries; none named means all that are counted."""

    slip_no: str = Field(min_length=4, max_length=40)
    shifts: list[str] = Field(default_factory=list, max_length=100)


@router.get("")
async def cash_ups(
    work: WorkDep, limit: int = Query(50, ge=1, le=200), offset: int = Query(0, ge=0)
) -> dict[str, Any]:
    """收入缴存表: a line for each shift."""
    found, total = await queries.shifts(work.session, limit=limit, offset=offset)
    after = offset + len(found)
    return {
        "items": [queries.line_json(*line) for line in found], "total": total,
        "next": after if after < total else None,
        "to_bank_cents": await queries.in_the_drawer(work.session),
    }


@router.post("/{no}/count")
async def count(work: WorkDep, no: str, body: Count) -> dict[str, Any]:
    """A colleague counts."""
    shift = await commands.count(work, no=no, counted_fen=body.counted_cents, reason=body.reason)
    sums = await queries.takings(work.session, [shift.id])
    return queries.line_json(shift, None, sums[shift.id])


@router.post("/bank", status_code=201)
async def bank(work: WorkDep, body: Slip) -> dict[str, Any]:
    """The cash went to the bank."""
    deposit = await commands.bank(work, slip_no=body.slip_no, shifts=body.shifts)
    return {
        "deposit": deposit.no, "slip_no": deposit.slip_no, "amount_cents": deposit.amount_fen,
        "banked_on": deposit.banked_on,
    }
