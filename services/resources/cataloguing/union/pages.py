"""Screens of the union catalogue: how it goes, what could be contributed, what a month's numbers are made of."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.resources.cataloguing.copying.rules import FAILURES
from services.resources.cataloguing.proofing.rules import month_of
from services.resources.cataloguing.records.pages import DIALECTS
from services.resources.cataloguing.union import commands, queries, rules
from services.resources.cataloguing.union.model import ContributionState, Format
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid, NotFound, Refusal
from shared.web.pages import Entry, PageNo, page, see_other
from shared.web.register import people
from shared.web.register.exporting import download, write
from shared.work import Work

URL = "/resources/union-catalogue"
router = Router(prefix=URL, tags=["union-catalogue"])
READ, SEND, KEEP = [allow(*rules.READERS)], [allow(*rules.CONTRIBUTORS)], [allow(*rules.KEEPERS)]
SIZE = 20
ENTRY = Entry(
    N_("联合目录"), URL, icon="cloud-computing", who=rules.READERS, serves=("RES-ACQ-05", "RES-MGT-01"),
    help=N_("CALIS 等联合目录：每月下载、上传与退回数，推荐上传，连接设置"),
)
TITLES = {"downloads": N_("下载记录"), "uploads": N_("上传收录"), "changes": N_("修改收录"), "withdrawals": N_("撤销"), "duplicates": N_("对方已有"), "errors": N_("退回")}


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(_(N_("书目交换")), ""), (_(ENTRY.label), URL), *more]


@router.get("", dependencies=READ)
async def home(request: Request, work: WorkDep) -> Response:
    """How it goes."""
    return await _home(request, work)


async def _home(request: Request, work: Work, *, typed: dict[str, Any] | None = None, wrong: dict[str, str] | None = None) -> Response:
    us, line = await queries.settings_of(work.session), await queries.line_of(work.session)
    counted = await queries.by_state(work.session)
    _rows, fresh = await queries.candidates(work.session, us, work.today, limit=1, offset=0)
    return page(
        request, "union/home.html", status=422 if wrong else 200, page_title=_(ENTRY.label), crumbs=_crumbs(), us=us, line=line,
        states=[(one, counted.get(one.value, 0)) for one in ContributionState], fresh=fresh, months=await queries.months(work.session, us, work.today),
        failure=_(FAILURES[line.failure], **line.params) if line.failure in FAILURES else "", counters=TITLES,
        may=work.actor.holds(rules.CONTRIBUTORS), may_set=work.actor.holds(rules.KEEPERS), wrong=wrong or {},
        password=bool(request.app.state.kit.settings.union_password), fields=await _fields(work, typed or _kept(us), wrong or {}),
    )


def _kept(us: Any) -> dict[str, Any]:
    return {name: getattr(us, name) for name in (
        "open", "name", "code", "target", "url", "inside", "account", "format", "every_hours", "seconds"
    )}


async def _fields(work: Work, values: dict[str, Any], wrong: dict[str, str]) -> list[dict[str, Any]]:
    def field(name: str, label: str, kind: str = "text", **more: Any) -> dict[str, Any]:
        return {"name": name, "label": label, "kind": kind, "value": values.get(name, ""), "span": 12, "error": _(wrong.get(name, "")), **more}

    targets = await queries.targets(work.session)
    return [
        field("open", _(N_("上传")), "switch", placeholder=_(N_("启用上传"))),
        field("name", _(N_("联合目录名称")), maxlength=60, placeholder="CALIS"),
        field("code", _(N_("代码")), maxlength=20, help=_(N_("写入记录 035 字段的前缀，如 (CALIS)01234567"))),
        field("target", _(N_("下载用的套录目标")), "select", data=True, options=[("", "—"), *targets], help=_(N_("从这个目标套录的记录计为下载"))),
        field("url", _(N_("上传地址")), maxlength=300, help=_(N_("SRU Record Update 服务的地址，由联合目录提供"))),
        field("inside", _(N_("内部网络")), "switch", placeholder=_(N_("允许访问")), help=_(N_("对方在校园网内才勾选"))),
        field("account", _(N_("账号")), maxlength=60, help=_(N_("口令不在此填写，由系统管理员放入环境变量或文件 GUANWU_UNION_PASSWORD"))),
        field("format", _(N_("记录格式")), "select", data=True, options=[(one.value, one.text) for one in Format]),
        field("every_hours", _(N_("自动上传间隔")), "number", min=1, max=168, unit=_(N_("小时"))),
        field("seconds", _(N_("最多等待")), "number", min=1, max=60, unit=_(N_("秒"))),
    ]


@router.post("", dependencies=KEEP)
async def save(request: Request, work: WorkDep) -> Response:
    """Where it is, and how often."""
    form = await request.form()
    typed: dict[str, Any] = {name: str(form.get(name, "")).strip() for name in ("name", "code", "target", "url", "account", "every_hours", "seconds")}
    typed |= {name: str(form.get(name, "")) == "true" for name in ("open", "inside")}
    typed["format"] = str(form.get("format", "")) if str(form.get("format", "")) in set(Format) else Format.marcxml.value
    try:
        await commands.save_settings(work, typed)
    except Invalid as refusal:
        return await _home(request, work, typed=typed, wrong=refusal.errors)
    return see_other(request, URL, toast=_(N_("已保存")))


@router.post("/send", dependencies=SEND)
async def send(request: Request, work: WorkDep) -> Response:
    """Now, not at the next hour."""
    await commands.send_now(work)
    return see_other(request, URL, toast=_(N_("即将开始上传，结果逐条列在清单中")))


@router.get("/candidates", dependencies=READ)
async def candidates(request: Request, work: WorkDep, page_no: PageNo = 1) -> Response:
    """What could be contributed."""
    return await _candidates(request, work, page_no=page_no)


async def _candidates(
    request: Request, work: Work, *, page_no: int = 1, refused: list[tuple[str, list[str]]] | None = None, done: int = 0, error: str = ""
) -> Response:
    us = await queries.settings_of(work.session)
    rows, total = await queries.candidates(work.session, us, work.today, limit=SIZE, offset=(page_no - 1) * SIZE)
    return page(
        request, "union/candidates.html", status=422 if error or (refused and not done) else 200, page_title=_(N_("可上传的原编记录")), us=us, rows=rows, total=total,
        crumbs=_crumbs((_(N_("可上传的原编记录")), "")), page=page_no, pages=max(1, -(-total // SIZE)), size=SIZE, refused=refused or [], done=done,
        error=error, may=work.actor.holds(rules.CONTRIBUTORS), dialects=DIALECTS, names=await people.names(work, {one.created_by for one in rows}),
    )


@router.post("/candidates", dependencies=SEND)
async def propose(request: Request, work: WorkDep) -> Response:
    """Each that was ticked, or typed in, by itself: what is refused keeps nothing else back."""
    form = await request.form()
    wanted = [number for number in dict.fromkeys(str(one).strip() for one in form.getlist("record")) if number][:SIZE]
    if not wanted:
        return await _candidates(request, work, error=_(N_("请勾选记录，或填写记录号")))
    refused: list[tuple[str, list[str]]] = []
    done = 0
    for number in wanted:
        try:
            async with work.session.begin_nested():
                await commands.propose(work, number)
            done += 1
        except Refusal as refusal:
            refused.append((number, list(map(str, refusal.reasons))))
    if refused:
        return await _candidates(request, work, refused=refused, done=done)
    return see_other(request, f"{URL}/candidates", toast=_(N_("{n} 条已列入上传清单"), n=done))


@router.get("/months.xlsx", dependencies=READ)
async def months_file(work: WorkDep) -> Response:
    """The months in numbers, as a sheet."""
    us = await queries.settings_of(work.session)
    table = [[one.month, *(getattr(one, what) for what in TITLES)] for one in await queries.months(work.session, us, work.today)]
    heads = [_(N_("月份")), *(_(label) for label in TITLES.values())]
    data = await asyncio.to_thread(write, _(ENTRY.label), heads, ["text", *("num" for _what in TITLES)], table)
    return download(data, f"{_(ENTRY.label)}.xlsx")


@router.get("/{month}", dependencies=READ)
async def month(request: Request, work: WorkDep, month: str, what: str = "uploads", page_no: PageNo = 1) -> Response:
    """What a number of a month is made of."""
    first = month_of(month, work.today)
    if what not in TITLES or f"{first:%Y-%m}" != month:
        raise NotFound(month)
    us = await queries.settings_of(work.session)
    rows, total = await queries.rows(work.session, us, first, what, limit=SIZE, offset=(page_no - 1) * SIZE)
    return page(
        request, "union/month.html", page_title=f"{month} {_(TITLES[what])}", crumbs=_crumbs((month, "")), rows=rows, total=total, what=what, month=month,
        page=page_no, pages=max(1, -(-total // SIZE)), size=SIZE, counters=TITLES,
    )
