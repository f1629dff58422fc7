"""Screens of selection lists: hand in, put the columns right, choose, confirm."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.resources.acquiring.checking.rules import Verdict
from services.resources.acquiring.selections import commands, queries, rules
from services.resources.acquiring.selections.model import Decision, ListState
from services.resources.cataloguing.imports.uploads import received
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Refusal
from shared.web.pages import PageNo, page, see_other
from shared.web.register import people

HOME = "/resources/selections"
TITLE = N_("选书单")
router = Router(prefix=HOME, tags=["selections"])
READ, CHOOSE, BUY = [allow(*rules.READERS)], [allow(*rules.CHOOSERS)], [allow(*rules.BUYERS)]
SIZE, ROWS = 20, 50
ASKED = ("q", "verdict", "decision", "wrong", "sort")
Text = Annotated[str, Form()]


def _crumbs(*more: str) -> list[tuple[str, str]]:
    return [(_(TITLE), HOME), *((one, "") for one in more)]


@router.get("", dependencies=READ)
async def listed(request: Request, work: WorkDep, page_no: PageNo = 1, state: str = "") -> Response:
    """All lists, newest first."""
    found, total = await queries.lists(work.session, state=state, limit=SIZE, offset=(page_no - 1) * SIZE)
    return page(
        request, "selections/list.html", page_title=_(TITLE), lists=found, total=total, page=page_no, size=SIZE,
        pages=max(1, -(-total // SIZE)), names=await people.names(work, {one.created_by for one in found}), may=work.actor.holds(rules.BUYERS),
        tabs=[{"label": label, "url": HOME + (f"?state={key}" if key else ""), "active": key == state} for key, label in (
            ("", _(N_("全部"))), *((one.value, one.text) for one in ListState),
        )], params={"state": state},
    )


@router.get("/new", dependencies=BUY)
async def form(request: Request) -> Response:
    """The upload."""
    return _form(request)


def _form(request: Request, error: str = "", supplier: str = "", status: int = 200) -> Response:
    fields = [
        {"name": "file", "label": _(N_("文件")), "kind": "file", "required": True, "span": 12, "accept": ".xlsx,.xlsm,.csv,.txt,.tsv,.mrc,.iso,.xml,.json",
         "help": _(N_("xlsx、csv（逗号或制表符，UTF-8 或 GBK）或 MARC，一份最多 {n} 行"), n=rules.LARGEST)},
        {"name": "supplier", "label": _(N_("书商")), "maxlength": 120, "value": supplier, "span": 12},
    ]
    return page(
        request, "selections/new.html", status=status, page_title=_(N_("上传选书单")), crumbs=_crumbs(_(N_("上传选书单"))), fields=fields, error=error,
    )


@router.post("", dependencies=BUY)
async def upload(request: Request, work: WorkDep) -> Response:
    """Take it in; columns first, unless it is MARC."""
    supplier = ""
    try:
        async with received(request) as got:
            supplier = got.fields.get("supplier", "")
            found = await commands.upload(work, got.path, name=got.name, supplier=supplier)
    except Refusal as refusal:
        return _form(request, str(refusal), supplier, refusal.status)
    if found.state is ListState.draft:
        return see_other(request, f"{HOME}/{found.no}/columns", toast=_(N_("已读入 {n} 行，请核对列"), n=found.total))
    return see_other(request, f"{HOME}/{found.no}", toast=_(N_("已读入 {n} 条记录，已查重"), n=found.total))


@router.get("/{number}/columns", dependencies=READ)
async def columns(request: Request, work: WorkDep, number: str) -> Response:
    """Which column is what, with the first rows to see it by."""
    found = await queries.by_no(work.session, number)
    if found.state is not ListState.draft:
        return see_other(request, f"{HOME}/{number}")
    first, _total = await queries.rows(work.session, found.id, {}, limit=5)
    return page(
        request, "selections/columns.html", page_title=_(N_("核对列")), crumbs=_crumbs(found.no, _(N_("核对列"))), one=found, rows=first,
        fields=rules.FIELDS, may=work.actor.holds(rules.BUYERS), discard=True,
    )


@router.post("/{number}/columns", dependencies=BUY)
async def remap(request: Request, work: WorkDep, number: str) -> Response:
    """The columns are these."""
    given = await request.form()
    found = await commands.remap(work, number, mapping={name: given.get(name, "") for name in rules.FIELDS})
    return see_other(request, f"{HOME}/{found.no}", toast=_(N_("已查重，可以开始选书")))


@router.get("/{number}", dependencies=READ)
async def shown(request: Request, work: WorkDep, number: str, page_no: PageNo = 1) -> Response:
    """The rows, a page at a time."""
    found = await queries.by_no(work.session, number)
    if found.state is ListState.draft:
        return see_other(request, f"{HOME}/{number}/columns")
    asked = {name: request.query_params[name] for name in ASKED if request.query_params.get(name)}
    rows, total = await queries.rows(work.session, found.id, asked, limit=ROWS, offset=(page_no - 1) * ROWS)
    counts = await queries.counts(work.session, found.id)
    copies, cost = await queries.sums(work.session, found.id)
    choosing = found.state is ListState.choosing and work.actor.holds(rules.CHOOSERS)
    mine = work.actor.id in {found.submitted_by, found.created_by}
    return page(
        request, "selections/rows.html", page_title=found.supplier or found.file_name, title_is_data=True, crumbs=_crumbs(found.no), one=found, rows=rows, total=total,
        page=page_no, pages=max(1, -(-total // ROWS)), size=ROWS, params=asked, counts=counts, copies=copies, cost=cost,
        done=found.total - counts[Decision.open] - counts[Decision.expert], choosing=choosing, Decision=Decision,
        buys=work.actor.holds(rules.BUYERS), confirms=found.state is ListState.review and work.actor.holds(rules.BUYERS) and not mine,
        names=await people.names(work, [found.created_by, found.submitted_by, found.confirmed_by]),
        tabs=_tabs(number, asked, counts, found.total),
        filters=[
            {"name": "verdict", "label": _(N_("查重结果")), "value": asked.get("verdict", ""), "options": [(v.value, v.text) for v in Verdict]},
            {"name": "wrong", "label": _(N_("行内问题")), "value": asked.get("wrong", ""), "options": [("1", _(N_("只看有问题的")))]},
        ],
    )


def _tabs(number: str, asked: dict[str, str], counts: dict[Decision, int], total: int) -> list[dict[str, Any]]:
    chosen = asked.get("decision", "")
    return [
        {"label": label, "url": f"{HOME}/{number}" + (f"?decision={key}" if key else ""), "count": n, "active": key == chosen}
        for key, label, n in (("", _(N_("全部")), total), *((d.value, d.text, counts[d]) for d in Decision))
    ]


@router.post("/{number}/decide", dependencies=CHOOSE)
async def decide(request: Request, work: WorkDep, number: str, word: Text, copies: Text = "1") -> Response:
    """One word for picked rows, for one row, or for everything the filters find."""
    given = await request.form()
    chosen = Decision(word) if word in set(Decision) else Decision.open
    ids = [UUID(str(one)) for one in given.getlist("ids") if len(str(one)) == 36]
    asked = {name: str(given[name]) for name in ASKED if given.get(name)}
    n = await commands.decide(
        work, number, decision=chosen, copies=int(copies) if copies.isdecimal() and len(copies) < 5 else 1, ids=ids,
        asked=asked if given.get("all") else None,
    )
    at = str(given.get("page", "1"))
    here = urlencode({**asked, "page": at if at.isdecimal() else "1"})
    return see_other(request, f"{HOME}/{number}?{here}", toast=_(N_("{n} 行：{word}"), n=n, word=chosen.text))


@router.post("/{number}/submit", dependencies=BUY)
async def submit(request: Request, work: WorkDep, number: str, rest: Text = "") -> Response:
    """Somebody else confirms."""
    found = await commands.submit(work, number, rest=bool(rest))
    return see_other(request, f"{HOME}/{number}", toast=_(N_("已选 {n} 种，等待他人确认"), n=found.taken))


@router.post("/{number}/confirm", dependencies=BUY)
async def confirm(request: Request, work: WorkDep, number: str) -> Response:
    """What was chosen is wanted."""
    _found, n = await commands.confirm(work, number)
    return see_other(request, f"{HOME}/{number}", toast=_(N_("已确认，{n} 种列入待购书目"), n=n))


@router.post("/{number}/send-back", dependencies=BUY)
async def send_back(request: Request, work: WorkDep, number: str, note: Text = "") -> Response:
    """Choose again."""
    await commands.send_back(work, number, note=note)
    return see_other(request, f"{HOME}/{number}", toast=_(N_("已退回重选")))


@router.post("/{number}/discard", dependencies=BUY)
async def discard(request: Request, work: WorkDep, number: str) -> Response:
    """Handed in by mistake."""
    await commands.discard(work, number)
    return see_other(request, HOME, toast=_(N_("已作废")))
