"""Screens of classing: the tree, a record's class and number, the shelf list."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Query
from starlette.requests import Request
from starlette.responses import Response

from services.resources.cataloguing.classing import commands, queries, rules
from services.resources.cataloguing.editing.pages import opened, saved_text
from services.resources.cataloguing.items import queries as items
from services.resources.cataloguing.items.rules import CATALOGUERS
from services.resources.cataloguing.marc import typed
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _, pick
from shared.refusals import Refusal
from shared.web.pages import Entry, page, see_other
from shared.work import Work

READ, EDIT = [allow(*rules.READERS)], [allow(*CATALOGUERS)]
router = Router(prefix="/resources", tags=["classing"])
TREE = Entry(
    N_("中图法"), "/resources/classes", icon="category", who=rules.READERS, serves=("RES-MGT-01",), help=N_("按类浏览和检索中图法，看馆内各类有多少种书"),
)
SHELF = Entry(
    N_("排架目录"), "/resources/shelf-list", icon="list-numbers", who=rules.READERS, serves=("RES-MGT-01", "RES-MGT-04"),
    help=N_("按索书号排列的馆藏，就像书在架上"),
)
SIZE = 50
Text = Annotated[str, Query(max_length=60)]


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(_(N_("编目典藏")), ""), *more]


@router.get("/classes", dependencies=READ)
async def browse(request: Request, work: WorkDep, code: Text = "", q: Text = "") -> Response:
    """A class with those below it, or the classes that were searched."""
    known = rules.tree()
    found = known.search(q.replace("\0", "")) if q.strip() else []
    path = known.path(code)
    shown = found if q.strip() else known.below(code if path else "")
    return page(
        request, "classing/tree.html", page_title=_(TREE.label), crumbs=_crumbs((_(TREE.label), "")), q=q, path=path, shown=shown,
        searched=bool(q.strip()), below=known.below, most=rules.FOUND_AT_MOST,
        counts=await queries.titles(work.session, [one.code for one in shown[:40]]),
    )


@router.get("/classes/lookup", dependencies=READ)
async def lookup(q: Text = "") -> list[dict[str, str]]:
    """Suggestions while somebody types a class."""
    return [{"value": one.code, "label": f"{one.code} {one.name}"} for one in rules.tree().search(q.replace("\0", ""))[:20]]


async def _class_page(
    request: Request, work: Work, key: str, *, mark: str = "", refusal: Refusal | None = None, status: int = 200
) -> Response:
    record, marc = await opened(work, key)
    told = typed.read(marc)
    chosen = mark or told["clc"]
    nearest = rules.tree().nearest(chosen) if chosen else None
    sound = ""
    if chosen:
        try:
            sound = rules.checked(chosen)
        except rules.NoClass as wrong:
            refusal = refusal or wrong
    next_one = await queries.highest(work.session, sound) + 1 if sound else 0
    return page(
        request, "classing/record.html", status=status, page_title=record.title, record=record, told=told, chosen=chosen,
        path=rules.tree().path(nearest.code) if nearest else [], next_one=next_one, sound=sound, refusal=refusal,
        suggestions=[(m, n, t, rules.tree().nearest(m)) for m, n, t in await queries.suggestions(work.session, record)],
        neighbours=await queries.neighbours(work.session, sound) if sound else [],
        crumbs=_crumbs((_(N_("书目记录")), "/resources/records"), (record.number, f"/resources/records/{record.number}"), (_(N_("分类取号")), "")),
    )


@router.get("/records/{key}/class", dependencies=EDIT)
async def class_of(request: Request, work: WorkDep, key: str, mark: Text = "") -> Response:
    """A record's class, what similar titles have, and the next number."""
    return await _class_page(request, work, key, mark=mark.replace("\0", ""))


@router.post("/records/{key}/class", dependencies=EDIT)
async def assign(
    request: Request, work: WorkDep, key: str, mark: Annotated[str, Form()] = "", base: Annotated[int, Form()] = 0
) -> Response:
    """Take the next number of the class for it."""
    try:
        saved = await commands.assign(work, key, mark=mark.replace("\0", ""), base=base)
    except Refusal as refusal:
        await work.session.rollback()
        return await _class_page(request, work, key, mark=mark.replace("\0", "")[:60], refusal=refusal, status=refusal.status)
    return see_other(request, f"/resources/records/{saved.record.number}/edit", toast=saved_text(saved))


@router.get("/shelf-list", dependencies=READ)
async def shelf(
    request: Request, work: WorkDep, location: Text = "", begin: Text = "", key: Annotated[str, Query(max_length=300)] = "",
    after: UUID | None = None,
) -> Response:
    """A place as it stands, from a call number on."""
    places = await items.locations(work.session)
    chosen = location if location in places else next(iter(places), "")
    begin = begin.replace("\0", "").strip()
    rows: list[Any] = []
    if chosen:
        last = (key, after) if after is not None else None
        rows = await queries.shelf(work.session, chosen, begin=begin, after=last, limit=SIZE + 1)
    more, rows = len(rows) > SIZE, rows[:SIZE]
    return page(
        request, "classing/shelf.html", page_title=_(SHELF.label), crumbs=_crumbs((_(SHELF.label), "")), rows=rows, begin=begin,
        location=chosen, places=[(place.no, pick(place.name, place.name_en)) for place in places.values()],
        follow=(rows[-1][0].shelf_key, rows[-1][0].id) if more else None, first=after is None and not begin,
    )
