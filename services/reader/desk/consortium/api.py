"""JSON door of the union library."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, Field

from services.reader.desk import DESK, HEAD
from services.reader.desk.charges.model import Method
from services.reader.desk.codes import clean
from services.reader.desk.consortium import (
    commands,
    lending,
    queries,
    wire,
)
from services.reader.desk.patrons.form import CODE, EMAIL
from services.reader.desk.patrons.model import Document
from shared.doors import Router, WorkDep, allow
from shared.work import Work

router = Router(prefix="/api/reader/union", tags=["union library"], dependencies=[allow(*DESK)])
Limit = Annotated[int, Query(ge=1, le=200)]
Offset = Annotated[int, Query(ge=0)]


class MemberBody(BaseModel):
    """A library of the union; what is not named stays as it is."""

    name: str = Field(min_length=1, max_length=60)
    short: str = Field(min_length=1, max_length=20)
    contact: str | None = Field(None, max_length=60)
    pattern: str | None = Field(None, max_length=40, description="Its barcodes: letters and digits as they are, # a digit, * (last) anything")
    active: bool | None = None
    rate_cents: int | None = Field(None, ge=0, description="Fen for one transaction, as agreed")
    compensation_cents: int | None = Field(None, ge=0, description="Fen for one lost item, as agreed")
    pickup: bool | None = Field(None, description="Whether its readers fetch our books there")


class Scan(BaseModel):
    """One barcode."""

    barcode: str = Field(min_length=1, max_length=60)


class HomeBody(Scan):
    """An item of ours that came home in a member's box."""

    member: str = Field(min_length=1, max_length=20)
    returned_on: date = Field(description="The day the reader returned it there; the fine counts to it")
    at: str = Field("", max_length=12, description="Service point of the desk")


class Signature(BaseModel):
    """Who took the box, or who signed for it."""

    name: str = Field(min_length=1, max_length=60)


class NewCard(BaseModel):
    """A union card for somebody whose paper was seen and whose deposit is here."""

    card: str = Field(min_length=1, max_length=40, pattern=CODE)
    name: str = Field(min_length=1, max_length=80)
    member: str = Field(min_length=1, max_length=20)
    document: Document
    last4: str = Field(min_length=4, max_length=40)
    valid_to: date
    method: Method = Method.cash
    online: bool = Field(False, description="Whether an account is made, so that holds can be placed from home")
    email: str = Field("", max_length=120, pattern=EMAIL)


class Until(BaseModel):
    """A new last day."""

    valid_to: date


class Giving(BaseModel):
    """Whether what is owed is taken from the deposit, as the reader agreed."""

    from_deposit: bool = False


class Words(BaseModel):
    """Why."""

    reason: str = Field(min_length=2, max_length=200)


@router.get("/members")
async def members(work: WorkDep) -> dict[str, Any]:
    """The libraries of the union, by code."""
    found = await queries.members(work.session)
    return wire.paged([wire.member(one) for one in found], len(found), 0)


@router.put("/members/{code}", dependencies=[allow(*HEAD)])
async def save_member(work: WorkDep, code: str, body: MemberBody) -> dict[str, Any]:
    """Enter a member or correct it; fields that are left out stay as they are."""
    given = body.model_dump(exclude={"rate_cents", "compensation_cents"})
    return wire.member(await commands.save_member(
        work, code=code, **given, rate_fen=body.rate_cents, compensation_fen=body.compensation_cents
    ))


@router.post("/scans", status_code=201)
async def scan_in(work: WorkDep, body: Scan) -> dict[str, Any]:
    """An item of a member that came back here, or ours on its way to a member's reader: into the right box."""
    box, member, again = await commands.scan_in(work, barcode=body.barcode)
    return {"barcode": clean(body.barcode), "box": box.number, "member": member.code, "already_there": again}


@router.post("/home", status_code=201)
async def come_home(work: WorkDep, body: HomeBody) -> dict[str, Any]:
    """An item of ours came in a member's box: returned as of the day of its return there."""
    back = await commands.come_home(
        work, member=clean(body.member), barcode=body.barcode, returned_on=body.returned_on, at=clean(body.at)
    )
    return {
        "barcode": back.item.barcode, "title": back.item.title, "loan_id": str(back.loan.id) if back.loan else None,
        "fine_cents": back.fine_fen, "next": back.next,
    }


