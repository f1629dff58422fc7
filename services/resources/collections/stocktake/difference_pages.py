"""Screens of what differs, and the reports as spreadsheets."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from services.resources.collections.stocktake import queries, rules, settling
from services.resources.collections.stocktake.model import Result, Settled, StocktakeState
from services.resources.collections.stocktake.register import stocktakes
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import NotFound
from shared.web.pages import PageNo, page, see_other
from shared.web.register import exporting, people

HOME = "/resources/stocktakes"
router = Router(tags=["stocktake"])
READ, KEEP = [allow("staff")], [allow(*rules.KEEPERS)]
SIZE = 50
BUTTONS: dict[Settled, tuple[str, str, str]] = {
    Settled.told: (N_("标记未见，转服务台查找"), "zoom-question", "warning"), Settled.put_back: (N_("已归位"), "check", "success"),
    Settled.moved: (N_("改藏到所在处"), "map-pin", "info"), Settled.to_desk: (N_("已交服务台"), "send", "success"),
    Settled.to_cataloguers: (N_("已交编目"), "books", "info"),
}
HEADS = (
    N_("馆藏地"), N_("应有"), N_("在架"), N_("不在原位"), N_("借出"), N_("在途或在办"), N_("期间经服务台"), N_("清点未见"),
    N_("丢失率 %"), N_("错架"), N_("错架率 ‰"), N_("不应在架"),
)


def kind_of(text: str) -> Result:
    """A kind of difference from the address."""
    return Result(text) if text in {kind.value for kind in queries.KINDS} else Result.missing


@router.get(HOME + "/{number}/differences", dependencies=READ)
async def differences(
    request: Request, work: WorkDep, number: str, kind: str = "missing", q: str = "", place: str = "", every: str = "", page_no: PageNo = 1,
) -> Response:
    """One kind at a time, in the order of the shelf, so that a walk through the stacks settles them."""
    one, chosen, q = await queries.by_no(work.session, number), kind_of(kind), q.strip()[:80]
    rows, total = await queries.differences(
        work.session, one.id, chosen, q=q, place=place, every=bool(every), limit=SIZE, offset=(page_no - 1) * SIZE,
    )
    counts = await queries.kinds(work.session, one.id)
    names = await queries.place_names(work.session)
    here = f"{HOME}/{one.no}/differences"
    settling_now = StocktakeState(one.state) is StocktakeState.checking and work.actor.holds(rules.KEEPERS)
    ways = rules.WAYS[chosen] if settling_now and not every else ()
    return page(
        request, "stocktake/differences.html", page_title=_(N_("清点差异")),
        crumbs=[(_(stocktakes.title), HOME), (one.no, f"{HOME}/{one.no}"), (_(N_("差异")), "")], one=one, kind=chosen, rows=rows,
        total=total, page_no=page_no, pages=max(1, -(-total // SIZE)), size=SIZE, q=q, names=names, here=here, place=place,
        state=StocktakeState(one.state), settling=settling_now, open=Settled.open, missing=Result.missing,
        params={"kind": chosen.value, "q": q, "place": place, "every": every}, every=bool(every),
        people=await people.names(work, [row["by"] for row in rows if row["by"]] + [row["settled_by"] for row in rows if row["settled_by"]]),
        tabs=[
            {"label": found.text, "count": counts[found][0], "url": f"{here}?kind={found.value}", "active": found is chosen and not every}
            for found in queries.KINDS
        ] + [{"label": _(N_("已处理")), "url": f"{here}?kind={chosen.value}&every=1", "active": bool(every)}],
        filters=[{"name": "place", "label": _(N_("馆藏地")), "value": place, "data": True, "options": [(c, names.get(c, c)) for c in one.places]}],
        ways=[{"how": way.value, "label": _(BUTTONS[way][0]), "icon": BUTTONS[way][1], "tone": BUTTONS[way][2]} for way in ways],
        batch=[{"label": _(BUTTONS[way][0]), "url": f"{here}/settle?kind={chosen.value}&how={way.value}", "icon": BUTTONS[way][1],
                "tone": BUTTONS[way][2]} for way in ways],
    )


@router.post(HOME + "/{number}/differences/settle", dependencies=KEEP)
async def settle(request: Request, work: WorkDep, number: str, kind: str, how: str) -> Response:
    """Picked rows, one row, or all that is open of this kind."""
    given = await request.form()
    if how not in {way.value for ways in rules.WAYS.values() for way in ways}:
        raise NotFound(how[:20])
    ids = []
    for text in given.getlist("ids"):
        try:
            ids.append(UUID(str(text)))
        except ValueError:
            continue
    chosen, way = kind_of(kind), Settled(how)
    n = await settling.settle(work, number, kind=chosen, how=way, ids=ids, everything=bool(given.get("all")))
    return see_other(
        request, f"{HOME}/{number}/differences?kind={chosen.value}", toast=_(N_("{n} 册：{how}"), n=n, how=way.text), tone="ok" if n else "warn",
    )


def _report_rows(rows: list[dict[str, Any]], names: dict[str, str]) -> list[list[Any]]:
    return [[
        names.get(row["location"], row["location"]) if row["location"] else _(N_("合计")), row["expected"], row["found"], row["elsewhere"],
        row["lent"], row["away"], row["seen"], row["missing"], f"{row['lost_permyriad'] / 100:.2f}", row["misplaced"],
        f"{row['error_permille']:.1f}", row["unexpected"],
    ] for row in rows]


@router.get(HOME + "/{number}/report.xlsx", dependencies=READ)
async def report(work: WorkDep, number: str) -> Response:
    """The result per location: live while counting, as it was closed afterwards."""
    one = await queries.by_no(work.session, number)
    rows = one.report or await queries.figures(work.session, one)
    names = await queries.place_names(work.session)
    kinds = ["", *["num"] * 7, "", "num", "", "num"]
    data = await asyncio.to_thread(exporting.write, one.no, [_(head) for head in HEADS], kinds, _report_rows(rows, names))
    return exporting.download(data, f"{_(N_('清点结案报告'))}-{one.no}.xlsx")


@router.get(HOME + "/{number}/differences.xlsx", dependencies=READ)
async def listed(work: WorkDep, number: str, kind: str = "missing") -> Response:
    """All differences of a kind, dealt with or not."""
    one, chosen = await queries.by_no(work.session, number), kind_of(kind)
    names = await queries.place_names(work.session)
    rows, _total = await queries.differences(work.session, one.id, chosen, every=True, limit=exporting.LIMIT)
    heads = [N_("条码"), N_("题名"), N_("索书号"), N_("扫到的地方"), N_("所属馆藏地"), N_("情况"), N_("处理"), N_("价格")]
    table = [[
        row["barcode"], row["title"], row["call_number"], "" if chosen is Result.missing else names.get(row["place"], row["place"]),
        names.get(row["home"], row["home"]), row["why"].text if row["why"] else chosen.text, row["settled"].text, row["price_cents"] / 100,
    ] for row in rows]
    kinds = [*[""] * 7, "money"]
    data = await asyncio.to_thread(exporting.write, chosen.text, [_(head) for head in heads], kinds, table)
    return exporting.download(data, f"{one.no}-{chosen.text}.xlsx")
