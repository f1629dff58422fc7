"""Journeys: what is under way, the slip for the box, arrivals by scan, what never came."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import DESK
from services.reader.desk.circulation import commands as circulation
from services.reader.desk.codes import clean
from services.reader.desk.holds import commands as holds
from services.reader.desk.items.rules import NEXT_LABELS
from services.reader.desk.listing import SIZE, offset, paged
from services.reader.desk.transit import queries, rules
from services.reader.desk.transit.model import TransitState
from services.reader.rooms.service_points.queries import names, point_here
from services.reader.rooms.service_points.rules import COOKIE
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.web.pages import PageNo, page, see_other
from shared.web.register import people

router = Router(prefix="/reader/transit", tags=["transit"], dependencies=[allow(*DESK)])
TITLE = N_("通借途中")


@router.get("")
async def under_way(
    request: Request, work: WorkDep, state: str = "on_way", q: str = "", point: str = "", page_no: PageNo = 1
) -> Response:
    """Longest overdue first; red beyond two open days."""
    asked = TransitState(state) if state in set(TransitState) else TransitState.on_way
    q = q.strip()[:80]
    found, total = await queries.transits(
        work.session, state=asked, q=q, point=point, limit=SIZE, offset=offset(page_no)
    )
    counts, said = await queries.counts(work.session), await names(work.session)
    return page(
        request, "transit/list.html", page_title=_(TITLE), self_url=f"/reader/transit?{request.url.query}", transits=found, state=asked, q=q, point=point,
        points=said, place_names=list(said.items()), today=work.today, rules=rules,
        here=await point_here(work.session, request.cookies.get(COOKIE, "")),
        late=await queries.late_count(work.session, work.today),
        tabs=[
            {
                "label": each.text, "count": counts.get(each, 0), "active": each is asked,
                "url": "/reader/transit?" + urlencode({"state": each.value}),
            }
            for each in TransitState
        ],
        people=await people.names(work, [t.sent_by for t in found] + [t.ended_by for t in found if t.ended_by]),
        **paged(page_no, total, state=asked.value, q=q, point=point),
    )


@router.post("/arrive")
async def arrive(request: Request, work: WorkDep, code: Annotated[str, Form()] = "") -> Response:
    """到达扫描: the book is here; the answer says where it goes now."""
    at = await point_here(work.session, request.cookies.get(COOKIE, ""))
    done = await circulation.take_back(work, barcode=clean(code), at=at)
    if done.hold is not None and done.hold.shelf:
        said = _(N_("《{title}》放预约架 {shelf}"), title=done.item.title, shelf=done.hold.shelf)
    else:
        said = _(N_("《{title}》去向：{next}"), title=done.item.title, next=_(NEXT_LABELS[done.next]))
    return see_other(request, f"/reader/transit/{done.transit.number}" if done.transit else "/reader/transit", toast=said)


@router.get("/{number}")
async def slip(request: Request, work: WorkDep, number: str) -> Response:
    """The slip that travels with the book: where from, where to, why, until when; no name."""
    found = await queries.transit_by_number(work.session, clean(number))
    return page(
        request, "transit/slip.html", page_title=_(N_("通借单 {number}"), number=found.number), transit=found,
        crumbs=[(_(TITLE), "/reader/transit"), (found.number, "")], points=await names(work.session),
        people=await people.names(work, [found.sent_by, *([found.ended_by] if found.ended_by else [])]),
        today=work.today, rules=rules,
    )


@router.post("/{number}/lost")
async def lost(
    request: Request, work: WorkDep, number: str, reason: Annotated[str, Form()] = ""
) -> Response:
    """途中未见."""
    found = await holds.lost_on_the_way(work, number=clean(number), reason=reason[:200])
    said = _(N_("《{title}》已转清点未见，请查找"), title=found.title)
    return see_other(request, f"/reader/transit/{found.number}", toast=said, tone="warn")
