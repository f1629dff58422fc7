"""Money on screen: the journal of the day, paying, waiving; receipts are in the books."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import DESK
from services.reader.desk.charges import commands, queries
from services.reader.desk.charges.amounts import fen
from services.reader.desk.charges.model import Kind, Method
from services.reader.desk.charges.rules import RATES, by_rule, sentence_of
from services.reader.desk.codes import clean
from services.reader.desk.listing import SIZE, offset
from services.reader.desk.patrons.queries import patron_by_card
from services.reader.desk.signing.presenting import signature
from services.reader.desk.today import midnight
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid, Refusal
from shared.web import show
from shared.web.pages import PageNo, page, see_other
from shared.web.register import people

router = Router(prefix="/reader/charges", tags=["charges"], dependencies=[allow(*DESK)])
CRUMB = N_("收费")


@router.get("")
async def journal(request: Request, work: WorkDep, page_no: PageNo = 1) -> Response:
    """What was charged and received today, by me and by all."""
    since = midnight(work.today)
    rows = await queries.entries_since(work.session, since, limit=SIZE + 1, offset=offset(page_no))
    return page(
        request, "charges/journal.html", page_title=_(CRUMB), entries=rows[:SIZE], page_no=max(page_no, 1),
        more=len(rows) > SIZE, all=await queries.taken_since(work.session, since),
        mine=await queries.taken_since(work.session, since, work.actor.id),
        names=await people.names(work, [row.actor for row in rows]), day=work.today,
    )


@router.post("/pay")
async def pay(
    request: Request, work: WorkDep, card: Annotated[str, Form()],
    method: Annotated[Method, Form()] = Method.cash,
) -> Response:
    """收款."""
    number, rows = await commands.pay(work, card=clean(card), method=method)
    total = -sum(row.amount_fen for row in rows)
    return see_other(
        request, f"/reader/charges/receipts/{number}", toast=_(N_("已收 {money}"), money=show.money(total))
    )


@router.post("/new")
async def charge(
    request: Request, work: WorkDep, card: Annotated[str, Form()], kind: Annotated[Kind, Form()],
    yuan: Annotated[str, Form()], reason: Annotated[str, Form()] = "",
) -> Response:
    """计收."""
    value = fen(yuan, "yuan")
    if not value:
        raise Invalid({"yuan": N_("请填金额，如 12.50")})
    if value > 1_000_000:
        raise Invalid({"yuan": N_("金额过大，请核对")})
    row = await commands.charge(work, card=clean(card), kind=kind, amount_fen=value, reason=reason[:200])
    return see_other(request, f"/reader/patrons/{row.card}", toast=_(N_("已计收 {money}"), money=show.money(value)))


@router.get("/new")
async def reckon(
    request: Request, work: WorkDep, card: str = "", kind: Kind = Kind.damage, number: str = "1", reason: str = ""
) -> Response:
    """The sum by rate, before anything is charged."""
    chosen = kind if kind in RATES else Kind.damage
    explain, patron, wrong = None, None, ""
    try:
        explain = by_rule(chosen, number=int(number) if number.isdecimal() else 0)
        patron = await patron_by_card(work.session, clean(card)) if card.strip() else None
    except Refusal as refusal:
        wrong = "；".join(str(why) for why in refusal.reasons)
    return page(
        request, "charges/new.html", page_title=_(N_("按标准计收")), crumbs=[(_(CRUMB), "/reader/charges"), (_(N_("计收")), "")],
        card=clean(card), chosen=chosen, number=number, reason=reason[:200], rates=RATES, explain=explain,
        patron=patron, wrong=wrong, sentence_of=sentence_of,
    )


@router.post("/by-rule")
async def charge_by_rule(
    request: Request, work: WorkDep, card: Annotated[str, Form()], kind: Annotated[Kind, Form()],
    number: Annotated[int, Form()] = 1, reason: Annotated[str, Form()] = "",
) -> Response:
    """计收 by rate; the sum is reckoned again here."""
    row = await commands.charge_by_rule(work, card=clean(card), kind=kind, number=number, reason=reason[:200])
    return see_other(
        request, f"/reader/patrons/{row.card}", toast=_(N_("已计收 {money}"), money=show.money(row.amount_fen))
    )


@router.post("/{charge_id}/waive")
async def waive(
    request: Request, work: WorkDep, charge_id: UUID, reason: Annotated[str, Form()] = "",
    approval: Annotated[str, Form()] = "", number: Annotated[str, Form()] = "",
) -> Response:
    """减免, by a head or on a head's signature."""
    title = await queries.title_of_charge(work.session, charge_id)
    signed = await signature(request, work, approval=approval, number=number, title=title)
    row = await commands.waive(work, charge_id=charge_id, reason=reason[:200], signed=signed)
    return see_other(request, f"/reader/patrons/{row.card}", toast=_(N_("已减免")))


@router.post("/{charge_id}/ask")
async def ask_waiver(
    request: Request, work: WorkDep, charge_id: UUID, note: Annotated[str, Form()] = ""
) -> Response:
    """请求签批: a head who is elsewhere decides on a waiver."""
    found = await commands.ask_waiver(work, charge_id=charge_id, note=note)
    return see_other(request, f"/reader/sign-offs/{found.number}", toast=_(N_("已请求签批，批复会显示在这里")))
