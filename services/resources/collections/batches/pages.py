"""What the rule picked, the lines and the expert's word, the papers, the year."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from services.resources.collections.batches import commands, queries, rules
from services.resources.collections.batches.model import Batch, BatchState, Guard
from services.resources.collections.batches.register import batches
from services.resources.collections.monthly.queries import place_names
from services.resources.collections.monthly.rules import class_name
from services.resources.collections.weeding.model import Reason, View, WeedingState
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import NotFound
from shared.web.pages import Entry, PageNo, page, see_other
from shared.web.register import exporting, people

HOME, YEAR, WISHES = "/resources/weeding-lists", "/resources/weeding-year", "/resources/weeding-proposals"
router = Router(tags=["weeding"])
READ, KEEP, VIEWERS = [allow("staff")], [allow(*rules.KEEPERS)], [allow(*rules.EXPERTS)]
SIZE = 50
YEAR_ENTRY = Entry(
    N_("年度剔旧"), YEAR, "chart-bar", ("staff",), serves=("RES-MGT-04",), help=N_("今年剔除了多少、上限还剩多少，按类和理由的册数与价值"),
)
WISHES_ENTRY = Entry(
    N_("剔旧提名"), WISHES, "bulb", ("staff",), serves=("RES-MGT-04",), help=N_("读者服务部提名、还没有列入批次的册"),
)


def _crumbs(one: Batch, here: str) -> list[tuple[str, str]]:
    return [(_(batches.title), HOME), (one.no, f"{HOME}/{one.no}"), (here, "")]


def _paged(page_no: int, total: int, size: int = SIZE) -> dict[str, Any]:
    return {"page_no": page_no, "pages": max(1, -(-total // size)), "total": total, "size": size}


async def _ids(request: Request) -> tuple[list[UUID], Any]:
    given = await request.form()
    found = []
    for text in given.getlist("ids"):
        try:
            found.append(UUID(str(text)))
        except ValueError:
            continue
    return found, given


@router.get(HOME + "/{number}/picks", dependencies=READ)
async def picks(request: Request, work: WorkDep, number: str, kept: str = "", q: str = "", page_no: PageNo = 1) -> Response:
    """What the rule named and why; and what stays, and why."""
    one, q = await queries.by_no(work.session, number), q.strip()[:80]
    rows, total = await queries.picks(work.session, one, guarded=bool(kept), q=q, limit=SIZE, offset=(page_no - 1) * SIZE)
    guards, _picked = await queries.guards(work.session, one)
    n_kept = sum(n for guard, n in guards.items() if guard is not Guard.none)
    here = f"{HOME}/{one.no}/picks"
    may = one.state == BatchState.draft and work.actor.holds(rules.KEEPERS)
    return page(
        request, "batches/picks.html", page_title=_(N_("清单预览")), crumbs=_crumbs(one, _(N_("清单预览"))), one=one, rows=rows, q=q, here=here,
        kept=bool(kept), may=may, places=await place_names(work.session), by_hand=Guard.by_hand, params={"kept": kept, "q": q},
        since=rules.years_before(work.today, one.years), **_paged(page_no, total),
        tabs=[
            {"label": _(N_("将列入")), "count": guards.get(Guard.none, 0), "url": here, "active": not kept},
            {"label": _(N_("不列入及原因")), "count": n_kept, "url": here + "?kept=1", "active": bool(kept)},
        ],
        batch=[{"label": _(N_("排除")) if not kept else _(N_("重新列入")), "url": f"{here}/{'in' if kept else 'out'}",
                "icon": "x" if not kept else "plus", "tone": "warning" if not kept else "success"}] if may else [],
    )


@router.post(HOME + "/{number}/picks/{how}", dependencies=KEEP)
async def leave_out(request: Request, work: WorkDep, number: str, how: str) -> Response:
    """Off the list by hand, or on it again."""
    if how not in {"in", "out"}:
        raise NotFound(how[:20])
    ids, _given = await _ids(request)
    n = await commands.leave_out(work, number, ids, out=how == "out")
    back = f"{HOME}/{number}/picks" + ("?kept=1" if how == "in" else "")
    return see_other(request, back, toast=_(N_("{n} 册已改"), n=n), tone="ok" if n else "warn")


async def _lines(
    request: Request, work: Any, number: str, *, state: str = "", q: str = "", page_no: int = 1, error: str = "", opinion: str = "",
) -> Response:
    one, q = await queries.by_no(work.session, number), q.strip()[:80]
    counts = await queries.counts(work.session, one.no)
    asked = WeedingState(state) if state in set(WeedingState) else None
    rows, total = await queries.lines(work.session, one.no, state=asked, q=q, limit=SIZE, offset=(page_no - 1) * SIZE)
    here = f"{HOME}/{one.no}/lines"
    own = work.actor.id == one.created_by
    viewing = one.state == BatchState.viewing and work.actor.holds(rules.EXPERTS) and not own
    return page(
        request, "batches/lines.html", status=422 if error else 200, page_title=_(N_("剔旧清册（本批）")), crumbs=_crumbs(one, _(N_("清册"))),
        one=one, rows=rows, q=q, here=here, viewing=viewing, own=own and one.state == BatchState.viewing, states=WeedingState, reasons=Reason,
        views=View, error=error, opinion=opinion, params={"state": state, "q": q}, **_paged(page_no, total),
        people=await people.names(work, [row.expert for row in rows]), state=state,
        tabs=[{"label": _(N_("全部")), "count": sum(n for n, _c in counts.values()), "url": here, "active": asked is None}] + [
            {"label": one_state.text, "count": counts[one_state][0], "url": f"{here}?state={one_state.value}", "active": asked is one_state}
            for one_state in WeedingState if one_state in counts
        ],
    )


@router.get(HOME + "/{number}/lines", dependencies=READ)
async def lines(request: Request, work: WorkDep, number: str, state: str = "", q: str = "", page_no: PageNo = 1) -> Response:
    """The lines of the batch, in the order of the shelf."""
    return await _lines(request, work, number, state=state, q=q, page_no=page_no)


@router.post(HOME + "/{number}/view", dependencies=VIEWERS)
async def view(request: Request, work: WorkDep, number: str) -> Response:
    """The expert's word about the ticked lines, or about all."""
    ids, given = await _ids(request)
    asked, opinion = str(given.get("view", "")), str(given.get("opinion", "")).strip()[:500]
    everything = bool(given.get("all"))
    if asked not in set(View):
        return await _lines(request, work, number, error=_(N_("请选专家意见")), opinion=opinion)
    if not ids and not everything:
        return await _lines(request, work, number, error=_(N_("请先勾选要审查的册，或选“全部”")), opinion=opinion)
    if asked != View.withdraw and not opinion:
        return await _lines(request, work, number, error=_(N_("建议保留或转藏时请写明理由")), opinion=opinion)
    n = await commands.view(work, number, ids, view=View(asked), opinion=opinion, everything=everything)
    return see_other(
        request, f"{HOME}/{number}/lines", toast=_(N_("{n} 册：{view}"), n=n, view=View(asked).text), tone="ok" if n else "warn",
    )


