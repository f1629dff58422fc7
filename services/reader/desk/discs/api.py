"""JSON door of discs and their checks."""

from __future__ import annotations

from typing import Any

from fastapi import Query
from pydantic import BaseModel, Field

from services.reader.desk import DESK
from services.reader.desk.codes import clean
from services.reader.desk.condition.model import Grade
from services.reader.desk.discs import commands, queries
from services.reader.desk.discs.model import CheckState, Pays
from services.reader.desk.discs.rules import month_of
from services.reader.desk.holds.queries import hold_json
from services.reader.desk.items.queries import item_by_barcode
from services.reader.desk.transit.queries import transit_json
from shared.doors import Router, WorkDep, allow

router = Router(prefix="/api/reader", tags=["discs"], dependencies=[allow(*DESK)])


class Verdict(BaseModel):
    """The four findings and the verdict, which must agree with them; `at` is the desk's service point."""

    passed: bool
    surface: bool
    readable: bool
    case: bool
    count: int = Field(ge=0, le=99)
    note: str = Field("", max_length=300)
    pays: Pays = Pays.fixed
    pay_for: int | None = Field(None, ge=1, le=99)
    grade: Grade | None = None
    at: str = Field("", max_length=12)


class Belonging(BaseModel):
    """The book of a disc ("" for none), whether it is that copy's alone, and its pieces."""

    book: str = Field("", max_length=60)
    own_copy: bool = False
    pieces: int = Field(1, ge=1, le=99)


@router.get("/disc-checks")
async def checks(
    work: WorkDep, state: CheckState = CheckState.waiting, limit: int = Query(50, ge=1, le=200),
    offset: int = Query(0, ge=0),
) -> dict[str, Any]:
    """Checks in a state; those that wait when none is asked for."""
    found, total = await queries.checks(work.session, states=[state], limit=limit, offset=offset)
    return {
        "items": [queries.check_json(one) for one in found], "total": total,
        "next": offset + limit if offset + len(found) < total else None,
    }


@router.get("/disc-checks/{number}")
async def check(work: WorkDep, number: str) -> dict[str, Any]:
    """One check."""
    return queries.check_json(await queries.check_by_number(work.session, clean(number)))


@router.post("/disc-checks/{number}")
async def decide(work: WorkDep, number: str, body: Verdict) -> dict[str, Any]:
    """Enter what was found."""
    facts = body.model_dump()
    done = await commands.decide(work, number=clean(number), **{**facts, "at": clean(body.at)})
    return {
        **queries.check_json(done.check), "hold": hold_json(done.hold) if done.hold else None,
        "transit": transit_json(done.transit, work.today) if done.transit else None,
    }


@router.get("/discs/figures")
async def figures(work: WorkDep, month: str = Query("", max_length=10)) -> dict[str, Any]:
    """A month in numbers (`2026-11`; this one when none is asked for)."""
    chosen = month_of(month, work.today)
    return {"month": f"{chosen:%Y-%m}", **await queries.figures(work.session, chosen)}


@router.get("/discs")
async def discs(
    work: WorkDep, q: str = Query("", max_length=80), book: str = Query("", max_length=60),
    limit: int = Query(50, ge=1, le=200), offset: int = Query(0, ge=0),
) -> dict[str, Any]:
    """The discs of the house, or those of a book."""
    if book:
        owner = await item_by_barcode(work.session, clean(book))
        mine = await queries.discs_of(work.session, owner)
        rows = [(item, await queries.disc_of(work.session, item.id)) for item in mine]
        total = len(rows)
    else:
        rows, total = await queries.discs(work.session, q=q.strip(), limit=limit, offset=offset)
    books = await queries.books_of(work.session, [disc for _item, disc in rows])
    return {
        "items": [
            queries.disc_json(item, disc, books.get(item.id)) for item, disc in rows
        ],
        "total": total, "next": offset + limit if not book and offset + len(rows) < total else None,
    }


@router.get("/discs/{barcode}")
async def disc(work: WorkDep, barcode: str) -> dict[str, Any]:
    """One disc with its book and its checks, latest first."""
    item = await queries.disc_item(work.session, clean(barcode))
    known = await queries.disc_of(work.session, item.id)
    found, _total = await queries.checks(work.session, states=list(CheckState), item_id=item.id, limit=50)
    return {
        **queries.disc_json(item, known, await queries.book_of(work.session, known)),
        "checks": [queries.check_json(one) for one in found],
    }


@router.put("/discs/{barcode}")
async def belong(work: WorkDep, barcode: str, body: Belonging) -> dict[str, Any]:
    """Say which book it belongs to and how many pieces it has."""
    item, known = await commands.belong(
        work, barcode=clean(barcode), book=clean(body.book), own_copy=body.own_copy, pieces=body.pieces
    )
    return queries.disc_json(item, known, await queries.book_of(work.session, known))