@router.get("/boxes")
async def boxes(work: WorkDep, limit: Limit = 50, offset: Offset = 0) -> dict[str, Any]:
    """Boxes, those being filled first; `to_pack` lists our items that still wait for theirs."""
    rows, total = await queries.boxes(work.session, limit=limit, offset=offset)
    waiting = await queries.to_pack(work.session)
    return {
        **wire.paged([wire.box(*row) for row in rows], total, offset),
        "to_pack": [{"barcode": t.barcode, "title": t.title, "transit": t.number, "member": m.code, "due_on": t.due_on} for t, m in waiting],
    }


async def _box(work: Work, number: str) -> dict[str, Any]:
    found, member, inside = await queries.box_with_items(work.session, clean(number))
    return {**wire.box(found, member, len(inside)), "items": [wire.box_item(*row) for row in inside], "total": len(inside), "next": None}


@router.get("/boxes/{number}")
async def box(work: WorkDep, number: str) -> dict[str, Any]:
    """A box and what lies in it."""
    return await _box(work, number)


@router.post("/boxes/{number}/send")
async def send(work: WorkDep, number: str, body: Signature) -> dict[str, Any]:
    """The box leaves; `name` signed for it."""
    await commands.send(work, number=clean(number), carrier=body.name)
    return await _box(work, number)


@router.post("/boxes/{number}/receive")
async def receive(work: WorkDep, number: str, body: Signature) -> dict[str, Any]:
    """The member has it: readers of our books in it are told."""
    await commands.received(work, number=clean(number), signed_by=body.name)
    return await _box(work, number)


@router.delete("/boxes/{number}/items/{barcode}")
async def take_out(work: WorkDep, number: str, barcode: str) -> dict[str, Any]:
    """A wrong scan, before the box leaves."""
    await commands.take_out(work, number=clean(number), barcode=barcode)
    return await _box(work, number)


@router.get("/cards")
async def cards(
    work: WorkDep, q: Annotated[str, Query(max_length=60)] = "", member: Annotated[str, Query(max_length=20)] = "",
    limit: Limit = 50, offset: Offset = 0,
) -> dict[str, Any]:
    """Union cards, refunds that wait first; `held_cents` is all the money held for readers."""
    rows, total = await queries.cards(work.session, q=q.strip(), member=clean(member), limit=limit, offset=offset)
    return {**wire.paged([wire.card(*row) for row in rows], total, offset), "held_cents": await queries.held_fen(work.session)}


async def _card(work: Work, card: str) -> dict[str, Any]:
    found = await queries.card_of(work.session, clean(card))
    rows = await queries.deposits_of(work.session, [found[1].id])
    return {**wire.card(*found), "deposits": [wire.deposit(row) for row in rows.get(found[1].id, [])]}


@router.post("/cards", status_code=201)
async def issue(work: WorkDep, body: NewCard) -> dict[str, Any]:
    """Issue a card and take its deposit into one's own till."""
    await lending.issue(work, **{**body.model_dump(), "card": clean(body.card), "member": clean(body.member)})
    return await _card(work, body.card)


@router.get("/cards/{card}")
async def card(work: WorkDep, card: str) -> dict[str, Any]:
    """A card, where its deposit is, and the receipts."""
    return await _card(work, card)


@router.post("/cards/{card}/renew")
async def renew(work: WorkDep, card: str, body: Until) -> dict[str, Any]:
    """A later last day."""
    await lending.renew(work, card=card, valid_to=body.valid_to)
    return await _card(work, card)


@router.post("/cards/{card}/refund/ask")
async def ask_refund(work: WorkDep, card: str, body: Giving | None = None) -> dict[str, Any]:
    """The reader gives the card back; it lends nothing from now on."""
    await lending.ask_refund(work, card=card, from_deposit=body.from_deposit if body else False)
    return await _card(work, card)


@router.post("/cards/{card}/refund/refuse")
async def refuse_refund(work: WorkDep, card: str, body: Words) -> dict[str, Any]:
    """Withdrawn or not approved: the card is as it was."""
    await lending.refuse_refund(work, card=card, reason=body.reason)
    return await _card(work, card)


@router.post("/cards/{card}/refund/approve", dependencies=[allow(*HEAD)])
async def approve_refund(work: WorkDep, card: str) -> dict[str, Any]:
    """A second person sends the refund to the office; the card closes when it has paid."""
    await lending.approve_refund(work, card=card)
    return await _card(work, card)
