"""Screens of on-demand pools: drawn up of a list, the rule, the titles with their use, a person's word."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.resources.acquiring.funds.queries import lines
from services.resources.acquiring.ondemand import commands, meeting, queries, rules
from services.resources.acquiring.ondemand.model import DemandPool, OfferState, PoolRule, PoolState
from services.resources.acquiring.selections.queries import by_no as list_by_no
from services.resources.cataloguing.marc.prices import price_fen
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid
from shared.web.pages import Entry, PageNo, page, see_other
from shared.web.register import people
from shared.work import Work

HOME = "/resources/on-demand"
TITLE = N_("外文按需采购")
router = Router(prefix=HOME, tags=["on-demand"])
READ, BUY = [allow(*rules.READERS)], [allow(*rules.BUYERS)]
SIZE = 50
Text = Annotated[str, Form()]
ENTRY = Entry(
    TITLE, HOME, "world-search", rules.READERS, serves=("RES-ACQ-02",), help=N_("书商外文书目先供读者检索，用到条件即购买"),
)


@router.get("", dependencies=READ)
async def index(request: Request, work: WorkDep, page_no: PageNo = 1) -> Response:
    """All pools."""
    found, total = await queries.pools(work.session, limit=SIZE, offset=(page_no - 1) * SIZE)
    return page(
        request, "ondemand/index.html", page_title=_(TITLE), found=found, counts=await queries.counts(work.session, [one.id for one in found]),
        total=total, page_no=page_no, pages=max(1, -(-total // SIZE)), size=SIZE, may=work.actor.holds(rules.BUYERS),
    )


async def _fields(work: Work, typed: dict[str, Any], errors: dict[str, str], *, whole: bool) -> tuple[list[dict[str, Any]], list[str]]:
    wrong = {name: _(text) for name, text in errors.items()}
    fields: list[dict[str, Any]] = [
        {"name": "requests", "label": _(N_("多少位不同读者使用后购买")), "kind": "number", "min": 1, "max": rules.MOST_REQUESTS, "required": True},
        {"name": "teacher", "label": _(N_("教师一人即可")), "kind": "switch"},
        {"name": "cap", "label": _(N_("单价上限（元）")), "required": True, "maxlength": 12},
        {"name": "month", "label": _(N_("每月限额（元）")), "required": True, "maxlength": 12},
        {"name": "fund", "label": _(N_("经费")), "kind": "select", "required": True, "data": True, "span": 12,
         "options": [(one.no, f"{one.text} · {one.available / 100:,.2f}") for one in await lines(work.session)]},
    ]
    if whole:
        fields = [
            {"name": "name", "label": _(N_("名称")), "required": True, "maxlength": 80},
            {"name": "ends_on", "label": _(N_("截止日")), "kind": "date", "required": True}, *fields,
        ]
    for one in fields:
        one["value"], one["error"] = typed.get(one["name"], ""), wrong.pop(one["name"], "")
    return fields, list(wrong.values())


def _rule(typed: dict[str, str]) -> dict[str, Any]:
    n = typed.get("requests", "")
    return {
        "requests": int(n) if n.isascii() and n.isdigit() and len(n) < 4 else 0, "teacher": bool(typed.get("teacher")),
        "cap_cents": price_fen(typed.get("cap", ""), local=True) or 0, "month_cents": price_fen(typed.get("month", ""), local=True) or 0,
        "fund": typed.get("fund", ""),
    }


async def _typed(request: Request) -> dict[str, str]:
    return {name: str(value)[:200] for name, value in (await request.form()).items()}


async def _new(request: Request, work: Work, typed: dict[str, Any], errors: dict[str, str]) -> Response:
    source = await list_by_no(work.session, typed.get("list", ""))
    fields, rest = await _fields(work, typed, errors, whole=True)
    return page(
        request, "ondemand/form.html", status=422 if errors else 200, page_title=_(N_("转为按需采购池")), fields=fields, errors=rest, source=source,
        action=HOME, back=f"/resources/selections/{source.no}", crumbs=[(_(TITLE), HOME), (_(N_("转为按需采购池")), "")],
    )


@router.get("/new", dependencies=BUY)
async def new(request: Request, work: WorkDep, list: str = "") -> Response:
    """The rule of a pool that is made of a selection list."""
    source = await list_by_no(work.session, list)
    return await _new(request, work, {"list": source.no, "name": source.supplier or source.file_name, "requests": 3, "teacher": "true"}, {})


@router.post("", dependencies=BUY)
async def make(request: Request, work: WorkDep) -> Response:
    """Show it to readers."""
    typed = await _typed(request)
    try:
        ends_on = date.fromisoformat(typed.get("ends_on", ""))
    except ValueError:
        ends_on = None
    try:
        pool = await commands.draw_up(work, list_no=typed.get("list", ""), name=typed.get("name", ""), ends_on=ends_on, rule=_rule(typed))
    except Invalid as wrong:
        return await _new(request, work, typed, wrong.errors)
    return see_other(request, f"{HOME}/{pool.no}", toast=_(N_("已向读者提供 {n} 种"), n=pool.total))


@router.get("/offers/{number}", dependencies=READ)
async def offer(request: Request, work: WorkDep, number: str) -> Response:
    """One title: shown on the page of its pool."""
    _offer, pool = await queries.offer_by_no(work.session, number)
    return see_other(request, f"{HOME}/{pool.no}?q={number}")


@router.post("/offers/{number}/decide", dependencies=BUY)
async def decide(request: Request, work: WorkDep, number: str, word: Text = "", reason: Text = "") -> Response:
    """A person's word on what exceeds the rule."""
    one = await meeting.decide(work, no=number, buy=word == "buy", reason=reason)
    return see_other(request, f"{HOME}/{number.rpartition('-')[0]}?state=review", toast=f"{one.title}：{one.state.text}")


