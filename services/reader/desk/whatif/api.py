"""JSON door of what would happen, and of why a loan is as it is."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from services.reader.desk import DESK
from services.reader.desk.calendar.queries import closed_days
from services.reader.desk.circulation.model import Loan
from services.reader.desk.circulation.queries import loan_json
from services.reader.desk.circulation.rules import fine_of
from services.reader.desk.codes import clean
from services.reader.desk.items.model import Item
from services.reader.desk.patrons.model import Category
from services.reader.desk.patrons.queries import own_or_staff
from services.reader.desk.policies.queries import book_by_number, decided_json
from services.reader.desk.policies.rules import Decision
from services.reader.desk.whatif.queries import Question, answer, answer_json
from shared.doors import Router, WorkDep, allow
from shared.work import Work

router = Router(prefix="/api/reader", tags=["what if"])


class DryRun(BaseModel):
    """Who would borrow what."""

    card: str = Field(min_length=1, max_length=60)
    barcode: str = Field(min_length=1, max_length=60)


@router.post("/loans/dry-run", dependencies=[allow(*DESK)])
async def dry_run(work: WorkDep, body: DryRun) -> dict[str, Any]:
    """All reasons and the due date, without lending."""
    return answer_json(await answer(work, Question(card=clean(body.card), barcode=clean(body.barcode))))


@router.get("/rules/what-if", dependencies=[allow(*DESK)])
async def what_if(
    work: WorkDep, card: Annotated[str, Query(max_length=60)] = "",
    barcode: Annotated[str, Query(max_length=60)] = "", category: Category = Category.undergraduate,
    kind: Annotated[str, Query(max_length=40)] = "book",
    location: Annotated[str, Query(max_length=60)] = "",
    price_cents: Annotated[int, Query(ge=0, le=100_000_00)] = 0, on: date | None = None,
    late: Annotated[int, Query(ge=0, le=365)] = 0, number: Annotated[str, Query(max_length=40)] = "",
) -> dict[str, Any]:
    """A card or a category, a barcode or a kind and place, on a day, by a version."""
    return answer_json(await answer(work, Question(
        clean(card), clean(barcode), category, kind, location, price_cents, on, late, number,
    )))


@router.get("/explain", dependencies=[allow("patron", *DESK)])
async def explain(work: WorkDep, loan: UUID) -> dict[str, Any]:
    """Why a loan is due when it is and costs what it costs; patrons ask about their own."""
    found = await work.get(Loan, loan)
    own_or_staff(work.actor, found.card or "-")
    fine = found.fine_explain
    if found.returned_at is None and found.due_on < work.today:
        item = await work.get(Item, found.item_id)
        closed = await closed_days(work.session, found.due_on, work.today)
        fine = fine_of(found, work.today, closed=closed, price_fen=item.price_fen)
    return {"loan": loan_json(found), "rules": await _decided(work, found), "fine": fine}


async def _decided(work: Work, loan: Loan) -> dict[str, Any]:
    """Every value the loan keeps, with the rule that decided it; empty for loans older than the rules."""
    number = loan.explain.get("rule", {}).get("set")
    if not number:
        return {}
    book = await book_by_number(work.session, number)
    return {
        name: decided_json(book, name, Decision(kept["no"], tuple(kept["lost"])))
        for name, kept in loan.explain.get("by", {}).items()
    }
