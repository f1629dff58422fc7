"""Orientation passes on screen: lists from upload to result, the mark, who has not passed."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Annotated, Any

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import DESK, HEAD
from services.reader.desk.campus.pages import uploaded
from services.reader.desk.codes import clean
from services.reader.desk.listing import SIZE, offset, paged
from services.reader.desk.looks import export, masked_card, masked_name
from services.reader.desk.passes import commands, queries
from services.reader.desk.passes.model import Fate, ListState, PassRow
from services.reader.desk.patrons.model import Patron
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid, Refusal
from shared.web.pages import PageNo, page, see_other
from shared.web.register import people
from shared.web.register.exporting import download, write
from shared.work import Work

router = Router(prefix="/reader/orientation-passes", tags=["orientation passes"], dependencies=[allow(*DESK)])
patron_router = Router(prefix="/reader/patrons/{card}", tags=["orientation passes"], dependencies=[allow(*DESK)])
TITLE, HOME = N_("入馆教育通过"), "/reader/orientation-passes"
MOST = 20_000


def _tabs(active: str) -> list[dict[str, Any]]:
    return [
        {"label": _(label), "url": HOME + end, "active": end == active}
        for end, label in (("", N_("未通过读者")), ("/lists", N_("通过名单")))
    ]


@router.get("")
async def missing(
    request: Request, work: WorkDep, q: str = "", college: str = "", page_no: PageNo = 1
) -> Response:
    """Who has not passed, college by college; those ticked can be let in together."""
    rows, total = await queries.missing(
        work.session, q=q[:60], college=college[:80], limit=SIZE, offset=offset(page_no)
    )
    colleges = await queries.missing_by_college(work.session)
    return page(
        request, "passes/missing.html", block="list", page_title=_(TITLE), rows=rows, q=q, college=college,
        colleges=colleges, tabs=_tabs(""), is_head=work.actor.holds(HEAD), need=sum(of for _c, _n, of in colleges),
        lacking=sum(n for _c, n, _of in colleges), mark=await queries.mark_now(work.session),
        **paged(page_no, total, q=q, college=college),
    )


@router.post("/grant", dependencies=[allow(*HEAD)])
async def grant_many(
    request: Request, work: WorkDep, ids: Annotated[list[str] | None, Form()] = None, reason: Annotated[str, Form()] = ""
) -> Response:
    """Let in those who were ticked."""
    done = await commands.grant_many(work, cards=[clean(card) for card in ids or ()], reason=reason)
    return see_other(request, HOME, toast=_(N_("已为 {n} 人开通借书"), n=done))


@router.get("/missing.xlsx")
async def export_missing(work: WorkDep, q: str = "", college: str = "") -> Response:
    """The list with cards and names masked."""
    return await _sheet(work, q, college, full=False)


@router.post("/missing.xlsx", dependencies=[allow(*HEAD)])
async def export_missing_full(
    work: WorkDep, reason: Annotated[str, Form()] = "", q: Annotated[str, Form()] = "", college: Annotated[str, Form()] = ""
) -> Response:
    """The list with whole cards and names, for the colleges: the reason is written down."""
    return await _sheet(work, q, college, full=True, reason=reason)


async def _sheet(work: Work, q: str, college: str, *, full: bool, reason: str = "") -> Response:
    rows, total = await queries.missing(work.session, q=q[:60], college=college[:80], limit=MOST)
    export(work, "orientation", college[:80] or "*", rows=total, full=full, reason=reason)
    heads = [_(N_("证号")), _(N_("姓名")), _(N_("读者类型")), _(N_("学院或单位")), _(N_("专业班级"))]
    table = [[*_who(p, full), p.category.text, p.college, p.class_name] for p in rows]
    data = await asyncio.to_thread(write, _(N_("未通过读者")), heads, ["text"] * len(heads), table)
    return download(data, f"{_(N_('未通过读者'))}-{work.today:%Y%m%d}.xlsx")


def _who(patron: Patron | PassRow, full: bool) -> tuple[str, str]:
    return (patron.card, patron.name) if full else (masked_card(patron.card), masked_name(patron.name))


@patron_router.post("/orientation")
async def grant(
    request: Request, work: WorkDep, card: str, reason: Annotated[str, Form()] = "", passed_on: Annotated[str, Form()] = ""
) -> Response:
    """One patron passes, from their page."""
    patron = await commands.grant(work, card=clean(card), reason=reason, passed_on=_day(passed_on))
    return see_other(request, f"/reader/patrons/{patron.card}", toast=_(N_("已开通借书")))


@patron_router.post("/orientation/withdraw", dependencies=[allow(*HEAD)])
async def withdraw(request: Request, work: WorkDep, card: str, reason: Annotated[str, Form()] = "") -> Response:
    """The pass was a mistake."""
    patron = await commands.withdraw(work, card=clean(card), reason=reason)
    return see_other(request, f"/reader/patrons/{patron.card}", toast=_(N_("已撤回，暂停借书")), tone="warn")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text.strip() else None
    except ValueError as error:
        raise Invalid({"passed_on": N_("日期写作 2026-03-01")}) from error


@router.post("/mark", dependencies=[allow(*HEAD)])
async def mark(request: Request, work: WorkDep, mark: Annotated[int, Form()]) -> Response:
    """The mark one has to reach."""
    await commands.set_mark(work, mark=mark)
    return see_other(request, HOME + "/lists", toast=_(N_("分数线已改为 {mark} 分，对以后的名单有效"), mark=mark))


@router.get("/lists", dependencies=[allow(*HEAD)])
async def lists(request: Request, work: WorkDep, page_no: PageNo = 1) -> Response:
    """Lists that were handed in, and the form for the next."""
    return await _lists(request, work, page_no)


async def _lists(request: Request, work: Work, page_no: int = 1, error: str = "", status: int = 200) -> Response:
    found, total = await queries.lists(work.session, limit=SIZE, offset=offset(page_no))
    fields = [{
        "name": "file", "label": _(N_("文件")), "kind": "file", "required": True, "span": 12, "accept": ".csv,.txt,.xlsx",
        "help": _(N_("CSV（UTF-8 或 GBK）或 .xlsx，第一行为列名：学工号、考试日期、成绩；有姓名列时与读者资料核对")),
    }]
    return page(
        request, "passes/lists.html", status=status, page_title=_(TITLE), lists=found, fields=fields, error=error,
        tabs=_tabs("/lists"), mark=await queries.mark_now(work.session),
        names=await people.names(work, [one.created_by for one in found]), **paged(page_no, total),
    )


@router.post("/lists", dependencies=[allow(*HEAD)])
async def look(request: Request, work: WorkDep) -> Response:
    """Look at a list; nobody is let in yet."""
    try:
        source, name, _full = await uploaded(request)
        found = await commands.look(work, source, name=name)
    except Refusal as refusal:
        await work.session.rollback()
        return await _lists(request, work, error=str(refusal), status=refusal.status)
    return see_other(request, f"{HOME}/lists/{found.number}", toast=_(N_("请核对结果后再开通")))


@router.get("/lists/{number}", dependencies=[allow(*HEAD)])
async def shown(request: Request, work: WorkDep, number: str, fate: str = "", page_no: PageNo = 1) -> Response:
    """What would become of each row, or what did."""
    found = await queries.list_by_number(work.session, number)
    chosen = Fate(fate) if fate in set(Fate) else None
    rows, total = await queries.rows_of(work.session, found, fate=chosen, limit=SIZE, offset=offset(page_no))
    at = f"{HOME}/lists/{number}"
    tabs = [{"label": _(N_("全部")), "url": at, "active": chosen is None, "count": found.rows}] + [
        {"label": f.text, "url": f"{at}?fate={f.value}", "active": f is chosen, "count": found.counts.get(f.value, 0)}
        for f in Fate
    ]
    return page(
        request, "passes/list.html", page_title=found.file_name, found=found, rows=rows, tabs=tabs, S=ListState, Fate=Fate,
        crumbs=[(_(TITLE), HOME + "/lists"), (number, "")], **paged(page_no, total, fate=chosen.value if chosen else ""),
    )


@router.post("/lists/{number}/apply", dependencies=[allow(*HEAD)])
async def apply(request: Request, work: WorkDep, number: str) -> Response:
    """Open borrowing."""
    found = await commands.apply(work, number=number)
    done = found.counts.get(Fate.passes.value, 0)
    return see_other(request, f"{HOME}/lists/{number}", toast=_(N_("已为 {n} 人开通借书"), n=done))


@router.post("/lists/{number}/drop", dependencies=[allow(*HEAD)])
async def drop(request: Request, work: WorkDep, number: str) -> Response:
    """Put it away."""
    await commands.drop(work, number=number)
    return see_other(request, HOME + "/lists", toast=_(N_("名单已放弃，没有开通任何读者")))


@router.get("/lists/{number}/report.xlsx", dependencies=[allow(*HEAD)])
async def report(work: WorkDep, number: str) -> Response:
    """Row by row, with cards and names masked."""
    return await _report(work, number, full=False)


@router.post("/lists/{number}/report.xlsx", dependencies=[allow(*HEAD)])
async def full_report(work: WorkDep, number: str, reason: Annotated[str, Form()] = "") -> Response:
    """Row by row for whoever held the exam: the reason is written down."""
    return await _report(work, number, full=True, reason=reason)


async def _report(work: Work, number: str, *, full: bool, reason: str = "") -> Response:
    found = await queries.list_by_number(work.session, number)
    rows, total = await queries.rows_of(work.session, found, limit=MOST)
    export(work, "pass_list", number, rows=total, full=full, reason=reason)
    heads = [_(N_("行")), _(N_("证号")), _(N_("姓名")), _(N_("考试日期")), _(N_("成绩")), _(N_("结果")), _(N_("说明"))]
    table = [
        [
            r.line, *_who(r, full), r.passed_on or "", "" if r.score is None else r.score, r.fate.text,
            _(r.note, **r.params) if r.note else "",
        ]
        for r in rows
    ]
    data = await asyncio.to_thread(write, number, heads, ["num", "text", "text", "date", "num", "text", "text"], table)
    return download(data, f"{number}.xlsx")
