"""JSON door of patrons and cards."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from services.reader.desk import DESK
from services.reader.desk.patrons import commands, queries
from services.reader.desk.patrons.form import NewPatron
from services.reader.desk.policies.queries import book_on
from services.reader.desk.policies.rules import resolve
from shared.doors import Router, WorkDep, allow

router = Router(prefix="/api/reader/patrons", tags=["patrons"])


class CardChange(BaseModel):
    """What happens to a card, and why."""

    action: Literal["report_loss", "unblock", "suspend", "resume", "close", "reopen"]
    reason: str = Field("", max_length=200)
    until: date | None = None


@router.post("", status_code=201, dependencies=[allow(*DESK)])
async def register(work: WorkDep, body: NewPatron) -> dict[str, Any]:
    """Register a patron."""
    patron = await commands.register(work, **{**body.model_dump(), "card": body.card.upper()})
    terms = await queries.terms_of(work.session, patron, work.today)
    return queries.patron_json(patron, work.today, terms)


@router.get("", dependencies=[allow(*DESK)])
async def find(work: WorkDep, q: str = Query("", max_length=60)) -> dict[str, Any]:
    """Patrons by card, name or pinyin initials."""
    found = await queries.find(work.session, q)
    book = await book_on(work.session, work.today)
    return {
        "items": [
            queries.patron_json(p, work.today, resolve(book, p.category.value).terms) for p in found
        ], "total": len(found), "next": None
    }


@router.get("/{card}", dependencies=[allow("staff", "patron")])
async def patron(work: WorkDep, card: str) -> dict[str, Any]:
    """One patron; patrons see themselves alone."""
    queries.own_or_staff(work.actor, card.upper())
    if work.actor.kind != "patron":
        work.actor.require(*DESK)
    found = await queries.patron_by_card(work.session, card.upper())
    return queries.patron_json(found, work.today, await queries.terms_of(work.session, found, work.today))


@router.post("/{card}/card", dependencies=[allow("patron", *DESK)])
async def change_card(work: WorkDep, card: str, body: CardChange) -> dict[str, Any]:
    """Report lost, unblock, suspend, resume, close or reopen a card."""
    found = await commands.change_card(
        work, card=card.upper(), action=body.action, reason=body.reason, until=body.until
    )
    return queries.patron_json(found, work.today, await queries.terms_of(work.session, found, work.today))