@router.get(HOME + "/{number}/print", dependencies=READ)
async def paper(request: Request, work: WorkDep, number: str) -> Response:
    """The paper for the meeting and the asset office: sums, signatures, and the lines."""
    one = await queries.by_no(work.session, number)
    rows, total = await queries.lines(work.session, one.no, state=None, limit=PRINTED)
    shown = [row for row in rows if row.state not in {WeedingState.kept.value, WeedingState.restored.value}]
    counts = await queries.counts(work.session, one.no)
    going = {s: v for s, v in counts.items() if s not in {WeedingState.kept, WeedingState.restored}}
    return page(
        request, "batches/paper.html", page_title=_(N_("剔旧报废清单 {no}"), no=one.no), crumbs=_crumbs(one, _(N_("打印"))), one=one,
        rows=shown, reasons=Reason, views=View, copies=sum(n for n, _c in going.values()), cents=sum(c for _n, c in going.values()),
        more=max(total - len(rows), 0), today=work.today,
        people=await people.names(work, [one.created_by, one.viewed_by, one.approved_by, one.second_by, one.written_by]),
    )


PRINTED = 2000


@router.get(HOME + "/{number}/lines.xlsx", dependencies=READ)
async def sheet(work: WorkDep, number: str) -> Response:
    """All lines, however many."""
    one = await queries.by_no(work.session, number)
    rows, _n = await queries.lines(work.session, one.no, state=None, limit=exporting.LIMIT)
    heads = [N_("编号"), N_("条码"), N_("题名"), N_("索书号"), N_("馆藏地"), N_("理由"), N_("末册"), N_("专家意见"), N_("意见说明"), N_("状态"), N_("价格")]
    table = [[
        row.no, row.barcode, row.title, row.call_number, row.location_name, Reason(row.reason).text, _(N_("是")) if row.last_copy else "",
        View(row.view).text if row.view else "", row.opinion, WeedingState(row.state).text, row.price_cents / 100,
    ] for row in rows]
    work.note("export", "weeding_batch", one.no, rows=len(table))
    data = await asyncio.to_thread(exporting.write, one.no, [_(head) for head in heads], [*[""] * 10, "money"], table)
    return exporting.download(data, f"{_(N_('剔旧清册'))}-{one.no}.xlsx")


