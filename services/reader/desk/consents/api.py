"""JSON doors of consents: one's own, and the desk's."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel, Field

from services.reader.desk import DESK
from services.reader.desk.circulation.queries import loan_json
from services.reader.desk.codes import clean
from services.reader.desk.consents import commands, queries
from shared.doors import Router, WorkDep, allow

router = Router(prefix="/api/reader", tags=["consents"])


class Own(BaseModel):
    """Whom I let fetch for me, and until when."""

    delegate: str = Field(min_length=1, max_length=60)
    name: str = Field(min_length=1, max_length=80)
    until: date


class Paper(BaseModel):
    """A signed form noted at the desk."""

    principal: str = Field(min_length=1, max_length=60)
    delegate: str = Field(min_length=1, max_length=60)
    until: date
    paper: str = Field(min_length=1, max_length=60)


class DelegateLoan(BaseModel):
    """Whose book, who fetches it."""

    principal: str = Field(min_length=1, max_length=60)
    delegate: str = Field(min_length=1, max_length=60)
    barcode: str = Field(min_length=1, max_length=60)
    override: bool = False
    note: str = Field("", max_length=300)


@router.get("/my/consents", dependencies=[allow("patron")])
async def mine(work: WorkDep) -> dict[str, Any]:
    """What I gave and was given."""
    patron = await queries.own_patron(work)
    return {"items": [queries.consent_json(c) for c in await queries.consents_of(work.session, patron.id)]}


@router.post("/my/consents", status_code=201, dependencies=[allow("patron")])
async def give(work: WorkDep, body: Own) -> dict[str, Any]:
    """Consent."""
    return queries.consent_json(await commands.give(
        work, delegate=clean(body.delegate), name=body.name, until=body.until
    ))


@router.post("/consents", status_code=201, dependencies=[allow(*DESK)])
async def note_paper(work: WorkDep, body: Paper) -> dict[str, Any]:
    """Note a paper form."""
    return queries.consent_json(await commands.note_paper(
        work, principal=clean(body.principal), delegate=clean(body.delegate), until=body.until, paper=body.paper
    ))


@router.post("/consents/{number}/revoke", dependencies=[allow("patron", *DESK)])
async def revoke(work: WorkDep, number: str) -> dict[str, Any]:
    """Revoke."""
    return queries.consent_json(await commands.revoke(work, number=number))


@router.post("/loans/for-another", status_code=201, dependencies=[allow(*DESK)])
async def lend_for(work: WorkDep, body: DelegateLoan) -> dict[str, Any]:
    """Lend to a delegate."""
    done = await commands.lend_for(
        work, principal=clean(body.principal), delegate=clean(body.delegate), barcode=clean(body.barcode),
        override=body.override, note=body.note,
    )
    return {**loan_json(done.loan), "delegate": done.loan.delegate_card}
