"""Settlements on screen: months by member, one month of all members, the rows behind a line, sheets."""

from __future__ import annotations

import asyncio
from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import DESK, HEAD
from services.reader.desk.consortium import counting, months, queries, settling
from services.reader.desk.consortium.model import Line, LineKind, SettlementState
from services.reader.desk.consortium.tabs import HOME, TITLE, Text, fen_of, tabs
from services.reader.desk.listing import SIZE, offset, paged
from services.reader.desk.looks import export as noted
from services.reader.desk.looks import masked_card
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid, NotFound
from shared.web.pages import PageNo, page, see_other
from shared.web.register import people
from shared.web.register.exporting import download, write
from shared.work import Work

router = Router(prefix=f"{HOME}/settlements", tags=["consortium"], dependencies=[allow(*DESK)])
LIST = f"{HOME}/settlements"


def _month(text: str) -> date:
    found = months.month_of(text)
    if found is None:
        raise Invalid({"month": N_("月份写成 2026-11")})
    return found


@router.get("")
async def settlements(request: Request, work: WorkDep, page_no: PageNo = 1) -> Response:
    """Months by member."""
    rows, total = await counting.settlements(work.session, limit=SIZE, offset=offset(page_no))
    return page(
        request, "consortium/settlements.html", page_title=_(TITLE), tabs=tabs("/settlements"), rows=rows,
        members=await queries.members(work.session), last=months.month_before(work.today.replace(day=1)),
        **paged(page_no, total),
    )


@router.post("")
async def draft(request: Request, work: WorkDep, month: Text, member: Text = "") -> Response:
    """编制: with one member, or with all that have none yet."""
    first = _month(month)
    if not member:
        made = await settling.draft_all(work, month=first)
        return see_other(request, f"{LIST}/months/{first:%Y-%m}", toast=_(N_("已编制 {n} 份"), n=len(made)))
    one = await settling.draft(work, member=member, month=first)
    return see_other(request, f"{LIST}/{one.number}", toast=_(N_("已编制")))


@router.get("/months/{month}")
async def month(request: Request, work: WorkDep, month: str) -> Response:
    """One month of all members side by side, printable."""
    first = _month(month)
    rows, sums = await counting.settlements_of_month(work.session, first)
    if all(one is None for _member, one in rows):
        raise NotFound(month)
    return page(
        request, "consortium/month.html", page_title=_(N_("联合共享体 {month} 结算表"), month=f"{first:%Y-%m}"), month=first,
        rows=rows, sums=sums, kinds=months.KINDS, crumbs=[(_(TITLE), LIST), (f"{first:%Y-%m}", "")],
        closed=all(one is not None and one.state is SettlementState.closed for _member, one in rows),
        missing=[member.short for member, one in rows if one is None],
    )


@router.get("/months/{month}/export.xlsx")
async def export_month(work: WorkDep, month: str) -> Response:
    """The same as a sheet: a row per member, quantities, the balance."""
    first = _month(month)
    rows, sums = await counting.settlements_of_month(work.session, first)
    heads = [_(N_("成员馆")), _(N_("单号")), *(k.text for k in months.KINDS), _(N_("应收（付）")), _(N_("状态"))]
    kinds = ["text", "text", *("num" for _k in months.KINDS), "money", "text"]
    table: list[list[Any]] = []
    for member, one in rows:
        found = sums.get(one.number, {}) if one else {}
        table.append([
            member.name, one.number if one else "", *(found.get(k, (0, 0))[0] for k in months.KINDS),
            Decimal(sum(fen for _n, fen in found.values())) / 100, one.state.text if one else _(N_("未编制")),
        ])
    table.append([
        _(N_("合计")), "", *(sum(row[n + 2] for row in table) for n in range(len(months.KINDS))),
        sum((row[-2] for row in table), Decimal(0)), "",
    ])
    data = await asyncio.to_thread(write, f"{first:%Y-%m}", heads, kinds, table)
    return download(data, f"{_(TITLE)}-{first:%Y-%m}.xlsx")


@router.get("/{number}")
async def settlement(request: Request, work: WorkDep, number: str) -> Response:
    """A month with a member, line by line, printable with places for two signatures."""
    found, member, lines = await counting.settlement_with_lines(work.session, number)
    return page(
        request, "consortium/settlement.html", page_title=_(N_("结算单 {number}"), number=number), found=found,
        member=member, lines=lines, total=sum(line.amount_fen for line in lines), by_hand=months.BY_HAND,
        is_head=work.actor.holds(HEAD), crumbs=[(_(TITLE), LIST), (number, "")],
        corrections=await counting.corrections_of(work.session, number),
        names=await people.names(work, [found.drafted_by, found.checked_by, found.closed_by]),
    )


