"""Bundles on screen: the lists by state, a bundle with its binding slip, and every step of it."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk.attempts import attempt
from services.reader.desk.codes import clean
from services.reader.desk.listing import SIZE, offset, paged
from services.reader.desk.processing.rules import bars
from services.reader.rooms.backissues import binding, commands, queries, rules
from services.reader.rooms.backissues.model import BackBundle, BundleState
from services.reader.rooms.backissues.pages import HOME, WORK, Text, day_of, keys_of, said
from services.reader.rooms.backissues.pages import TITLE as LOOSE
from services.reader.rooms.serials.rules import name
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Refusal
from shared.settings import LOCAL
from shared.web.pages import PageNo, page, see_other
from shared.web.register import people
from shared.web.register.exporting import download, write
from shared.work import Work

LIST = HOME + "/bundles"
TITLE = N_("过刊捆与合订本")
router = Router(prefix=LIST, tags=["backissues"], dependencies=[allow(*rules.READERS)])
api = Router(prefix="/api/reader/backissues", tags=["backissues"], dependencies=[allow(*rules.READERS)])
VIEWS = (*(one.value for one in BundleState), "past")


def _label(view: str) -> str:
    return _(N_("已过保存期")) if view == "past" else BundleState(view).text


@router.get("")
async def listed(request: Request, work: WorkDep, view: str = "stored", q: str = "", on: str = "", page_no: PageNo = 1) -> Response:
    """Bundles by state; a title and a cover date find the one that holds the issue."""
    return await listed_with(request, work, view=view, q=q, on=on, page_no=page_no)


async def listed_with(
    request: Request, work: Work, *, view: str, q: str = "", on: str = "", page_no: int = 1, typed: dict[str, Any] | None = None, wrong: Refusal | None = None
) -> Response:
    """The list, perhaps with what was typed below it and what was refused."""
    view, q = view if view in (*VIEWS, "all") else "stored", q.strip()[:60]
    found, total = await queries.bundles(work.session, view, work.today, q=q, on=day_of(on), limit=SIZE, offset=offset(page_no))
    counts = await queries.counts(work.session, work.today)
    tabs = [
        {"label": _label(one), "count": counts[one], "active": one == view, "url": f"{LIST}?" + urlencode({"view": one})} for one in VIEWS
    ]
    tabs.append({"label": _(N_("全部")), "active": view == "all", "url": f"{LIST}?view=all"})
    return page(
        request, "backissues/bundles.html", status=wrong.status if wrong else 200, page_title=_(TITLE), found=found, view=view, q=q, on=on, tabs=tabs,
        typed=typed or {}, errors=said(wrong), may=work.actor.holds(rules.HANDS), crumbs=[(_(LOOSE), HOME), (_(TITLE), "")],
        **paged(page_no, total, view=view, q=q, on=on),
    )


@router.get("/list.xlsx")
async def sheet(work: WorkDep, view: str = "all", q: str = "", on: str = "") -> Response:
    """The list as a sheet, all pages of it."""
    found, _total = await queries.bundles(work.session, view, work.today, q=q.strip()[:60], on=day_of(on))
    heads = [
        _(N_("捆号")), _(N_("刊名")), _(N_("起止")), _(N_("期数")), _(N_("缺期")), _(N_("状态")), _(N_("存放位置")), _(N_("捆扎")), _(N_("送装")),
        _(N_("装回")), _(N_("条码")), _(N_("索书号")), _(N_("架位")),
    ]
    kinds = ["ref", "text", "text", "num", "text", "text", "text", "moment", "moment", "moment", "ref", "text", "text"]
    table = [
        [b.number, t.title, b.label, n, "、".join(b.gaps), b.state.text, b.place, *(_when(at) for at in (b.made_at, b.sent_at, b.returned_at)),
         b.barcode, b.call_number, f"{b.room} {b.rack}".strip()]
        for b, t, n in found
    ]
    work.note("export", "back_bundle", view, rows=len(table))
    data = await asyncio.to_thread(write, _(TITLE), heads, kinds, table)
    return download(data, f"{_(TITLE)}-{work.today:%Y%m%d}.xlsx")


def _when(at: Any) -> Any:
    return at.astimezone(LOCAL).replace(tzinfo=None) if at else ""


def _stages(bundle: BackBundle, names: dict[str, str]) -> list[dict[str, Any]]:
    steps: list[tuple[str, datetime | None, str]] = [(N_("捆扎登记"), bundle.made_at, bundle.made_by)]
    if bundle.state in {BundleState.proposed, BundleState.discarded}:
        steps += [(N_("提请剔除"), bundle.proposed_at, bundle.proposed_by), (N_("审批"), bundle.decided_at, bundle.decided_by)]
    elif bundle.state is not BundleState.dissolved:
        away = bundle.state not in {BundleState.stored, BundleState.ready}  # an earlier journey is told below
        steps += [
            (N_("配齐"), bundle.ready_at, bundle.ready_by), (N_("送装"), bundle.sent_at if away else None, bundle.sent_by),
            (N_("装回"), bundle.returned_at if away else None, bundle.returned_by), (N_("上架"), bundle.shelved_at, bundle.shelved_by),
        ]
    now = next((place for place, (_l, at, _w) in enumerate(steps) if at is None), len(steps))
    return [
        {"label": _(label), "who": names.get(who, who) if at else "", "at": at, "state": "done" if at else "now" if place == now else "todo"}
        for place, (label, at, who) in enumerate(steps)
    ]


async def _show(
    request: Request, work: Work, number: str, *, typed: dict[str, Any] | None = None, wrong: Refusal | None = None
) -> Response:
    bundle, title = await queries.bundle_by_number(work.session, clean(number))
    whole = await queries.collation(work.session, bundle, work.today)
    journeys = await queries.batches_of(work.session, bundle)
    keeping = await queries.keeping_of(work.session, title.id)
    until = rules.kept_until(bundle.to_on, rules.years_kept(title.kind, keeping.years if keeping else None))
    who = await people.names(work, [
        bundle.made_by, bundle.ready_by, bundle.sent_by, bundle.returned_by, bundle.shelved_by, bundle.proposed_by, bundle.decided_by,
        *(line.back_by for line, _b in journeys),
    ])
    return page(
        request, "backissues/bundle.html", status=wrong.status if wrong else 200, page_title=_(N_("过刊捆 {number}"), number=bundle.number), bundle=bundle,
        title=title, present=whole.present, gaps=[gap for gap in whole.gaps if gap.lack is not rules.Lack.left_out],
        addable=[gap.issue for gap in whole.gaps if gap.lack is rules.Lack.left_out], lacking=len(whole.gaps), journeys=journeys, until=until,
        past=until is not None and until < work.today, stages=_stages(bundle, who), people=who, called=name, typed=typed or {},
        errors=said(wrong), may=work.actor.holds(rules.HANDS), head=work.actor.holds(rules.HEADS),
        mine=work.actor.id == bundle.proposed_by, crumbs=[(_(LOOSE), HOME), (_(TITLE), LIST), (bundle.number, "")],
    )


@router.get("/{number}")
async def shown(request: Request, work: WorkDep, number: str) -> Response:
    """One bundle, as it is printed for the binder."""
    return await _show(request, work, number)


@router.get("/{number}/bars.svg")
async def drawn(work: WorkDep, number: str) -> Response:
    """The number as a barcode, for the scanner that receives the volume."""
    bundle, _title = await queries.bundle_by_number(work.session, clean(number))
    return Response(bars(bundle.number), media_type="image/svg+xml", headers={"cache-control": "private, max-age=86400"})


async def _step(request: Request, work: Work, number: str, verb: Any, done: str, **given: Any) -> Response:
    """One step of a bundle; a refusal shows the bundle again with what was typed."""
    number = clean(number)
    try:
        async with attempt(work):
            await verb(work, number=number, **given)
    except Refusal as no:
        if isinstance(no, rules.UnknownBundle) or no.status == 403:
            raise
        return await _show(request, work, number, typed=given, wrong=no)
    return see_other(request, f"{LIST}/{number}", toast=_(done))


@router.post("/{number}/add", dependencies=WORK)
async def add(request: Request, work: WorkDep, number: str) -> Response:
    """补入."""
    ids = keys_of((await request.form()).getlist("ids"))
    return await _step(request, work, number, commands.add, N_("已补入"), ids=ids)


@router.post("/{number}/move", dependencies=WORK)
async def move(request: Request, work: WorkDep, number: str, place: Text = "") -> Response:
    """移位."""
    return await _step(request, work, number, commands.move, N_("已改存放位置"), place=place[:60])


@router.post("/{number}/dissolve", dependencies=WORK)
async def dissolve(request: Request, work: WorkDep, number: str) -> Response:
    """拆捆."""
    return await _step(request, work, number, commands.dissolve, N_("已拆捆，各期回到散刊"))


@router.post("/{number}/prepare", dependencies=WORK)
async def prepare(request: Request, work: WorkDep, number: str, reason: Text = "", spine: Text = "", colour: Text = "") -> Response:
    """配齐待装."""
    return await _step(
        request, work, number, binding.prepare, N_("已列入待送装"), reason=reason[:300], spine=spine[:80], colour=colour[:20]
    )


@router.post("/{number}/hold", dependencies=WORK)
async def hold(request: Request, work: WorkDep, number: str) -> Response:
    """暂不送装."""
    return await _step(request, work, number, binding.hold, N_("已退回存放"))


@router.post("/{number}/back", dependencies=WORK)
async def back(request: Request, work: WorkDep, number: str, bound: Text = "1", remark: Text = "") -> Response:
    """装回, or back unbound; an empty field would read as the default, so the button says 0."""
    whole = bound != "0"
    done = N_("已收回，验收后上架") if whole else N_("已记未装退回，回到存放")
    return await _step(request, work, number, binding.take_back, done, bound=whole, remark=remark[:300])


@router.post("/{number}/redo", dependencies=WORK)
async def redo(request: Request, work: WorkDep, number: str, remark: Text = "") -> Response:
    """返工."""
    return await _step(request, work, number, binding.redo, N_("已列入待送装，随下一批返工"), remark=remark[:300])


@router.post("/{number}/shelve", dependencies=WORK)
async def shelve(
    request: Request, work: WorkDep, number: str, barcode: Text = "", call_number: Text = "", room: Text = "", rack: Text = "",
    labelled: Text = "", stripped: Text = "",
) -> Response:
    """合订本上架."""
    return await _step(
        request, work, number, binding.shelve, N_("已上架"), barcode=barcode[:40], call_number=call_number[:60], room=room[:60], rack=rack[:40],
        labelled=bool(labelled), stripped=bool(stripped),
    )


@router.post("/{number}/propose", dependencies=WORK)
async def propose(request: Request, work: WorkDep, number: str, reason: Text = "") -> Response:
    """提请剔除."""
    return await _step(request, work, number, commands.propose, N_("已提请剔除，待另一位责任馆员审批"), reason=reason[:300])


@router.post("/{number}/decide", dependencies=[allow(*rules.HEADS)])
async def decide(request: Request, work: WorkDep, number: str, agreed: Text = "", remark: Text = "") -> Response:
    """审批."""
    done = N_("已批准剔除") if agreed else N_("不同意剔除，继续保存")
    return await _step(request, work, number, commands.decide, done, agreed=bool(agreed), remark=remark[:300])


@api.get("/bundles")
async def bundles_json(work: WorkDep, view: str = "all", q: str = "", on: str = "", page_no: PageNo = 1) -> dict[str, Any]:
    """Bundles for programs, found by title and date as on screen."""
    found, total = await queries.bundles(work.session, view, work.today, q=q.strip()[:60], on=day_of(on), limit=SIZE, offset=offset(page_no))
    return {"total": total, "items": [
        {
            "number": b.number, "title_number": t.number, "title": t.title, "label": b.label, "from_on": b.from_on, "to_on": b.to_on, "issues": n,
            "gaps": b.gaps, "state": b.state.value, "place": b.place, "barcode": b.barcode, "call_number": b.call_number, "room": b.room, "rack": b.rack,
        }
        for b, t, n in found
    ]}
