"""The tables of a month, the rows behind a number, and the report as a spreadsheet."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.resources.collections.monthly import queries, rules
from services.resources.collections.monthly.model import Grouping, Line, MonthState, Source
from services.resources.collections.monthly.register import holdings
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.web.pages import PageNo, page
from shared.web.register import exporting

HOME = "/resources/holdings"
router = Router(tags=["holdings"], dependencies=[allow(*rules.READERS)])
SIZE = 50
UNITS = (("titles", N_("种数")), ("copies", N_("册数")), ("value", N_("金额")))
KEY_LABELS = {"location": N_("馆藏地"), "clc": N_("类"), "language": N_("文种"), "source": N_("来源")}


def _name(key: str, code: str, places: dict[str, str]) -> str:
    match key:
        case "location":
            return places.get(code, code) or "—"
        case "clc":
            return rules.class_name(code)
        case "language":
            return rules.language_name(code)
        case _:
            return Source(code).text if code in set(Source) else code or "—"


def _of(text: str) -> Grouping:
    return Grouping(text) if text in set(Grouping) else Grouping.location


@router.get(HOME + "/{number}/table")
async def table(
    request: Request, work: WorkDep, number: str, by: str = "location", unit: str = "copies", only: str = "", page_no: PageNo = 1
) -> Response:
    """One breakdown of a month, in titles, copies or value; every number leads to its rows."""
    month, grouping = await queries.by_no(work.session, number), _of(by)
    unit = unit if unit in {"titles", "copies", "value"} else "copies"
    only_wrong = bool(only) and grouping in rules.CHECKED
    lines, total = await queries.table(work.session, month.id, grouping, only=only_wrong, limit=SIZE, offset=(page_no - 1) * SIZE)
    places = await queries.place_names(work.session)
    here = f"{HOME}/{month.no}/table"
    return page(
        request, "monthly/table.html", page_title=_(N_("{period} 典藏统计"), period=month.period), month=month, grouping=grouping, unit=unit,
        crumbs=[(_(holdings.title), HOME), (month.no, f"{HOME}/{month.no}"), (grouping.text, "")], state=MonthState(month.state), here=here,
        tabs=[{"label": one.text, "url": f"{here}?by={one.value}&unit={unit}", "active": one is grouping} for one in Grouping if one != Grouping.all],
        units=[{"label": _(label), "url": f"{here}?by={grouping.value}&unit={name}", "active": name == unit} for name, label in UNITS],
        keys=[(name, _(KEY_LABELS[name])) for name in rules.KEYS[grouping]], columns=[(name, _(label)) for name, label in rules.COLUMNS],
        lines=[(line, [_name(name, getattr(line, name), places) for name in rules.KEYS[grouping]], getattr(line, unit)) for line in lines],
        only=only_wrong, checked=grouping in rules.CHECKED, total=total, page_no=page_no, pages=max(1, -(-total // SIZE)), size=SIZE,
        params={"by": grouping.value, "unit": unit, "only": only}, differs=rules.differs, at={"titles": 0, "copies": 1, "value": 2}[unit],
    )


@router.get(HOME + "/{number}/rows")
async def rows(
    request: Request, work: WorkDep, number: str, by: str = "all", column: str = "closing", location: str = "", clc: str = "",
    language: str = "", source: str = "", page_no: PageNo = 1,
) -> Response:
    """What a number is made of, item by item."""
    month, grouping = await queries.by_no(work.session, number), _of(by) if by != "all" else Grouping.all
    column = column if column in rules.PLACE else "closing"
    cell = {"location": location, "clc": clc, "language": language, "source": source}
    found, total = await queries.behind(work.session, month, grouping, cell, column, limit=SIZE, offset=(page_no - 1) * SIZE)
    places = await queries.place_names(work.session)
    told = [_name(name, cell[name], places) for name in rules.KEYS[grouping]] or [_(N_("全馆"))]
    label = _(dict(rules.COLUMNS)[column])
    back = f"{HOME}/{month.no}/table?by={grouping.value}" if grouping is not Grouping.all else f"{HOME}/{month.no}"
    return page(
        request, "monthly/rows.html", page_title=_(N_("{period} {column}"), period=month.period, column=label), month=month, told=told,
        crumbs=[(_(holdings.title), HOME), (month.no, f"{HOME}/{month.no}"), (label, "")], rows=found, total=total, page_no=page_no,
        pages=max(1, -(-total // SIZE)), size=SIZE, flow=column not in {"opening", "closing"}, back=back,
        params={"by": grouping.value, "column": column, **{name: cell[name] for name in rules.KEYS[grouping]}},
    )


def _sheet(lines: list[Line], places: dict[str, str]) -> tuple[list[str], list[str], list[list[Any]]]:
    keys = rules.KEYS[Grouping.cell]
    heads = [_(KEY_LABELS[name]) for name in keys]
    heads += [f"{_(label)}·{_(unit)}" for _name_, unit in UNITS for _column, label in rules.COLUMNS]
    kinds = [*[""] * len(keys), *["num"] * 18, *["money"] * 9]
    table_ = [[
        *(_name(name, getattr(line, name), places) for name in keys), *line.titles, *line.copies, *(fen / 100 for fen in line.value),
    ] for line in lines]
    return heads, kinds, table_


@router.get(HOME + "/{number}/report.xlsx")
async def report(work: WorkDep, number: str) -> Response:
    """The report as it is handed in: location × class × language, titles, copies and value."""
    month = await queries.by_no(work.session, number)
    lines = [*await queries.lines(work.session, month.id, Grouping.cell), *await queries.lines(work.session, month.id, Grouping.all)]
    heads, kinds, table_ = _sheet(lines, await queries.place_names(work.session))
    if table_:
        table_[-1][:3] = [_(N_("合计")), "", ""]
    data = await asyncio.to_thread(exporting.write, month.period, heads, kinds, table_)
    return exporting.download(data, f"{_(holdings.title)}-{month.period}.xlsx")