@router.get("/{number}/lines/{line_id}")
async def line(request: Request, work: WorkDep, number: str, line_id: UUID) -> Response:
    """The rows one line counted."""
    found, member, one = await counting.line_of(work.session, number, line_id)
    return page(
        request, "consortium/line.html", page_title=one.kind.text, found=found, member=member, line=one,
        ours=one.kind in months.OUR_ITEMS, patrons=one.kind in months.OF_CARDS,
        crumbs=[(_(TITLE), LIST), (number, f"{LIST}/{number}"), (one.kind.text, "")],
    )


def _said(one: Line) -> str:
    return "；".join(part for part in (_(N_("更正 {number}"), number=one.corrects) if one.corrects else "", one.note) if part)


@router.get("/{number}/export.xlsx")
async def export(work: WorkDep, number: str) -> Response:
    """The lines and the rows behind them as a sheet; cards are masked."""
    return await _export(work, number)


@router.post("/{number}/export.xlsx", dependencies=[allow(*HEAD)])
async def export_whole(work: WorkDep, number: str, reason: Annotated[str, Form()] = "") -> Response:
    """The same with whole cards, for the member: the reason is written down."""
    return await _export(work, number, full=True, reason=reason)


async def _export(work: Work, number: str, *, full: bool = False, reason: str = "") -> Response:
    found, member, lines = await counting.settlement_with_lines(work.session, number)
    heads = [_(N_("项目")), _(N_("数量")), _(N_("单价")), _(N_("金额")), _(N_("说明")), _(N_("条码或证号")), _(N_("日期"))]
    table: list[list[Any]] = [
        [x.kind.text, x.quantity, Decimal(x.rate_fen) / 100, Decimal(x.amount_fen) / 100, _said(x), "", ""] for x in lines
    ]
    table.append([_(N_("合计")), "", "", Decimal(sum(x.amount_fen for x in lines)) / 100, found.state.text, "", ""])
    # A debt is between the reader and the library: the member learns how many, not who.
    for x in lines:
        if x.kind is not LineKind.debts:
            clear = full or x.kind not in months.OF_CARDS
            table += [
                [x.kind.text, "", "", "", row["what"], row["ref"] if clear else masked_card(row["ref"]), row["on"]] for row in x.rows
            ]
    noted(work, "union_settlement", number, rows=len(table), full=full, reason=reason)
    data = await asyncio.to_thread(write, number, heads, ["text", "num", "money", "money", "text", "text", "text"], table)
    return download(data, f"{number}-{member.short}-{found.month:%Y-%m}.xlsx")


@router.post("/{number}/lines")
async def add_line(
    request: Request, work: WorkDep, number: str, kind: Annotated[LineKind, Form()],
    quantity: Annotated[int, Form()] = 1, note: Text = "",
) -> Response:
    """补一行."""
    await settling.add_line(work, number=number, kind=kind, quantity=quantity, note=note)
    return see_other(request, f"{LIST}/{number}", toast=_(N_("已补一行")))


@router.post("/{number}/lines/{line_id}/drop")
async def drop_line(request: Request, work: WorkDep, number: str, line_id: UUID) -> Response:
    """删去手工补的一行."""
    await settling.drop_line(work, number=number, line_id=line_id)
    return see_other(request, f"{LIST}/{number}", toast=_(N_("已删去")))


@router.post("/{number}/correct")
async def correct(request: Request, work: WorkDep, number: str, yuan: Text = "", note: Text = "") -> Response:
    """更正已结清的月份."""
    made = await settling.correct(work, number=number, amount_fen=fen_of(yuan, "yuan") or 0, note=note)
    said = _(N_("更正已写入 {number}"), number=made.settlement)
    return see_other(request, f"{LIST}/{made.settlement}", toast=said)


@router.post("/{number}/recount")
async def recount(request: Request, work: WorkDep, number: str) -> Response:
    """重新统计."""
    await settling.recount(work, number=number)
    return see_other(request, f"{LIST}/{number}", toast=_(N_("已重新统计")))


@router.post("/{number}/check")
async def check(request: Request, work: WorkDep, number: str) -> Response:
    """复核."""
    await settling.check(work, number=number)
    return see_other(request, f"{LIST}/{number}", toast=_(N_("已复核")))


@router.post("/{number}/back")
async def back(request: Request, work: WorkDep, number: str) -> Response:
    """退回."""
    await settling.send_back(work, number=number)
    return see_other(request, f"{LIST}/{number}", toast=_(N_("已退回草稿")))


@router.post("/{number}/close", dependencies=[allow(*HEAD)])
async def close(request: Request, work: WorkDep, number: str) -> Response:
    """结清."""
    await settling.close(work, number=number)
    return see_other(request, f"{LIST}/{number}", toast=_(N_("已结清")))
