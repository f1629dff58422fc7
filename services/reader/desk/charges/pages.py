"""Money on screen: the journal of the day, receipts, paying, waiving."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated
from uuid import UUID

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import DESK, HEAD
from services.reader.desk.charges import commands, queries
from services.reader.desk.charges.model import Kind, Method
from services.reader.desk.codes import clean
from services.reader.desk.listing import SIZE, offset
from services.reader.desk.today import midnight
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid, NotFound
from shared.web import show
from shared.web.pages import page, see_other
from shared.web.register import people

router = Router(prefix="/reader/charges", tags=["charges"], dependencies=[allow(*DESK)])
CRUMB = N_("收费")


@router.get("")
async def journal(request: Request, work: WorkDep, page_no: int = 1) -> Response:
    """What was charged and received today, by me and by all."""
    since = midnight(work.today)
    rows = await queries.entries_since(work.session, since, limit=SIZE + 1, offset=offset(page_no))
    return page(
        request, "charges/journal.html", page_title=_(CRUMB), entries=rows[:SIZE], page_no=max(page_no, 1),
        more=len(rows) > SIZE, all=await queries.taken_since(work.session, since),
        mine=await queries.taken_since(work.session, since, work.actor.id),
        names=await people.names(work, [row.actor for row in rows]), day=work.today,
    )


@router.get("/receipts/{number}")
async def receipt(request: Request, work: WorkDep, number: str) -> Response:
    """One receipt, printable on the slip roll."""
    rows = await queries.receipt_lines(work.session, number)
    if not rows:
        raise NotFound(number)
    return page(
        request, "charges/receipt.html", page_title=_(N_("收据 {number}"), number=number), rows=rows,
        crumbs=[(_(CRUMB), "/reader/charges"), (number, "")], total=-sum(row.amount_fen for row in rows),
        number=number, names=await people.names(work, [row.actor for row in rows]),
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
    try:
        fen = int((Decimal(yuan.strip().lstrip("¥")) * 100).to_integral_exact())
    except (InvalidOperation, ValueError) as error:
        raise Invalid({"yuan": N_("请填金额，如 12.50")}) from error
    if fen > 1_000_000:
        raise Invalid({"yuan": N_("金额过大，请核对")})
    row = await commands.charge(work, card=clean(card), kind=kind, amount_fen=fen, reason=reason[:200])
    return see_other(request, f"/reader/patrons/{row.card}", toast=_(N_("已计收 {money}"), money=show.money(fen)))


@router.post("/{charge_id}/waive", dependencies=[allow(*HEAD)])
async def waive(
    request: Request, work: WorkDep, charge_id: UUID, reason: Annotated[str, Form()]
) -> Response:
    """减免."""
    row = await commands.waive(work, charge_id=charge_id, reason=reason[:200])
    return see_other(request, f"/reader/patrons/{row.card}", toast=_(N_("已减免")))
