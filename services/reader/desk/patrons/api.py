"""JSON door of patrons and cards."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from services.reader.desk import DESK
from services.reader.desk.looks import look
from services.reader.desk.patrons import commands, queries
from services.reader.desk.patrons.form import Amendment, NewNote, NewPatron, Seen
from services.reader.desk.patrons.model import Note
from services.reader.desk.policies.queries import book_on
from services.reader.desk.policies.rules import resolve
from shared.doors import Router, WorkDep, allow

router = Router(prefix="/api/reader/patrons", tags=["patrons"])


class CardChange(BaseModel):
    """What happens to a card, and why."""

    action: Literal["report_loss", "suspend", "resume", "close", "reopen"]
    reason: str = Field("", max_length=200)
    until: date | None = None


@router.post("", status_code=201, dependencies=[allow(*DESK)])
async def register(work: WorkDep, body: NewPatron) -> dict[str, Any]:
    """Register a patron."""
    patron = await commands.register(work, **{**body.model_dump(), "card": body.card.upper(), "chip": (body.chip or "").upper() or None})
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


@router.get("/{card}", dependencies=[allow("patron", *DESK)])
async def patron(work: WorkDep, card: str) -> dict[str, Any]:
    """One patron; patrons see themselves alone."""
    queries.own_or_staff(work.actor, card.upper())
    if work.actor.kind != "patron":
        work.actor.require(*DESK)
    found = await queries.patron_by_card(work.session, card.upper())
    if found.email or found.phone:
        look(work, "read-contact", found.card)
    return await queries.record_json(work.session, found, work.today)


@router.patch("/{card}", dependencies=[allow(*DESK)])
async def amend(work: WorkDep, card: str, body: Amendment) -> dict[str, Any]:
    """Correct what is named in the body."""
    found = await commands.amend(work, card=card.upper(), **body.model_dump(exclude_unset=True))
    return await queries.record_json(work.session, found, work.today)


@router.post("/{card}/unblock", dependencies=[allow(*DESK)])
async def unblock(work: WorkDep, card: str, body: Seen) -> dict[str, Any]:
    """Free a lost card for its owner, who has shown a document."""
    found = await commands.unblock(work, card=card.upper(), document=body.document, last4=body.last4)
    return queries.patron_json(found, work.today, await queries.terms_of(work.session, found, work.today))


def _note_json(note: Note) -> dict[str, Any]:
    return {
        "id": str(note.id), "text": note.text, "urgent": note.urgent, "until": note.until,
        "written_by": note.written_by, "written_at": note.written_at, "ended_at": note.ended_at,
    }


@router.get("/{card}/notes", dependencies=[allow(*DESK)])
async def notes(work: WorkDep, card: str) -> dict[str, Any]:
    """What the desk should know of the patron today."""
    found = await queries.patron_by_card(work.session, card.upper())
    rows = await queries.notes_of(work.session, found, work.today)
    return {"items": [_note_json(row) for row in rows], "total": len(rows), "next": None}


@router.post("/{card}/notes", status_code=201, dependencies=[allow(*DESK)])
async def add_note(work: WorkDep, card: str, body: NewNote) -> dict[str, Any]:
    """Leave a remark for the next desk."""
    return _note_json(await commands.add_note(work, card=card.upper(), **body.model_dump()))


@router.post("/{card}/card", dependencies=[allow("patron", *DESK)])
async def change_card(work: WorkDep, card: str, body: CardChange) -> dict[str, Any]:
    """Report lost, suspend, resume, close or reopen a card."""
    found = await commands.change_card(
        work, card=card.upper(), action=body.action, reason=body.reason, until=body.until
    )
    return queries.patron_json(found, work.today, await queries.terms_of(work.session, found, work.today))
