"""The union on screen: returns and boxes, cards, settlements, members."""

from __future__ import annotations

import asyncio
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated

from fastapi import Form, Query
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import DESK, HEAD
from services.reader.desk.charges.model import Method
from services.reader.desk.codes import clean
from services.reader.desk.consortium import commands, lending, queries, rules, settling
from services.reader.desk.consortium.model import BoxState, LineKind
from services.reader.desk.listing import SIZE, offset, paged
from services.reader.desk.patrons.model import Document
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid
from shared.web import show
from shared.web.pages import page, see_other
from shared.web.register import people
from shared.web.register.exporting import download, write

HOME = "/reader/union"
router = Router(prefix=HOME, tags=["consortium"], dependencies=[allow(*DESK)])
TITLE = N_("联合共享体")
Page = Annotated[int, Query(alias="page", ge=1)]
Text = Annotated[str, Form(max_length=200)]


def tabs(here: str) -> list[dict[str, object]]:
    """The four lists of the room."""
    return [
        {"label": _(label), "url": f"{HOME}{path}", "active": here == path}
        for path, label in (
            ("", N_("还书与转运箱")), ("/cards", N_("联合证")), ("/settlements", N_("月度结算")), ("/members", N_("成员馆")),
        )
    ]


def fen_of(text: str, field: str) -> int:
    """Yuan as typed, in fen; a correction may be negative."""
    try:
        fen = int((Decimal(text.strip().lstrip("¥") or "0") * 100).to_integral_exact())
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise Invalid({field: N_("请填金额，如 12.50")}) from error
    if abs(fen) > 100_000_000:
        raise Invalid({field: N_("金额过大，请核对")})
    return fen


@router.get("")
async def boxes(request: Request, work: WorkDep, page_no: Page = 1) -> Response:
    """Scan what came back, and the boxes on their way."""
    rows, total = await queries.boxes(work.session, limit=SIZE, offset=offset(page_no))
    filling = [box for box, _member, _count in rows if box.state is BoxState.open]
    late = {box.number for box in filling if (work.now - box.opened_at).days >= rules.BOX_DAYS}
    return page(
        request, "consortium/boxes.html", page_title=_(TITLE), tabs=tabs(""), rows=rows, late=late,
        members=await queries.members(work.session), today=work.today, **paged(page_no, total),
    )


@router.post("/foreign")
async def foreign(request: Request, work: WorkDep, barcode: Text) -> Response:
    """A member's item came back here."""
    box, member, again = await commands.receive_foreign(work, barcode=barcode)
    said = N_("已在箱 {number} 中（{member}）") if again else N_("已放入箱 {number}（{member}）")
    return see_other(request, HOME, toast=_(said, number=box.number, member=member.short))


@router.post("/home")
async def come_home(
    request: Request, work: WorkDep, member: Text, barcode: Text, returned_on: Annotated[date, Form()]
) -> Response:
    """Our item came in a member's box."""
    back = await commands.come_home(work, member=member, barcode=barcode, returned_on=returned_on)
    return see_other(request, HOME, toast=_(
        N_("{title} 已还，逾期费 {money}"), title=back.item.title, money=show.money(back.fine_fen)))


@router.get("/boxes/{number}")
async def box(request: Request, work: WorkDep, number: str) -> Response:
    """A box and its list, printable."""
    found, member, inside = await queries.box_with_items(work.session, number)
    return page(
        request, "consortium/box.html", page_title=_(N_("转运箱 {number}"), number=number), box=found, member=member,
        inside=inside, crumbs=[(_(TITLE), HOME), (number, "")],
        names=await people.names(work, [row.by for row in inside] + [found.sent_by]),
    )


@router.post("/boxes/{number}/send")
async def send(request: Request, work: WorkDep, number: str, carrier: Text) -> Response:
    """寄出."""
    await commands.send(work, number=number, carrier=carrier)
    return see_other(request, f"{HOME}/boxes/{number}", toast=_(N_("已寄出")))


