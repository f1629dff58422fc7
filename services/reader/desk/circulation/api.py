"""JSON door of lending, returning, renewing."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field
from starlette.requests import Request

from services.reader.desk import DESK
from services.reader.desk.circulation import asking_back, commands, queries, undo
from services.reader.desk.circulation.rules import sentence_of
from services.reader.desk.codes import clean
from services.reader.desk.condition.model import DamageKind, Grade
from services.reader.desk.condition.queries import slip_json
from services.reader.desk.condition.rules import shorthand
from services.reader.desk.discs.queries import check_json
from services.reader.desk.holds.queries import hold_json
from services.reader.desk.items.queries import item_json, renamed
from services.reader.desk.patrons.queries import own_or_staff, patron_by_card, patron_json, terms_of
from services.reader.desk.signing.presenting import signature
from services.reader.desk.transit.queries import transit_json
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_
from shared.refusals import Invalid

router = Router(prefix="/api/reader", tags=["circulation"])


class LoanRequest(BaseModel):
    """Who wants what; `override` needs the right and a note, or a head's `approval`."""

    card: str = Field(min_length=1, max_length=60)
    barcode: str = Field(min_length=1, max_length=60)
    override: bool = False
    note: str = Field("", max_length=300)
    approval: str = Field("", max_length=4000, repr=False)


class Damage(BaseModel):
    """What is wrong with an item that comes back."""

    kind: DamageKind = DamageKind.other
    grade: Grade = Grade.medium
    note: str = Field("", max_length=300)


class ReturnRequest(BaseModel):
    """What came back; `condition` is a damage, or one word: `sound`, a grade, a kind, `kind:grade`."""

    barcode: str = Field(min_length=1, max_length=60)
    condition: Damage | str | None = None
    at: str = Field("", max_length=12)


class RenewalRequest(BaseModel):
    """Which loan is to run longer."""

    barcode: str = Field(min_length=1, max_length=60)
    override: bool = False
    note: str = Field("", max_length=300)
    approval: str = Field("", max_length=4000, repr=False)


class NewHold(BaseModel):
    """Who waits for which title, or for the one item of a `barcode`; where, until when, and whether it is called back."""

    card: str = Field(min_length=1, max_length=60)
    instance_id: str = Field("", max_length=80)
    barcode: str = Field("", max_length=60)
    pickup: str = Field("", max_length=12)
    needed_by: date | None = None
    recall: bool = False
    override: bool = False
    note: str = Field("", max_length=300)
    approval: str = Field("", max_length=4000, repr=False)


class RecallRequest(BaseModel):
    """Which item is asked back, and why."""

    barcode: str = Field(min_length=1, max_length=60)
    reason: str = Field(min_length=1, max_length=200)


@router.post("/loans", status_code=201, dependencies=[allow(*DESK)])
async def lend(request: Request, work: WorkDep, body: LoanRequest) -> dict[str, Any]:
    """Lend an item."""
    signed = await signature(request, work, approval=body.approval)
    done = await commands.lend(
        work, card=clean(body.card), barcode=clean(body.barcode), override=body.override, note=body.note,
        signed=signed,
    )
    patron = patron_json(done.patron, work.today, done.terms)
    patron["open_loans"] += 1  # the database has counted; the object was read before it did
    return {
        "loan_id": str(done.loan.id), "due_on": done.loan.due_on, "item": item_json(done.item),
        "patron": patron, "hold": hold_json(done.filled) if done.filled else None,
        "explain": {**done.loan.explain, "sentence": sentence_of(done.loan.explain)},
        "override": done.loan.override, "renamed": renamed(done.item, clean(body.barcode)),
    }


