"""JSON door of loss cases."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from services.reader.desk import DESK, HEAD
from services.reader.desk.charges.compensation import Work as Kind
from services.reader.desk.circulation import losing
from services.reader.desk.codes import clean
from services.reader.desk.losses import commands, queries, refunds
from services.reader.desk.losses.model import How, LossState
from shared.doors import Router, WorkDep, allow

router = Router(prefix="/api/reader/losses", tags=["losses"], dependencies=[allow(*DESK)])


class NewLoss(BaseModel):
    """An item that does not come back."""

    barcode: str = Field(min_length=1, max_length=60)
    how: Literal["declared", "claimed"] = "declared"
    note: str = Field("", max_length=300)


class Compensation(BaseModel):
    """What stock and catalogue do not know or have wrong; money in fen."""

    work: Kind | None = None
    price_cents: int | None = Field(None, ge=0, le=100_000_00)
    set_price_cents: int | None = Field(None, ge=0, le=100_000_00)
    year_price_cents: int | None = Field(None, ge=0, le=100_000_00)
    foreign: bool | None = None
    stolen: bool | None = None
    year: int | None = Field(None, ge=1000, le=2200)

    def given(self) -> dict[str, Any]:
        """As the command takes it."""
        return {
            "work": self.work, "price_fen": self.price_cents, "set_price_fen": self.set_price_cents,
            "year_price_fen": self.year_price_cents, "foreign": self.foreign, "stolen": self.stolen,
            "year": self.year,
        }


class Copy(BaseModel):
    """The book a patron brings in place of the lost one."""

    title: str = Field(min_length=1, max_length=200)
    year: int | None = Field(None, ge=1000, le=2200)
    edition: str = Field("", max_length=60)
    isbn: str = Field("", max_length=20)


class Step(BaseModel):
    """A step of processing; `barcode` with the step of that name."""

    step: str = Field(max_length=20)
    barcode: str = Field("", max_length=60)


class Receipt(BaseModel):
    """The receipt of the compensation."""

    receipt: str = Field(min_length=1, max_length=40)


class Verdict(BaseModel):
    """Whether the refund goes to the office."""

    approve: bool
    reason: str = Field("", max_length=300)


@router.get("")
async def losses(
    work: WorkDep, state: LossState | None = None, card: str = "",
    limit: int = Query(50, ge=1, le=200), offset: int = Query(0, ge=0),
) -> dict[str, Any]:
    """Cases, those that moved last first."""
    found, total = await queries.losses(
        work.session, states=[state] if state else (), card=clean(card), limit=limit, offset=offset
    )
    after = offset + len(found)
    return {
        "items": [queries.loss_json(loss) for loss in found], "total": total,
        "next": after if after < total else None,
    }


@router.post("", status_code=201)
async def lose(work: WorkDep, body: NewLoss) -> dict[str, Any]:
    """Declare an item lost, or begin the search for one the patron says was returned."""
    if body.how == "claimed":
        return queries.loss_json(await losing.claim_returned(work, barcode=clean(body.barcode), note=body.note))
    return queries.loss_json(
        await losing.declare_lost(work, barcode=clean(body.barcode), how=How.declared, note=body.note)
    )


@router.get("/{no}")
async def loss(work: WorkDep, no: str) -> dict[str, Any]:
    """One case."""
    return queries.loss_json(await queries.loss_by_no(work.session, no))


@router.post("/{no}/compensate")
async def compensate(work: WorkDep, no: str, body: Compensation) -> dict[str, Any]:
    """By money."""
    return queries.loss_json(await commands.compensate(work, no=no, given=body.given()))


@router.post("/{no}/reconsider")
async def reconsider(work: WorkDep, no: str) -> dict[str, Any]:
    """Drop an unpaid compensation."""
    return queries.loss_json(await commands.reconsider(work, no=no))


@router.post("/{no}/replace")
async def replace(work: WorkDep, no: str, body: Copy) -> dict[str, Any]:
    """By a copy."""
    return queries.loss_json(await commands.replace(
        work, no=no, title=body.title, year=body.year, edition=body.edition, isbn=body.isbn
    ))


@router.post("/{no}/steps")
async def tick(work: WorkDep, no: str, body: Step) -> dict[str, Any]:
    """A step of processing is done."""
    return queries.loss_json(await commands.tick(work, no=no, step=body.step, barcode=clean(body.barcode)))


@router.post("/{no}/found")
async def found(work: WorkDep, no: str) -> dict[str, Any]:
    """The original is here again."""
    case = await queries.loss_by_no(work.session, no)
    await losing.found(work, barcode=case.barcode)
    return queries.loss_json(await queries.loss_by_no(work.session, no))


@router.post("/{no}/refund")
async def refund(work: WorkDep, no: str, body: Receipt) -> dict[str, Any]:
    """Ask for the compensation back."""
    return queries.loss_json(await refunds.ask(work, no=no, receipt=body.receipt))


@router.post("/{no}/refund/decision", dependencies=[allow(*HEAD)])
async def decide(work: WorkDep, no: str, body: Verdict) -> dict[str, Any]:
    """Approve or refuse the refund."""
    if body.approve:
        return queries.loss_json(await refunds.approve(work, no=no))
    return queries.loss_json(await refunds.refuse(work, no=no, reason=body.reason))