@router.post("/boxes/{number}/received")
async def received(request: Request, work: WorkDep, number: str, signed_by: Text) -> Response:
    """对方签收."""
    await commands.received(work, number=number, signed_by=signed_by)
    return see_other(request, f"{HOME}/boxes/{number}", toast=_(N_("已登记签收")))


@router.post("/boxes/{number}/out")
async def take_out(request: Request, work: WorkDep, number: str, barcode: Text) -> Response:
    """取出."""
    await commands.take_out(work, number=number, barcode=barcode)
    return see_other(request, f"{HOME}/boxes/{number}", toast=_(N_("已取出")))


@router.get("/cards")
async def cards(request: Request, work: WorkDep, page_no: Page = 1) -> Response:
    """Union cards and the money held for them."""
    rows, total = await queries.cards(work.session, limit=SIZE, offset=offset(page_no))
    return page(
        request, "consortium/cards.html", page_title=_(TITLE), tabs=tabs("/cards"), rows=rows,
        held=await queries.held_fen(work.session), members=await queries.members(work.session),
        documents=list(Document), methods=list(Method), is_head=work.actor.holds(HEAD),
        year_on=work.today.replace(year=work.today.year + 1, day=min(work.today.day, 28)),
        deposit=rules.DEPOSIT_FEN, **paged(page_no, total),
    )


@router.post("/cards")
async def issue(
    request: Request, work: WorkDep, card: Text, name: Text, member: Text, document: Annotated[Document, Form()],
    last4: Text, valid_to: Annotated[date, Form()], method: Annotated[Method, Form()] = Method.cash,
) -> Response:
    """办证收押金."""
    row = await lending.issue(
        work, card=clean(card), name=name, member=member, document=document, last4=last4, valid_to=valid_to, method=method)
    return see_other(request, f"{HOME}/receipts/{row.receipt}", toast=_(N_("已办证，已收押金")))


@router.post("/cards/{card}/renew")
async def renew(request: Request, work: WorkDep, card: str, valid_to: Annotated[date, Form()]) -> Response:
    """续期."""
    await lending.renew(work, card=card, valid_to=valid_to)
    return see_other(request, f"{HOME}/cards", toast=_(N_("已续期")))


@router.post("/cards/{card}/ask-refund")
async def ask_refund(request: Request, work: WorkDep, card: str) -> Response:
    """申请退押金."""
    await lending.ask_refund(work, card=card)
    return see_other(request, f"{HOME}/cards", toast=_(N_("已申请，待另一人审批")))


@router.post("/cards/{card}/refund", dependencies=[allow(*HEAD)])
async def refund(
    request: Request, work: WorkDep, card: str, method: Annotated[Method, Form()] = Method.cash
) -> Response:
    """批准退押金."""
    row = await lending.refund(work, card=card, method=method)
    return see_other(request, f"{HOME}/receipts/{row.receipt}", toast=_(N_("已退押金，联合证已注销")))


@router.get("/receipts/{number}")
async def receipt(request: Request, work: WorkDep, number: str) -> Response:
    """A deposit receipt, printable on the slip roll."""
    row, patron = await queries.receipt(work.session, number)
    return page(
        request, "consortium/receipt.html", page_title=_(N_("押金收据 {number}"), number=number), row=row, patron=patron,
        crumbs=[(_(TITLE), f"{HOME}/cards"), (number, "")], names=await people.names(work, [row.actor]),
    )


@router.get("/settlements")
async def settlements(request: Request, work: WorkDep, page_no: Page = 1) -> Response:
    """Months by member."""
    rows, total = await queries.settlements(work.session, limit=SIZE, offset=offset(page_no))
    return page(
        request, "consortium/settlements.html", page_title=_(TITLE), tabs=tabs("/settlements"), rows=rows,
        members=await queries.members(work.session), **paged(page_no, total),
    )


@router.post("/settlements")
async def draft(request: Request, work: WorkDep, member: Text, month: Text) -> Response:
    """编制."""
    try:
        first = date.fromisoformat(month.strip()[:7] + "-01")
    except ValueError as error:
        raise Invalid({"month": N_("月份写成 2026-11")}) from error
    made = await settling.draft(work, member=member, month=first)
    return see_other(request, f"{HOME}/settlements/{made.number}", toast=_(N_("已编制")))


