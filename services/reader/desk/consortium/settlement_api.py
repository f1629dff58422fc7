"""JSON door of settlements with members, and of circulation counted apart."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from services.reader.desk import DESK, HEAD
from services.reader.desk.codes import clean
from services.reader.desk.consortium import counting, months, queries, settling, wire
from services.reader.desk.consortium.model import LineKind
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_
from shared.refusals import Invalid
from shared.work import Work

router = Router(prefix="/api/reader/union", tags=["union library"], dependencies=[allow(*DESK)])
Limit = Annotated[int, Query(ge=1, le=200)]
Offset = Annotated[int, Query(ge=0)]
Month = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$", description="A month, such as 2026-11")]


class NewSettlement(BaseModel):
    """A month with one member, or with all that have none yet when none is named."""

    month: Month
    member: str = Field("", max_length=20)


class NewLine(BaseModel):
    """What the member told us: loans there, lost items."""

    kind: LineKind
    quantity: int = Field(1, ge=1, le=100_000)
    note: str = Field("", max_length=200)


class Correction(BaseModel):
    """What was wrong in a closed month, seen from us: positive is owed to us."""

    amount_cents: int = Field(ge=-100_000_000, le=100_000_000)
    note: str = Field(min_length=2, max_length=200)


@router.get("/settlements")
async def settlements(work: WorkDep, limit: Limit = 50, offset: Offset = 0) -> dict[str, Any]:
    """Months with members, newest first."""
    rows, total = await counting.settlements(work.session, limit=limit, offset=offset)
    return wire.paged([wire.settlement(*row) for row in rows], total, offset)


async def _settlement(work: Work, number: str) -> dict[str, Any]:
    found, member, lines = await counting.settlement_with_lines(work.session, number)
    return {
        **wire.settlement(found, member, sum(one.amount_fen for one in lines)), "lines": [wire.line(one) for one in lines],
        "corrections": [wire.line(one) for one in await counting.corrections_of(work.session, number)],
    }


@router.post("/settlements", status_code=201)
async def draft(work: WorkDep, body: NewSettlement) -> dict[str, Any]:
    """Begin a month that is over; the answer lists what was drafted."""
    month = months.month_of(body.month)
    if month is None:
        raise Invalid({"month": N_("月份写成 2026-11")})
    if body.member:
        made = [await settling.draft(work, member=clean(body.member), month=month)]
    else:
        made = await settling.draft_all(work, month=month)
    return wire.paged([await _settlement(work, one.number) for one in made], len(made), 0)


@router.get("/settlements/{number}")
async def settlement(work: WorkDep, number: str) -> dict[str, Any]:
    """A month with a member: its lines, the rows behind each, and what later months corrected."""
    return await _settlement(work, number)


@router.post("/settlements/{number}/lines", status_code=201)
async def add_line(work: WorkDep, number: str, body: NewLine) -> dict[str, Any]:
    """A line of what the member told us."""
    await settling.add_line(work, number=number, kind=body.kind, quantity=body.quantity, note=body.note)
    return await _settlement(work, number)


@router.delete("/settlements/{number}/lines/{line_id}")
async def drop_line(work: WorkDep, number: str, line_id: UUID) -> dict[str, Any]:
    """A line by hand that was wrong, while nothing is closed."""
    await settling.drop_line(work, number=number, line_id=line_id)
    return await _settlement(work, number)


@router.post("/settlements/{number}/recount")
async def recount(work: WorkDep, number: str) -> dict[str, Any]:
    """Count a draft again."""
    await settling.recount(work, number=number)
    return await _settlement(work, number)


@router.post("/settlements/{number}/check")
async def check(work: WorkDep, number: str) -> dict[str, Any]:
    """A second person agrees."""
    await settling.check(work, number=number)
    return await _settlement(work, number)


@router.post("/settlements/{number}/back")
async def back(work: WorkDep, number: str) -> dict[str, Any]:
    """A draft again."""
    await settling.send_back(work, number=number)
    return await _settlement(work, number)


@router.post("/settlements/{number}/close", dependencies=[allow(*HEAD)])
async def close(work: WorkDep, number: str) -> dict[str, Any]:
    """Final."""
    await settling.close(work, number=number)
    return await _settlement(work, number)


@router.post("/settlements/{number}/correct", status_code=201)
async def correct(work: WorkDep, number: str, body: Correction) -> dict[str, Any]:
    """A closed month was wrong: a line of the member's first later draft, which is the answer."""
    made = await settling.correct(work, number=number, amount_fen=body.amount_cents, note=body.note)
    return await _settlement(work, made.settlement)


@router.get("/statistics")
async def statistics(work: WorkDep, month: Annotated[str, Query(max_length=7)]) -> dict[str, Any]:
    """A month of circulation: own readers and union readers apart, by member, union loans by class."""
    first = months.month_of(month)
    if first is None:
        raise Invalid({"month": N_("月份写成 2026-11")})
    apart = await counting.month_apart(work.session, first)
    return {
        "month": f"{first:%Y-%m}", "own": {key: pair[0] for key, pair in apart.items()},
        "union": {key: pair[1] for key, pair in apart.items()},
        "members": {
            one.code: {kind.value: len(rows) for kind, rows in (await counting.month_rows(work.session, one.id, first)).items()}
            for one in await queries.members(work.session)
        },
        "union_loans_by_class": await counting.union_loans_by_class(work.session, first),
    }
