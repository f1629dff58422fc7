"""JSON door of money."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field
from starlette.requests import Request

from services.reader.desk import DESK
from services.reader.desk.charges import commands, queries
from services.reader.desk.charges.model import Kind, Method
from services.reader.desk.looks import look
from services.reader.desk.patrons.queries import own_or_staff, patron_by_card
from services.reader.desk.signing.presenting import signature
from shared.doors import Router, WorkDep, allow

router = Router(prefix="/api/reader", tags=["charges"])


class NewCharge(BaseModel):
    """What a patron owes by decision of the desk."""

    card: str = Field(min_length=1, max_length=60)
    kind: Kind
    amount_cents: int = Field(gt=0, le=10_000_00)
    barcode: str = Field("", max_length=60)
    reason: str = Field("", max_length=200)


class Payment(BaseModel):
    """Money over the desk; without `charges` everything open is paid."""

    card: str = Field(min_length=1, max_length=60)
    charges: list[UUID] = Field(default_factory=list, max_length=200)
    method: Method = Method.cash


class Waiver(BaseModel):
    """Why somebody is let off; a clerk brings a head's approval, which has its own reason."""

    reason: str = Field("", max_length=200)
    approval: str = Field("", max_length=4000, repr=False)


@router.get("/patrons/{card}/charges", dependencies=[allow("patron", *DESK)])
async def account(work: WorkDep, card: str) -> dict[str, Any]:
    """What a patron owes, and the last postings."""
    own_or_staff(work.actor, card.upper())
    patron = await patron_by_card(work.session, card.upper())
    due = await queries.open_charges(work.session, patron.id)
    rows = await queries.entries_of(work.session, patron.id)
    if rows:
        look(work, "read-charges", patron.card, rows=len(rows))
    return {
        "items": [queries.entry_json(row) for row in due], "total": len(due), "next": None,
        "balance_cents": patron.debt_fen, "entries": [queries.entry_json(row) for row in rows],
    }


@router.post("/charges", status_code=201, dependencies=[allow(*DESK)])
async def charge(work: WorkDep, body: NewCharge) -> dict[str, Any]:
    """Post a charge."""
    return queries.entry_json(await commands.charge(
        work, card=body.card.upper(), kind=body.kind, amount_fen=body.amount_cents,
        barcode=body.barcode, reason=body.reason,
    ))


@router.post("/payments", status_code=201, dependencies=[allow(*DESK)])
async def pay(work: WorkDep, body: Payment) -> dict[str, Any]:
    """Receive money; the receipt number proves it."""
    receipt, rows = await commands.pay(
        work, card=body.card.upper(), charges=body.charges, method=body.method
    )
    return {
        "receipt": receipt, "amount_cents": -sum(row.amount_fen for row in rows),
        "items": [queries.entry_json(row) for row in rows],
    }


@router.post("/charges/{charge_id}/waive", dependencies=[allow(*DESK)])
async def waive(request: Request, work: WorkDep, charge_id: UUID, body: Waiver) -> dict[str, Any]:
    """Let a patron off; decided by a head who did not make the charge."""
    title = await queries.title_of_charge(work.session, charge_id)
    signed = await signature(request, work, approval=body.approval, title=title)
    return queries.entry_json(
        await commands.waive(work, charge_id=charge_id, reason=body.reason, signed=signed)
    )