@router.get("/settlements/{number}")
async def settlement(request: Request, work: WorkDep, number: str) -> Response:
    """A month with a member, line by line."""
    found, member, lines = await queries.settlement_with_lines(work.session, number)
    return page(
        request, "consortium/settlement.html", page_title=_(N_("结算单 {number}"), number=number), found=found,
        member=member, lines=lines, total=sum(line.amount_fen for line in lines), by_hand=rules.BY_HAND,
        is_head=work.actor.holds(HEAD), crumbs=[(_(TITLE), f"{HOME}/settlements"), (number, "")],
        names=await people.names(work, [found.drafted_by, found.checked_by, found.closed_by]),
    )


@router.get("/settlements/{number}/export.xlsx")
async def export(work: WorkDep, number: str) -> Response:
    """The same as a sheet, for the member."""
    found, member, lines = await queries.settlement_with_lines(work.session, number)
    heads = [_(N_("项目")), _(N_("数量")), _(N_("单价")), _(N_("金额")), _(N_("说明"))]
    table = [[x.kind.text, x.quantity, Decimal(x.rate_fen) / 100, Decimal(x.amount_fen) / 100, x.note] for x in lines]
    table.append([_(N_("合计")), "", "", Decimal(sum(x.amount_fen for x in lines)) / 100, found.state.text])
    data = await asyncio.to_thread(write, number, heads, ["text", "num", "money", "money", "text"], table)
    return download(data, f"{number}-{member.short}-{found.month:%Y-%m}.xlsx")


@router.post("/settlements/{number}/lines")
async def add_line(
    request: Request, work: WorkDep, number: str, kind: Annotated[LineKind, Form()],
    quantity: Annotated[int, Form()] = 1, yuan: Text = "", note: Text = "",
) -> Response:
    """补一行."""
    await settling.add_line(work, number=number, kind=kind, quantity=quantity, amount_fen=fen_of(yuan, "yuan"), note=note)
    return see_other(request, f"{HOME}/settlements/{number}", toast=_(N_("已补一行")))


@router.post("/settlements/{number}/recount")
async def recount(request: Request, work: WorkDep, number: str) -> Response:
    """重新统计."""
    await settling.recount(work, number=number)
    return see_other(request, f"{HOME}/settlements/{number}", toast=_(N_("已重新统计")))


@router.post("/settlements/{number}/check")
async def check(request: Request, work: WorkDep, number: str) -> Response:
    """复核."""
    await settling.check(work, number=number)
    return see_other(request, f"{HOME}/settlements/{number}", toast=_(N_("已复核")))


@router.post("/settlements/{number}/back")
async def back(request: Request, work: WorkDep, number: str) -> Response:
    """退回."""
    await settling.send_back(work, number=number)
    return see_other(request, f"{HOME}/settlements/{number}", toast=_(N_("已退回草稿")))


@router.post("/settlements/{number}/close", dependencies=[allow(*HEAD)])
async def close(request: Request, work: WorkDep, number: str) -> Response:
    """结清."""
    await settling.close(work, number=number)
    return see_other(request, f"{HOME}/settlements/{number}", toast=_(N_("已结清")))


@router.get("/members")
async def members(request: Request, work: WorkDep) -> Response:
    """The libraries of the union."""
    return page(
        request, "consortium/members.html", page_title=_(TITLE), tabs=tabs("/members"),
        rows=await queries.members(work.session), is_head=work.actor.holds(HEAD),
    )


@router.post("/members", dependencies=[allow(*HEAD)])
async def save_member(
    request: Request, work: WorkDep, code: Text, name: Text, short: Text, contact: Text = "", pattern: Text = "",
    rate: Text = "", compensation: Text = "", active: Annotated[bool, Form()] = False,
) -> Response:
    """登记或更正成员馆."""
    await commands.save_member(
        work, code=code, name=name, short=short, contact=contact, pattern=pattern, active=active,
        rate_fen=fen_of(rate, "rate"), compensation_fen=fen_of(compensation, "compensation"))
    return see_other(request, f"{HOME}/members", toast=_(N_("已保存")))