@router.get("/{no}", dependencies=READ)
async def shown(request: Request, work: WorkDep, no: str, state: str = "", q: str = "", page_no: PageNo = 1) -> Response:
    """The titles, the most used first; the rule and its versions."""
    return await _shown(request, work, no, state=state, q=q, page_no=page_no)


async def _shown(
    request: Request, work: Work, no: str, *, state: str = "", q: str = "", page_no: int = 1, typed: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    pool, q = await queries.pool_by_no(work.session, no), q.strip()[:60]
    found, total = await queries.offers(work.session, pool.id, state=state, q=q, limit=SIZE, offset=(page_no - 1) * SIZE)
    counts = (await queries.counts(work.session, [pool.id]))[pool.id]
    versions = await queries.rules_of(work.session, pool)
    fields, rest = await _fields(work, typed or _said(versions[0]), errors or {}, whole=False)
    may = work.actor.holds(rules.BUYERS)
    return page(
        request, "ondemand/pool.html", status=422 if errors else 200, page_title=pool.name, title_is_data=True, pool=pool, found=found, total=total,
        page_no=page_no, pages=max(1, -(-total // SIZE)), size=SIZE, q=q, state=state, counts=counts, versions=versions, rule=versions[0], fields=fields,
        errors=rest, may=may, open=pool.state is PoolState.open, decides=may and pool.created_by != work.actor.id, OfferState=OfferState,
        params={k: v for k, v in (("state", state), ("q", q)) if v}, names=await people.names(work, _people(pool, versions, found)),
        funds={one.no: one.text for one in await lines(work.session, running=False)}, crumbs=[(_(TITLE), HOME), (no, "")],
        tabs=[
            {"label": label, "url": f"{HOME}/{no}" + (f"?state={key}" if key else ""), "count": n, "active": key == state}
            for key, label, n in (("", _(N_("全部")), pool.total), *((s.value, s.text, counts.get(s.value, 0)) for s in OfferState))
        ],
    )


def _said(rule: PoolRule) -> dict[str, Any]:
    return {
        "requests": rule.requests, "teacher": "true" if rule.teacher else "", "cap": f"{rule.cap_cents / 100:.2f}", "month": f"{rule.month_cents / 100:.2f}",
        "fund": rule.fund,
    }


def _people(pool: DemandPool, versions: Any, found: Any) -> list[str]:
    return [pool.created_by, pool.ended_by, *(one.made_by for one in versions), *(one.decided_by for one in found)]


@router.post("/{no}/rule", dependencies=BUY)
async def set_rule(request: Request, work: WorkDep, no: str) -> Response:
    """Another version."""
    typed = await _typed(request)
    try:
        pool = await commands.set_rule(work, no=no, rule=_rule(typed))
    except Invalid as wrong:
        return await _shown(request, work, no, typed=typed, errors=wrong.errors)
    return see_other(request, f"{HOME}/{no}", toast=_(N_("规则第 {n} 版已生效"), n=pool.rule))


@router.post("/{no}/withdraw", dependencies=BUY)
async def withdraw(request: Request, work: WorkDep, no: str) -> Response:
    """撤出."""
    sent = await request.form()
    ids = [UUID(str(one)) for one in sent.getlist("ids") if len(str(one)) == 36]
    n = await commands.withdraw(work, no=no, ids=ids, reason=str(sent.get("reason", "")))
    return see_other(request, f"{HOME}/{no}", toast=_(N_("已撤出 {n} 种"), n=n))


@router.post("/{no}/end", dependencies=BUY)
async def end(request: Request, work: WorkDep, no: str) -> Response:
    """提前截止."""
    await commands.end(work, no=no)
    return see_other(request, f"{HOME}/{no}", toast=_(N_("已截止，读者不再看到这些书")))
