"""Counting a delivery: scan book after book, or type the figures of a line."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.resources.acquiring.orders import queries as orders
from services.resources.acquiring.orders.rules import live
from services.resources.receiving.acceptance import commands, queries, rules
from services.resources.receiving.acceptance.queries import SIZE
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid
from shared.web.pages import PageNo, page, render_text, see_other
from shared.web.register.fields import fen_of

HOME = "/resources/acceptances"
router = Router(prefix=HOME, tags=["acceptance"], dependencies=[allow(*rules.READERS)])
WRITE = [allow(*rules.ACCEPTORS)]


@router.get("/{number}/count")
async def counting(request: Request, work: WorkDep, number: str, page_no: PageNo = 1) -> Response:
    """Every line of the order with what came of it."""
    record = await queries.acceptance_of(work.session, number)
    order = await orders.order_of(work.session, record.order_no)
    total = await orders.line_count(work.session, order.no)
    return page(
        request, "acceptance/count.html", page_title=_(N_("清点 {number}"), number=record.no), record=record, order=order, live=live,
        crumbs=[(_(N_("验收")), HOME), (record.no, f"{HOME}/{record.no}"), (_(N_("清点")), "")],
        lines=await orders.lines_of(work.session, order.no, limit=SIZE, offset=(page_no - 1) * SIZE),
        counts=await queries.counts_of(work.session, record.no), strays=await queries.strays_of(work.session, record.no),
        open=record.state == "counting" and work.actor.holds(rules.ACCEPTORS), page_no=page_no, pages=max(-(-total // SIZE), 1),
        total=total, size=SIZE, params={},
    )


@router.post("/{number}/scan", dependencies=WRITE)
async def scan(request: Request, work: WorkDep, number: str, code: Annotated[str, Form()] = "") -> Response:
    """One book, one copy more."""
    if not code.strip():
        raise Invalid({"code": N_("请扫描书上的 ISBN")})
    line = await commands.scan(work, number, code[:60])
    if not request.headers.get("hx-request"):
        return see_other(request, f"{HOME}/{number}/count", toast=line.title if line else _(N_("不在订单上，已记为误发")))
    counts = await queries.counts_of(work.session, number)
    answer = Response(render_text(
        request, "acceptance/answer.html", line=line, count=counts.get(line.id) if line else None, code=code, live=live,
    ), media_type="text/html")
    answer.headers["x-sound"] = "ok" if line else "look"
    return answer


@router.post("/{number}/lines/{line_id}", dependencies=WRITE)
async def count(
    request: Request, work: WorkDep, number: str, line_id: UUID, arrived: Annotated[int, Form(ge=0, le=9999)] = 0,
    damaged: Annotated[int, Form(ge=0, le=9999)] = 0, wrong: Annotated[int, Form(ge=0, le=9999)] = 0,
    price: Annotated[str, Form()] = "",
) -> Response:
    """到货、破损、错发、书上定价."""
    try:
        minor = fen_of(price.strip()) if price.strip() else None
    except ValueError as error:
        raise Invalid({"price": str(error)}) from error
    await commands.count(work, number, line_id, arrived=arrived, damaged=damaged, wrong=wrong, price_minor=minor)
    return see_other(request, f"{HOME}/{number}/count", toast=_(N_("已保存")))
