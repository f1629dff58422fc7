"""Screens of duplicates: what looks alike, one group of it, what was decided."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Query
from starlette.requests import Request
from starlette.responses import Response

from services.resources.cataloguing.items import queries as items
from services.resources.cataloguing.items.rules import CATALOGUERS
from services.resources.cataloguing.merging import commands, finding, queries, rules
from services.resources.cataloguing.merging.model import MergeState
from services.resources.cataloguing.records.pages import DIALECTS
from services.resources.cataloguing.records.queries import by_key
from services.resources.cataloguing.records.rules import MATERIALS
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid
from shared.web.pages import Entry, PageNo, page, see_other
from shared.web.register import people
from shared.work import Work

URL = "/resources/duplicates"
READ, EDIT = [allow(*rules.READERS)], [allow(*CATALOGUERS)]
router = Router(prefix=URL, tags=["merging"])
SIZE = 20
ENTRY = Entry(
    N_("查重合并"), URL, icon="arrows-join", who=rules.READERS, serves=("RES-MGT-01", "RDR-LED-FRD-06"),
    help=N_("疑似重复的书目、逐字段对照合并、待复核与可撤销的合并"),
)
TABS: dict[str, tuple[str, tuple[MergeState, ...]]] = {
    "": (N_("疑似重复"), ()), "proposed": (N_("待复核"), (MergeState.proposed,)),
    "merged": (N_("已合并"), (MergeState.done, MergeState.undone)), "declined": (N_("不合并"), (MergeState.declined,)),
    "distinct": (N_("不是重复"), ()),
}


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    """The way here."""
    return [(_(N_("编目典藏")), ""), (_(ENTRY.label), URL), *more]


def reasons(codes: list[str]) -> list[tuple[str, str]]:
    """Why two look alike, as (label, tone)."""
    return [(_(rules.REASONS[code][0]), rules.REASONS[code][1]) for code in codes if code in rules.REASONS]


@router.get("", dependencies=READ)
async def home(request: Request, work: WorkDep, tab: Annotated[str, Query(max_length=20)] = "", page_no: PageNo = 1) -> Response:
    """The work list, what waits for a second person, what was decided."""
    return await _home(request, work, tab=tab, page_no=page_no)


async def _home(
    request: Request, work: Work, *, tab: str = "", page_no: int = 1, typed: str | None = None, wrong: str = ""
) -> Response:
    tab = tab if tab in TABS else ""
    offset, session = (page_no - 1) * SIZE, work.session
    found: dict[str, Any] = {"groups": [], "merges": [], "pairs": []}
    if tab == "":
        found["groups"], total = await queries.groups(session, limit=SIZE, offset=offset)
    elif tab == "distinct":
        found["pairs"], total = await queries.decided(session, limit=SIZE, offset=offset)
    else:
        found["merges"], total = await queries.merges(session, TABS[tab][1], limit=SIZE, offset=offset)
    counts = await queries.counts(session)
    kept = await queries.settings(session)
    members = {record.id for group in found["groups"] for record in group.records}
    actors = {pair.decided_by for pair, _a, _b in found["pairs"]} | {
        who for case, _g, _i in found["merges"] for who in (case.asked_by, case.checked_by, case.undone_by) if who
    }
    shown = {"": counts["open"], "proposed": counts["proposed"]}
    return page(
        request, "merging/home.html", status=422 if wrong else 200, page_title=_(ENTRY.label), crumbs=crumbs(), tab=tab, total=total, page=page_no,
        pages=max(1, -(-total // SIZE)), size=SIZE, tabs=[
            {"label": _(label), "url": f"{URL}?tab={key}" if key else URL, "count": shown.get(key), "active": key == tab}
            for key, (label, _states) in TABS.items()
        ], **found, reasons=reasons, counts=await items.counts(session, members), kept=kept, typed=kept.most_items if typed is None else typed,
        wrong=wrong, may=work.actor.holds(CATALOGUERS), may_set=work.actor.holds(rules.KEEPERS), names=await people.names(work, actors),
        me_id=work.actor.id, materials=MATERIALS,
    )


@router.post("/find", dependencies=EDIT)
async def find(request: Request, work: WorkDep) -> Response:
    """Look through the catalogue now; every night it is done anyway."""
    n = await finding.find(work)
    text = _(N_("查完了：{n} 组疑似重复待处理"), n=n) if n else _(N_("查完了，没有发现疑似重复"))
    return see_other(request, URL, toast=text)


@router.post("/settings", dependencies=[allow(*rules.KEEPERS)])
async def save(request: Request, work: WorkDep, most_items: Annotated[str, Form(max_length=20)] = "") -> Response:
    """From how many items on a second person decides."""
    try:
        await commands.set_most(work, most_items)
    except Invalid as refusal:
        return await _home(request, work, typed=most_items, wrong=_(refusal.errors["most_items"]))
    return see_other(request, URL, toast=_(N_("已保存")))


@router.post("/{key}/distinct", dependencies=EDIT)
async def distinct(
    request: Request, work: WorkDep, key: str, pair: Annotated[list[UUID], Form()], note: Annotated[str, Form()] = ""
) -> Response:
    """These are different works; they never come back."""
    for one in pair:
        await commands.say_distinct(work, one, note=note)
    record = await by_key(work.session, key)
    left = await queries.group_of(work.session, record)
    text = _(N_("记下了，以后不再列出"))
    return see_other(request, f"{URL}/{record.number}" if left.pairs else URL, toast=text)


@router.post("/reconsider", dependencies=EDIT)
async def reconsider(request: Request, work: WorkDep, pair: Annotated[UUID, Form()]) -> Response:
    """It was said too quickly."""
    await commands.reconsider(work, pair)
    return see_other(request, URL, toast=_(N_("已重新列入待处理")))


@router.get("/{key}", dependencies=READ)
async def group(request: Request, work: WorkDep, key: str) -> Response:
    """Records that hang together, and which two look alike for what reason."""
    record = await by_key(work.session, key)
    found = await queries.group_of(work.session, record)
    return page(
        request, "merging/group.html", page_title=record.title, record=record, group=found, reasons=reasons,
        counts=await items.counts(work.session, {one.id for one in found.records}), dialects=DIALECTS, materials=MATERIALS,
        may=work.actor.holds(CATALOGUERS), crumbs=crumbs((record.number, "")),
    )
