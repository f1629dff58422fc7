"""The lines of an order: typed, picked from the list of wanted titles, corrected, cancelled."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.resources.acquiring.desiderata import queries as wanted
from services.resources.acquiring.funds import queries as funds
from services.resources.acquiring.orders import commands, queries, rules
from services.resources.acquiring.orders.commands import NewLine
from services.resources.acquiring.orders.queries import SIZE
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid, Refusal
from shared.web.pages import PageNo, page, see_other
from shared.web.register.fields import fen_of
from shared.work import Work

HOME = "/resources/orders"
router = Router(prefix=HOME, tags=["orders"], dependencies=[allow(*rules.READERS)])
WRITE = [allow(*rules.BUYERS)]
MOST = 100_000_000


def _paged(number: int, total: int) -> dict[str, Any]:
    pages = max(-(-total // SIZE), 1)
    return {"page_no": min(number, pages), "pages": pages, "total": total, "size": SIZE, "params": {}}


def _price(text: str) -> int:
    try:
        minor: int = fen_of(text.strip() or "0")
    except ValueError as error:
        raise Invalid({"list_minor": str(error)}) from error
    if not 0 <= minor <= MOST:
        raise Invalid({"list_minor": N_("单价不能小于零，也不能这样大")})
    return minor


async def _lines(
    request: Request, work: Work, number: str, *, page_no: int = 1, typed: dict[str, str] | None = None, error: str = "",
) -> Response:
    order = await queries.order_of(work.session, number)
    total = await queries.line_count(work.session, order.no)
    budgets = [(one.no, one.text) for one in await funds.lines(work.session)]
    said = typed or {}
    fields = [
        {"name": "title", "label": _(N_("题名")), "required": True, "span": 12, "maxlength": 300},
        {"name": "author", "label": _(N_("著者")), "maxlength": 200}, {"name": "publisher", "label": _(N_("出版社")), "maxlength": 120},
        {"name": "isbn", "label": _(N_("ISBN")), "maxlength": 30, "span": 4}, {"name": "year", "label": _(N_("出版年")), "maxlength": 10, "span": 4},
        {"name": "subject", "label": _(N_("分类")), "maxlength": 8, "span": 4, "help": _(N_("中图法大类，如 TP"))},
        {"name": "list_minor", "label": _(N_("单价（{currency}）"), currency=order.currency.text), "required": True, "span": 4, "kind": "text"},
        {"name": "copies", "label": _(N_("册数")), "kind": "number", "min": 1, "max": 500, "span": 4, "required": True},
        {"name": "fund", "label": _(N_("经费")), "kind": "select", "options": budgets, "span": 4},
    ]
    defaults = {"copies": "2", "fund": order.fund}
    for one in fields:
        one["value"] = said.get(str(one["name"]), defaults.get(str(one["name"]), ""))
    return page(
        request, "orders/lines.html", status=422 if error else 200, page_title=_(N_("订单 {number} 的书目"), number=order.no), order=order,
        crumbs=[(_(N_("订单")), HOME), (order.no, f"{HOME}/{order.no}"), (_(N_("书目")), "")], rules=rules, error=error, fields=fields,
        lines=await queries.lines_of(work.session, order.no, limit=SIZE, offset=(page_no - 1) * SIZE),
        draft=order.state == "draft", may=work.actor.holds(rules.BUYERS), sent=order.state in (*rules.AWAITED, "arrived"),
        budgets=dict(budgets), **_paged(page_no, total),
    )


@router.get("/{number}/lines")
async def lines(request: Request, work: WorkDep, number: str, page_no: PageNo = 1) -> Response:
    """Every title of an order."""
    return await _lines(request, work, number, page_no=page_no)


@router.post("/{number}/lines", dependencies=WRITE)
async def add(
    request: Request, work: WorkDep, number: str, title: Annotated[str, Form()] = "", author: Annotated[str, Form()] = "",
    publisher: Annotated[str, Form()] = "", year: Annotated[str, Form()] = "", isbn: Annotated[str, Form()] = "",
    subject: Annotated[str, Form()] = "", list_minor: Annotated[str, Form()] = "", copies: Annotated[str, Form()] = "",
    fund: Annotated[str, Form()] = "",
) -> Response:
    """加一种."""
    typed = {
        "title": title, "author": author, "publisher": publisher, "year": year, "isbn": isbn, "subject": subject,
        "list_minor": list_minor, "copies": copies, "fund": fund,
    }
    try:
        if not title.strip() or not copies.strip().isdigit() or not 0 < int(copies) <= 500:
            raise Invalid({"title": N_("请填写题名和 1–500 的册数")})
        (line,) = await commands.add_lines(work, number, [NewLine(
            title=title[:300], author=author[:200], publisher=publisher[:120], year=year[:10], isbn=isbn[:30], subject=subject[:8],
            list_minor=_price(list_minor), copies=int(copies), fund=fund,
        )])
    except Refusal as refusal:
        return await _lines(request, work, number, typed=typed, error="；".join(str(one) for one in refusal.reasons))
    toast = _(N_("已加入《{title}》"), title=line.title)
    if line.held or line.also_on:
        toast += _(N_("；注意：与馆藏或在途订单重复"))
    return see_other(request, f"{HOME}/{number}/lines", toast=toast)


@router.get("/{number}/pick", dependencies=WRITE)
async def picking(request: Request, work: WorkDep, number: str, page_no: PageNo = 1) -> Response:
    """Wanted titles, to be put on the order."""
    order = await queries.order_of(work.session, number)
    found = await wanted.waiting(work.session, limit=SIZE + 1, offset=(page_no - 1) * SIZE)
    return page(
        request, "orders/pick.html", page_title=_(N_("从待购书目选书")), order=order, wishes=found[:SIZE], more=len(found) > SIZE,
        page_no=page_no, crumbs=[(_(N_("订单")), HOME), (order.no, f"{HOME}/{order.no}"), (_(N_("选书")), "")],
    )


@router.post("/{number}/pick", dependencies=WRITE)
async def pick(request: Request, work: WorkDep, number: str, ids: Annotated[list[str] | None, Form()] = None) -> Response:
    """选入订单."""
    made = await commands.pick(work, number, (ids or [])[:500])
    return see_other(request, f"{HOME}/{number}/lines", toast=_(N_("已选入 {n} 种"), n=len(made)))


@router.post("/{number}/lines/{line_id}/price", dependencies=WRITE)
async def price(
    request: Request, work: WorkDep, number: str, line_id: UUID, list_minor: Annotated[str, Form()] = "",
    copies: Annotated[int, Form(ge=1, le=500)] = 1,
) -> Response:
    """改单价、册数."""
    await commands.price(work, number, line_id, list_minor=_price(list_minor), copies=copies)
    return see_other(request, f"{HOME}/{number}/lines", toast=_(N_("已保存")))


@router.post("/{number}/lines/{line_id}/off", dependencies=WRITE)
async def take_off(request: Request, work: WorkDep, number: str, line_id: UUID) -> Response:
    """删去."""
    await commands.take_off(work, number, line_id)
    return see_other(request, f"{HOME}/{number}/lines", toast=_(N_("已删去")))


@router.post("/{number}/lines/{line_id}/cancel", dependencies=WRITE)
async def cancel(
    request: Request, work: WorkDep, number: str, line_id: UUID, copies: Annotated[int, Form(ge=1, le=500)] = 1,
    reason: Annotated[str, Form()] = "",
) -> Response:
    """退订若干册."""
    await commands.cancel_copies(work, number, line_id, copies=copies, reason=reason[:300])
    return see_other(request, f"{HOME}/{number}/lines", toast=_(N_("已退订 {n} 册，经费已释放"), n=copies))