@router.get(YEAR, dependencies=READ)
async def year(request: Request, work: WorkDep, year: int = 0) -> Response:
    """How much left, of what, why, and what is left of the limit."""
    of = year if 2000 <= year <= work.today.year else work.today.year
    figures = await queries.year(work.session, of)
    by_class, by_reason = await queries.by_class(work.session, of), await queries.by_reason(work.session, of)
    return page(
        request, "batches/year.html", page_title=_(N_("年度剔旧")), year=of, this=of == work.today.year, figures=figures,
        limit=rules.limit_of(figures.stock, figures.withdrawn), share=rules.share_text(figures.withdrawn, figures.stock + figures.withdrawn),
        rows=[(class_name(row.clc), row) for row in by_class], reasons=[(Reason(row.reason).text, row) for row in by_reason],
        copies=sum(row.copies for row in by_class), cents=sum(int(row.cents or 0) for row in by_class), first=date(of, 1, 1),
    )


@router.get(YEAR + ".xlsx", dependencies=READ)
async def year_sheet(work: WorkDep, year: int = 0) -> Response:
    """Withdrawn copies and value by class, for the fund and asset accounts."""
    of = year if 2000 <= year <= work.today.year else work.today.year
    rows = await queries.by_class(work.session, of)
    table = [[class_name(row.clc), row.titles, row.copies, int(row.cents or 0) / 100, row.disposed] for row in rows]
    heads = [N_("类"), N_("种数"), N_("册数"), N_("价值"), N_("已处置")]
    data = await asyncio.to_thread(
        exporting.write, _(N_("年度剔旧")), [_(head) for head in heads], ["", "num", "num", "money", "num"], table
    )
    return exporting.download(data, f"{_(N_('年度剔旧'))}-{of}.xlsx")


@router.get(WISHES, dependencies=READ)
async def wishes(request: Request, work: WorkDep, page_no: PageNo = 1) -> Response:
    """What the shelf proposed."""
    rows, total = await queries.proposals(work.session, limit=SIZE, offset=(page_no - 1) * SIZE)
    return page(
        request, "batches/wishes.html", page_title=_(N_("剔旧提名")), rows=rows, params={}, may=work.actor.holds(rules.KEEPERS),
        people=await people.names(work, [row[0].by for row in rows]), **_paged(page_no, total),
    )
