"""Gaps, the walk along the racks, and what everybody finds there."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk.listing import SIZE, offset, paged
from services.reader.rooms.serials import queries, racks, rules, shelving
from services.reader.rooms.serials.model import TitleKind
from services.reader.rooms.serials.pages import HOME, WORK, key_of
from services.reader.rooms.serials.pages import TITLE as DESK
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.web.pages import PageNo, page, see_other

router = Router(prefix=HOME, tags=["serials"], dependencies=[allow(*rules.READERS)])
open_router = Router(prefix="/reader/new-issues", tags=["serials"], dependencies=[allow("*")])
api = Router(prefix="/api/reader/serials", tags=["serials"], dependencies=[allow("*")])
VIEWS = {"open": N_("缺期"), "asked": N_("已催"), "coming": N_("补寄在途"), "refused": N_("无法补到")}


@router.get("/gaps")
async def gaps(request: Request, work: WorkDep, view: str = "open", q: str = "", page_no: PageNo = 1) -> Response:
    """What is missing and how far the claims are."""
    view, q = view if view in VIEWS else "open", q.strip()[:60]
    found, total = await queries.gaps(work.session, view, q=q, limit=SIZE, offset=offset(page_no))
    counts = await queries.gap_counts(work.session)
    return page(
        request, "serials/gaps.html", page_title=_(N_("报刊缺期")), found=found, view=view, q=q, rules=rules, today=work.today,
        may=work.actor.holds(rules.HANDS), crumbs=[(_(DESK), HOME), (_(N_("报刊缺期")), "")],
        tabs=[{"label": _(label), "count": counts[name], "active": name == view, "url": f"{HOME}/gaps?view={name}"} for name, label in VIEWS.items()],
        **paged(page_no, total, view=view, q=q),
    )


@router.get("/display")
async def display(request: Request, work: WorkDep, room: str = "") -> Response:
    """What goes on the racks and what comes off, in the order of the walk."""
    put, off = await shelving.lists(work, room)
    return page(
        request, "serials/display.html", page_title=_(N_("报刊上架下架")), put=put, off=off, room=room, rooms=await queries.rooms(work.session),
        rules=rules, today=work.today, may=work.actor.holds(rules.HANDS), crumbs=[(_(DESK), HOME), (_(N_("报刊上架下架")), "")],
        unstamped=(await queries.day_counts(work.session, work.today, room))["unstamped"],
    )


@router.post("/display", dependencies=WORK)
async def walked(request: Request, work: WorkDep) -> Response:
    """The ticks of the walk."""
    sent = await request.form()
    up, down = await shelving.walk(
        work, put=[key_of(str(key)) for key in sent.getlist("put")], taken=[key_of(str(key)) for key in sent.getlist("off")]
    )
    room = str(sent.get("room", ""))[:60]
    back = f"{HOME}/display" + (f"?{urlencode({'room': room})}" if room else "")
    return see_other(request, back, toast=_(N_("上架 {up} 期，下架 {down} 期"), up=up, down=down))


@open_router.get("")
async def newest(request: Request, work: WorkDep, q: str = "", kind: str = "", page_no: PageNo = 1) -> Response:
    """报刊到馆: the newest issue of every title, for everybody."""
    q = q.strip()[:60]
    found, total = await racks.newest(work.session, q=q, kind=kind, limit=SIZE, offset=offset(page_no))
    return page(
        request, "serials/newest.html", page_title=_(N_("报刊到馆")), found=found, q=q, rules=rules, today=work.today,
        filters=[{"name": "kind", "label": _(N_("全部类型")), "value": kind, "options": [(k.value, k.text) for k in TitleKind]}],
        **paged(page_no, total, q=q, kind=kind),
    )


@api.get("/newest")
async def newest_json(work: WorkDep, q: str = "", kind: str = "", page_no: PageNo = 1) -> dict[str, Any]:
    """The same for programs."""
    found, total = await racks.newest(work.session, q=q.strip()[:60], kind=kind, limit=SIZE, offset=offset(page_no))
    return {"total": total, "items": [
        {
            "number": title.number, "title": title.title, "issn": title.issn, "kind": title.kind.value, "issue": rules.name(issue),
            "issued_on": issue.issued_on, "arrived_on": issue.arrived_on, "room": title.room, "rack": title.rack,
        }
        for issue, title in found
    ]}
