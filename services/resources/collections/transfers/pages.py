"""Filling a plan by scan, list, span or rule; its items; the slips for whoever fetches them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.resources.collections.monthly.rules import LANGUAGES
from services.resources.collections.stocktake.rules import codes_of
from services.resources.collections.transfers import commands, queries, rules
from services.resources.collections.transfers.model import LineState, PlanState, TransferPlan
from services.resources.collections.transfers.register import transfer_plans
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid, Reason
from shared.web.pages import PageNo, page, see_other
from shared.web.register import people
from shared.work import Work

HOME = "/resources/transfer-plans"
router = Router(tags=["transfer-plans"])
READ, MAKE = [allow(*rules.READERS)], [allow(*rules.MAKERS)]
Text = Annotated[str, Form()]
SIZE, SHOWN = 50, 50


def _crumbs(plan: TransferPlan, last: str) -> list[tuple[str, str]]:
    return [(_(transfer_plans.title), HOME), (plan.no, f"{HOME}/{plan.no}"), (last, "")]


async def _show(
    request: Request, work: Work, number: str, *, state: str = "", page_no: int = 1, done: commands.Listed | None = None,
    errors: dict[str, str] | None = None, typed: dict[str, Any] | None = None, status: int = 200,
) -> Response:
    plan = await queries.plan_of(work.session, number)
    state = state if state in set(LineState) else ""
    lines, total = await queries.items_of(work.session, number, state=state, limit=SIZE, offset=(page_no - 1) * SIZE)
    counts, names = await queries.counts(work.session, number), await queries.names(work.session)
    here, given, wrong = f"{HOME}/{number}/items", typed or {}, errors or {}
    others = [(code, name) for code, name in names.items() if code != plan.location]
    return page(
        request, "transfer_plans/items.html", status=status, page_title=_(N_("调拨单册")), crumbs=_crumbs(plan, _(N_("调拨单册"))), plan=plan,
        state=PlanState(plan.state), draft=plan.state == PlanState.draft and work.actor.holds(rules.MAKERS), lines=lines, total=total,
        page_no=page_no, pages=max(1, -(-total // SIZE)), size=SIZE, names=names, here=here, params={"state": state}, done=done,
        refused=[f"{code}：{'；'.join(str(why) for why in reasons)}" for code, reasons in (done.refused[:SHOWN] if done else [])],
        wrong=list(wrong.values()),
        tabs=[{"label": _(N_("全部")), "count": sum(counts.values()), "url": here, "active": not state}] + [
            {"label": one.text, "count": n, "url": f"{here}?state={one.value}", "active": one.value == state} for one, n in counts.items()
        ],
        fields=[
            {"name": "location", "label": _(N_("调出馆藏地")), "kind": "select", "required": True, "value": given.get("location", ""), "data": True,
             "options": others, "span": 4},
            {"name": "low", "label": _(N_("索书号起")), "value": given.get("low", ""), "maxlength": 60, "span": 4, "help": _(N_("分类号或索书号，空为从头"))},
            {"name": "high", "label": _(N_("索书号止")), "value": given.get("high", ""), "maxlength": 60, "span": 4, "help": _(N_("含以它开头的全部"))},
            {"name": "language", "label": _(N_("文种")), "kind": "select", "value": given.get("language", ""), "span": 4,
             "options": [("", _(N_("不限"))), *((code, _(name)) for code, name in LANGUAGES.items())]},
            {"name": "idle_since", "label": _(N_("何日起无人借阅")), "kind": "date", "value": given.get("idle_since", ""), "span": 4,
             "error": wrong.get("idle_since", ""), "help": _(N_("空为不论借阅"))},
            {"name": "by_rule", "label": _(N_("按布局规则")), "kind": "switch", "value": given.get("by_rule", ""), "span": 4,
             "placeholder": _(N_("只列规则要放到调入馆藏地的"))},
        ],
    )


@router.get(HOME + "/{number}/items", dependencies=READ)
async def items(request: Request, work: WorkDep, number: str, state: str = "", page_no: PageNo = 1) -> Response:
    """Every item and where it is; a draft is filled here."""
    return await _show(request, work, number, state=state, page_no=page_no)


@router.post(HOME + "/{number}/items/scan", dependencies=MAKE)
async def scan(request: Request, work: WorkDep, number: str, code: Text = "") -> Response:
    """One book in the hand."""
    good, _bad = codes_of(code)
    done = await commands.list_codes(work, number, good[:1])
    if done.added:
        return see_other(request, f"{HOME}/{number}/items", toast=_(N_("已列入 {barcode}"), barcode=good[0]))
    return await _show(request, work, number, done=done, status=200 if done.already else 422)


@router.post(HOME + "/{number}/items/codes", dependencies=MAKE)
async def codes(request: Request, work: WorkDep, number: str, codes: Text = "") -> Response:
    """Many barcodes at once."""
    good, bad = codes_of(codes[:40_000])
    done = await commands.list_codes(work, number, good)
    done.refused += [(one[:40], [Reason("barcode", N_("不是条码"))]) for one in bad]
    return await _show(request, work, number, done=done, status=422 if done.refused and not done.added else 200)


@router.post(HOME + "/{number}/items/span", dependencies=MAKE)
async def span(
    request: Request, work: WorkDep, number: str, location: Text = "", low: Text = "", high: Text = "", language: Text = "",
    idle_since: Text = "", by_rule: Text = "",
) -> Response:
    """A stretch of a shelf, what nobody read, or what the layout wants elsewhere."""
    typed = {"location": location, "low": low, "high": high, "language": language, "idle_since": idle_since, "by_rule": by_rule}
    try:
        since = date.fromisoformat(idle_since) if idle_since.strip() else None
    except ValueError:
        return await _show(request, work, number, errors={"idle_since": _(N_("日期写作 2026-01-31"))}, typed=typed, status=422)
    try:
        done = await commands.list_span(work, number, queries.Span(
            location=location, low=low[:60].replace("\0", ""), high=high[:60].replace("\0", ""), language=language[:3], idle_since=since,
            by_rule=bool(by_rule),
        ))
    except (rules.NoSpan, Invalid) as refusal:
        return await _show(request, work, number, errors={"location": str(refusal)}, typed=typed, status=422)
    return await _show(request, work, number, done=done, typed=typed)


@router.post(HOME + "/{number}/items/remove", dependencies=MAKE)
async def remove(request: Request, work: WorkDep, number: str) -> Response:
    """These stay."""
    given = await request.form()
    n = await commands.take_off(work, number, [str(one) for one in given.getlist("ids")][:1000])
    return see_other(request, f"{HOME}/{number}/items", toast=_(N_("已移出 {n} 册"), n=n), tone="ok" if n else "warn")


@router.get(HOME + "/{number}/slips", dependencies=READ)
async def slips(request: Request, work: WorkDep, number: str) -> Response:
    """What whoever walks to the shelf takes along: in the order of the shelf, with room to tick."""
    plan = await queries.plan_of(work.session, number)
    lines, total = await queries.items_of(work.session, number)
    names = await queries.names(work.session)
    groups: dict[str, list[Any]] = {}
    for line in lines:
        groups.setdefault(line.from_location, []).append(line)
    return page(
        request, "transfer_plans/slips.html", page_title=_(N_("调拨清单")), crumbs=_crumbs(plan, _(N_("调拨清单"))), plan=plan, total=total,
        groups=groups, names=names, state=PlanState(plan.state), who=await people.names(work, [p for p in (plan.created_by, plan.approved_by) if p]),
    )


@router.get("/api" + HOME + "/{number}/items", dependencies=READ)
async def api_items(work: WorkDep, number: str, page_no: PageNo = 1) -> dict[str, Any]:
    """The items of a plan, fifty at a time."""
    plan = await queries.plan_of(work.session, number)
    lines, total = await queries.items_of(work.session, number, limit=SIZE, offset=(page_no - 1) * SIZE)
    return {"number": plan.no, "state": plan.state, "location": plan.location, "total": total, "items": [
        {"barcode": line.barcode, "title": line.title, "from": line.from_location, "state": line.state.value, "list": line.list_no,
         "why": line.why} for line in lines
    ]}