@router.post("/returns", dependencies=[allow(*DESK)])
async def take_back(work: WorkDep, body: ReturnRequest) -> dict[str, Any]:
    """Take an item back."""
    damage, note = _damage(body.condition)
    done = await commands.take_back(
        work, barcode=clean(body.barcode), damage=damage, note=note, at=clean(body.at)
    )
    return {
        "loan": queries.loan_json(done.loan) if done.loan else None, "was_on_loan": done.loan is not None,
        "fine_cents": done.fine_fen, "fine": done.fine, "next": done.next,
        "hold": hold_json(done.hold) if done.hold else None, "item": item_json(done.item),
        "slip": slip_json(done.slip) if done.slip else None,
        "transit": transit_json(done.transit, work.today) if done.transit else None,
        "check": check_json(done.check) if done.check else None, "renamed": renamed(done.item, clean(body.barcode)),
    }


def _damage(condition: Damage | str | None) -> tuple[tuple[DamageKind, Grade] | None, str]:
    if isinstance(condition, Damage):
        return (condition.kind, condition.grade), condition.note
    return shorthand(condition or ""), ""


@router.post("/renewals", dependencies=[allow("patron", *DESK)])
async def renew(request: Request, work: WorkDep, body: RenewalRequest) -> dict[str, Any]:
    """Renew a loan; patrons renew their own."""
    signed = await signature(request, work, approval=body.approval)
    loan, patron = await commands.renew(
        work, barcode=clean(body.barcode), override=body.override, note=body.note, signed=signed
    )
    terms = await terms_of(work.session, patron, work.today)
    return {**queries.loan_json(loan), "patron": patron_json(patron, work.today, terms)}


@router.post("/recalls", dependencies=[allow(*DESK)])
async def recall(work: WorkDep, body: RecallRequest) -> dict[str, Any]:
    """Ask for an item sooner than promised; the patron is told."""
    return queries.loan_json(await asking_back.recall(work, barcode=clean(body.barcode), reason=body.reason))


@router.post("/holds", status_code=201, dependencies=[allow("patron", *DESK)])
async def hold(request: Request, work: WorkDep, body: NewHold) -> dict[str, Any]:
    """Queue a patron for a title or for one item, and call it back if it cannot wait."""
    barcode = clean(body.barcode)
    if not body.instance_id and not barcode:
        raise Invalid({"instance_id": N_("请给出书目或单册条码")})
    placed, position, loan = await asking_back.hold_and_recall(
        work, card=clean(body.card), instance_id=body.instance_id, barcode=barcode, pickup=clean(body.pickup),
        needed_by=body.needed_by, override=body.override, note=body.note,
        signed=await signature(request, work, approval=body.approval),
        calling=(barcode or asking_back.ANY) if body.recall else "",
    )
    return {**hold_json(placed, position), "recalled": queries.loan_json(loan) if loan else None}


@router.post("/loans/{loan_id}/undo", dependencies=[allow(*DESK)])
async def take_back_step(work: WorkDep, loan_id: UUID) -> dict[str, Any]:
    """Undo the last step of a loan."""
    step, loan = await undo.undo(work, loan_id=loan_id)
    return {"undone": step, **queries.loan_json(loan)}


@router.get("/patrons/{card}/loans", dependencies=[allow("patron", *DESK)])
async def loans(
    work: WorkDep, card: str, limit: int = Query(100, ge=1, le=500), offset: int = Query(0, ge=0)
) -> dict[str, Any]:
    """What a patron has at home."""
    own_or_staff(work.actor, clean(card))
    patron = await patron_by_card(work.session, clean(card))
    found = await queries.loans_of(work.session, patron.id, limit=limit, offset=offset)
    more = offset + len(found) < patron.open_loans
    return {
        "items": [queries.loan_json(loan) for loan in found], "total": patron.open_loans,
        "next": offset + limit if more else None,
    }


@router.get("/loans/overdue", dependencies=[allow(*DESK)])
async def overdue(
    work: WorkDep, limit: int = Query(50, ge=1, le=200), offset: int = Query(0, ge=0)
) -> dict[str, Any]:
    """Loans past their day."""
    found, total = await queries.overdue(work.session, work.today, limit=limit, offset=offset)
    return {
        "items": [queries.loan_json(loan) for loan in found], "total": total,
        "next": offset + limit if offset + len(found) < total else None,
    }
