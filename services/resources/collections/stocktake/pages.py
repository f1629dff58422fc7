"""Screens of a campaign: planning it, scanning on a phone or at a desk, files, and what came in later."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.resources.cataloguing.imports.uploads import received
from services.resources.cataloguing.items.queries import locations
from services.resources.collections.stocktake import commands, queries, reading, rules
from services.resources.collections.stocktake.model import How, Result, StocktakeState, Why
from services.resources.collections.stocktake.register import Plan, stocktakes
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _, pick
from shared.refusals import Invalid, Refusal
from shared.web.pages import Entry, page, render_text, see_other
from shared.web.register import forms
from shared.work import Work

HOME, SCANNING = "/resources/stocktakes", "/resources/stocktaking"
TITLE = N_("清点扫描")
router = Router(tags=["stocktake"])
COUNT, KEEP = [allow(*rules.COUNTERS)], [allow(*rules.KEEPERS)]
ENTRY = Entry(
    TITLE, SCANNING, "scan", rules.COUNTERS, serves=("RES-MGT-04", "RDR-STK-CST-01"),
    help=N_("拿扫描枪或手机逐册扫架，也可上传条码文件、离线后补传"),
)
Text = Annotated[str, Form()]
SHOWN = 300


async def _form(request: Request, work: Work, typed: dict[str, Any], errors: dict[str, str], status: int = 200) -> Response:
    fields = forms.shown(Plan, typed or None, errors)
    for one in fields:
        if one["name"] == "places":
            one.update(kind="multi", help="", data=True, span=12, value=typed.get("places", []), options=[
                (place.no, pick(place.name, place.name_en) or place.no) for place in (await locations(work.session)).values()
            ])
    return page(
        request, "stocktake/new.html", status=status, page_title=_(N_("新清点")), crumbs=[(_(stocktakes.title), HOME), (_(N_("新清点")), "")],
        fields=fields, errors=forms.summary(Plan, errors),
    )


@router.get(HOME + "/new", dependencies=KEEP)
async def new(request: Request, work: WorkDep) -> Response:
    """The scope: boxes to tick, not codes to know."""
    return await _form(request, work, {}, {})


@router.post(HOME, dependencies=KEEP)
async def plan(request: Request, work: WorkDep) -> Response:
    """Planned; counting begins when somebody says so."""
    typed = await forms.read(request, Plan)
    try:
        one = await stocktakes.open(work, **typed)
    except Invalid as refusal:
        return await _form(request, work, typed, {name: _(text) for name, text in refusal.errors.items()}, 422)
    return see_other(request, f"{HOME}/{one.no}", toast=_(N_("已登记 {no}，准备好后点“开始清点”"), no=one.no))


@router.get(SCANNING, dependencies=COUNT)
async def home(request: Request, work: WorkDep) -> Response:
    """The campaigns that take scans now."""
    found = await queries.running(work.session)
    return page(
        request, "stocktake/home.html", page_title=_(TITLE), found=found, places=await queries.place_names(work.session),
        seen=await queries.progress(work.session, [one.id for one in found]), states=StocktakeState,
    )


async def _screen(request: Request, work: Work, number: str, place: str, template: str, **more: Any) -> Response:
    one = await queries.by_no(work.session, number)
    place = place if place in one.places else one.places[0]
    names = await queries.place_names(work.session)
    return page(
        request, template, page_title=one.title, title_is_data=True, crumbs=[(_(TITLE), SCANNING), (one.no, f"{HOME}/{one.no}")], one=one,
        place=place, here=f"{SCANNING}/{one.no}", state=StocktakeState(one.state), open=StocktakeState(one.state) in rules.SCANNING,
        places=[(code, names.get(code, code)) for code in one.places], names=names, results=Result, why=Why,
        scans=await queries.last_scans(work.session, one.id, work.actor.id), stand=await queries.stand(work.session, one, place), **more,
    )


@router.get(SCANNING + "/{number}", dependencies=COUNT)
async def scanning(request: Request, work: WorkDep, number: str, place: str = "") -> Response:
    """One field; a row for every book."""
    return await _screen(request, work, number, place, "stocktake/scan.html")


@router.post(SCANNING + "/{number}/scan", dependencies=COUNT)
async def scan(request: Request, work: WorkDep, number: str, code: Text = "", place: Text = "") -> Response:
    """One book: in its place, or why not."""
    good = rules.clean(code)
    (row,) = await commands.scan(work, number, [good] if good else [], place=place)
    if not request.headers.get("hx-request"):
        said = _(N_("{barcode}：{result}"), barcode=row.barcode, result=Result(row.result).text)
        return see_other(request, f"{SCANNING}/{number}?place={place}", toast=said, tone="ok" if row.result == Result.found else "warn")
    one = await queries.by_no(work.session, number)
    books = await queries.books_of(work.session, [row.item_id] if row.item_id else [])
    answer = Response(render_text(
        request, "stocktake/answer.html", one=one, row=row, book=books.get(row.item_id), result=Result(row.result), why=Why(row.why),
        names=await queries.place_names(work.session), stand=await queries.stand(work.session, one, row.place),
    ), media_type="text/html")
    answer.headers["x-sound"] = "ok" if row.result == Result.found and row.times == 1 else "look" if row.result != Result.unexpected else "stop"
    return answer


@router.get(SCANNING + "/{number}/later", dependencies=COUNT)
async def later(request: Request, work: WorkDep, number: str, place: str = "") -> Response:
    """For shelves without a network: the page opens offline, what is written down goes out later, once."""
    return await _screen(request, work, number, place, "stocktake/later.html")


@router.post(SCANNING + "/{number}/later", dependencies=COUNT)
async def sent_later(request: Request, work: WorkDep, number: str, codes: Text = "", place: Text = "") -> Response:
    """Many barcodes at once, pasted or kept by a phone."""
    good, bad = rules.codes_of(codes)
    return await _answered(request, work, number, place, good, bad, How.later)


@router.get(SCANNING + "/{number}/file", dependencies=COUNT)
async def file_form(request: Request, work: WorkDep, number: str, place: str = "") -> Response:
    """The upload."""
    return await _screen(request, work, number, place, "stocktake/file.html", error="", done=None)


@router.post(SCANNING + "/{number}/file", dependencies=COUNT)
async def file(request: Request, work: WorkDep, number: str) -> Response:
    """A file from a collector, answered row by row."""
    place = ""
    try:
        async with received(request) as got:
            place = got.fields.get("place", "")
            if got.path.stat().st_size > rules.FILE_MB << 20:
                raise rules.TooLong(limit=rules.MAX_ROWS)
            rows = await asyncio.to_thread(reading.rows_of, got.path, got.name)
        good, bad = rules.codes_in(rows)
        return await _answered(request, work, number, place, good, bad, How.file)
    except Refusal as refusal:
        return await _screen(request, work, number, place, "stocktake/file.html", error=str(refusal), done=None, status=refusal.status)


async def _answered(
    request: Request, work: Work, number: str, place: str, good: list[str], bad: list[str], how: How,
) -> Response:
    rows = await commands.scan(work, number, good, place=place, how=how)
    different = [row for row in rows if row.result != Result.found]
    books = await queries.books_of(work.session, [row.item_id for row in different[:SHOWN] if row.item_id])
    return await _screen(request, work, number, place, "stocktake/file.html", error="", done={
        "total": len(rows), "found": len(rows) - len(different), "again": sum(row.times > 1 for row in rows), "bad": bad[:SHOWN],
        "different": [(row, books.get(row.item_id), Result(row.result), Why(row.why)) for row in different[:SHOWN]],
        "more": max(len(different) - SHOWN, 0), "bad_n": len(bad),
    })
