"""传阅名单 on screen: which copy goes by which stations, versions, absences."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk.listing import SIZE, offset, paged
from services.reader.rooms.routing import commands, queries, rules
from services.reader.rooms.routing.model import Absence, RoutingStation, Who
from services.reader.rooms.serials.model import SerialTitle
from services.reader.rooms.serials.pages import number_of
from services.reader.rooms.serials.queries import title_by_number
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid, Refusal
from shared.web.pages import PageNo, page, see_other
from shared.web.register import people
from shared.work import Work

HOME, LISTS = "/reader/routing", "/reader/routing/lists"
TITLE, NAMES = N_("报刊传阅"), N_("传阅名单")
router = Router(prefix=LISTS, tags=["routing"], dependencies=[allow(*rules.READERS)])
WORK = [allow(*rules.HANDS)]
Text = Annotated[str, Form()]


@router.get("")
async def index(request: Request, work: WorkDep, q: str = "", stopped: str = "", page_no: PageNo = 1) -> Response:
    """Lists in force, or those that were stopped."""
    q = q.strip()[:60]
    found, total = await queries.lists(work.session, q=q, stopped=bool(stopped), limit=SIZE, offset=offset(page_no))
    return page(
        request, "routing/lists.html", page_title=_(NAMES), found=found, q=q, stopped=bool(stopped), may=work.actor.holds(rules.HANDS),
        one_title=q if found and all(title.number == q.upper() for _l, title, _n in found) else "",
        titled=await _title(work, q), crumbs=[(_(TITLE), HOME), (_(NAMES), "")], **paged(page_no, total, q=q, stopped="1" if stopped else ""),
    )


async def _title(work: Work, number: str) -> SerialTitle | None:
    """The title somebody came from, to draw up a list of."""
    try:
        return await title_by_number(work.session, number.upper()) if number else None
    except Refusal:
        return None


async def _form(
    request: Request, typed: dict[str, Any], *, title: SerialTitle, number: str = "", errors: dict[str, str] | None = None
) -> Response:
    wrong = {name: _(text) for name, text in (errors or {}).items()}
    fields: list[dict[str, Any]] = [
        {"name": "name", "label": _(N_("名单名称")), "required": True, "maxlength": 60},
        {"name": "days", "label": _(N_("每站天数")), "kind": "number", "min": 1, "max": rules.MOST_DAYS, "required": True, "span": 3},
    ]
    if not number:
        fields.append({"name": "copy_no", "label": _(N_("第几份")), "kind": "number", "min": 1, "max": title.copies, "required": True, "span": 3})
    fields.append({
        "name": "stations", "label": _(N_("各站，一行一站，按先后")), "kind": "textarea", "rows": 10, "span": 12, "required": True, "maxlength": 4000,
        "help": _(N_("写工号、读者证号或部门名称；需要时在后面加“| 天数 | 说明”，例如：馆长室 | 2 | 请阅第 3 页")),
    })
    for one in fields:
        one["value"], one["error"] = typed.get(one["name"], ""), wrong.pop(one["name"], "")
    return page(
        request, "routing/form.html", status=422 if errors else 200, page_title=_(N_("修改传阅名单")) if number else _(N_("新建传阅名单")), title=title,
        fields=fields, errors=list(wrong.values()), number=number,
        crumbs=[(_(TITLE), HOME), (_(NAMES), LISTS), (number or _(N_("新建传阅名单")), f"{LISTS}/{number}" if number else "")],
    )


@router.get("/new", dependencies=WORK)
async def new(request: Request, work: WorkDep, title: str = "") -> Response:
    """An empty list for a title; the first copy without one is proposed."""
    found = await title_by_number(work.session, title.strip().upper())
    taken = {one.copy_no for one in (await queries.in_force(work.session, [found.id])).get(found.id, ())}
    free = next((n for n in range(1, found.copies + 1) if n not in taken), found.copies)
    return await _form(request, {"days": rules.DAYS, "copy_no": free}, title=found)


@router.post("", dependencies=WORK)
async def make(request: Request, work: WorkDep) -> Response:
    """Draw it up."""
    typed = {name: str(value)[:4000] for name, value in (await request.form()).items()}
    title = await title_by_number(work.session, typed.get("title", ""))
    try:
        made = await commands.draw_up(
            work, title_number=title.number, name=typed.get("name", "")[:60], copy_no=number_of(typed.get("copy_no", "")) or 0,
            days=number_of(typed.get("days", "")) or 0, stations=await commands.read_stations(work, typed.get("stations", "")),
        )
    except Invalid as wrong:
        return await _form(request, typed, title=title, errors=wrong.errors)
    return see_other(request, f"{LISTS}/{made.number}", toast=_(N_("传阅名单已启用，下一期记到即出传阅单")))


def _line(one: RoutingStation) -> str:
    """A station as it is typed."""
    parts = [one.who or one.place, str(one.days or ""), one.note]
    return " | ".join(parts).rstrip(" |")


@router.get("/{number}/edit", dependencies=WORK)
async def edit(request: Request, work: WorkDep, number: str) -> Response:
    """The stations as they are."""
    one, title = await queries.list_by_number(work.session, number)
    stations = await queries.stations_of(work.session, one.id, one.version)
    typed = {"name": one.name, "days": one.days, "stations": "\n".join(map(_line, stations))}
    return await _form(request, typed, title=title, number=number)


@router.post("/{number}/edit", dependencies=WORK)
async def change(request: Request, work: WorkDep, number: str) -> Response:
    """Another version."""
    typed = {name: str(value)[:4000] for name, value in (await request.form()).items()}
    _one, title = await queries.list_by_number(work.session, number)
    try:
        one = await commands.revise(
            work, number=number, name=typed.get("name", "")[:60], days=number_of(typed.get("days", "")) or 0,
            stations=await commands.read_stations(work, typed.get("stations", "")),
        )
    except Invalid as wrong:
        return await _form(request, typed, title=title, number=number, errors=wrong.errors)
    return see_other(request, f"{LISTS}/{number}", toast=_(N_("第 {n} 版已启用；在途的传阅单不变"), n=one.version))


@router.post("/{number}/stop", dependencies=WORK)
async def stop(request: Request, work: WorkDep, number: str) -> Response:
    """停用."""
    await commands.stop(work, number=number)
    return see_other(request, f"{LISTS}/{number}", toast=_(N_("名单已停用；在途的传阅单照旧传完")))


@router.post("/{number}/absence", dependencies=WORK)
async def absence(request: Request, work: WorkDep, number: str, position: Text = "", absence: Text = "", until: Text = "") -> Response:
    """A station is away, or there again."""
    try:
        day = date.fromisoformat(until) if until else None
    except ValueError as error:
        raise Invalid({"until": N_("请填写日期")}) from error
    known = Absence(absence) if absence in set(Absence) else None
    await commands.note_absence(work, number=number, position=number_of(position) or 0, absence=known, until=day)
    return see_other(request, f"{LISTS}/{number}", toast=_(N_("以后的传阅单跳过这一站")) if known else _(N_("这一站恢复传阅")))


@router.get("/{number}", dependencies=WORK)
async def card(request: Request, work: WorkDep, number: str, version: str = "") -> Response:
    """A list as it is in force, or an older version of it."""
    one, title = await queries.list_by_number(work.session, number)
    versions = await queries.versions_of(work.session, one.id)
    asked = int(version) if version.isascii() and version.isdigit() and len(version) < 6 else one.version
    shown = next((v for v in versions if v.version == asked), versions[0])
    stations = await queries.stations_of(work.session, one.id, shown.version)
    return page(
        request, "routing/list.html", page_title=one.name, title_is_data=True, one=one, title=title, versions=versions, shown=shown, rules=rules,
        stations=stations, names=await queries.names(work, stations), Who=Who, Absence=Absence, today=work.today,
        people=await people.names(work, [v.made_by for v in versions]), crumbs=[(_(TITLE), HOME), (_(NAMES), LISTS), (number, "")],
    )
