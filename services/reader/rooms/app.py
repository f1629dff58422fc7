"""The reading rooms' part of the department's table of contents."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.reader.desk.codes import clean
from services.reader.rooms.backissues import batch_pages as binding_pages
from services.reader.rooms.backissues import bundle_pages
from services.reader.rooms.backissues import handlers as back_handlers
from services.reader.rooms.backissues import pages as back_pages
from services.reader.rooms.backissues import queries as back_queries
from services.reader.rooms.locations import handlers as locations_handlers
from services.reader.rooms.locations import pages as locations_pages
from services.reader.rooms.routing import going as routing
from services.reader.rooms.routing import handlers as routing_handlers
from services.reader.rooms.routing import pages as routing_lists
from services.reader.rooms.routing import slip_pages as routing_slips
from services.reader.rooms.serials import commands as serials
from services.reader.rooms.serials import gaps as serials_gaps
from services.reader.rooms.serials import handlers as serials_handlers
from services.reader.rooms.serials import pages as serials_pages
from services.reader.rooms.serials import queries as serials_queries
from services.reader.rooms.serials import rack_pages as serials_racks
from services.reader.rooms.serials import title_pages as serials_titles
from services.reader.rooms.serials.rules import READERS
from shared.i18n import N_, _
from shared.messaging.handlers import Handlers
from shared.schedules import Scheduled
from shared.web.pages import Area, Entry
from shared.work import Work


async def foresee(work: Work, _due: datetime) -> None:
    """Issues to come are written down ahead of time."""
    await serials.foresee_all(work)


async def find_missing(work: Work, _due: datetime) -> None:
    """Before the post comes: what stayed away too long is missing."""
    while await serials_gaps.find(work) == serials_gaps.AT_ONCE:
        pass


async def tell_routing(work: Work, _due: datetime) -> None:
    """Whoever keeps an issue too long on its round hears of it."""
    while await routing.tell_overdue(work) == routing.AT_ONCE:
        pass


async def find_serials(work: Work, q: str) -> dict[str, Any] | None:
    """Newspapers and journals by name or number."""
    if not work.actor.holds(READERS) or len(q.strip()) < 2:
        return None
    found, _total = await serials_queries.titles(work.session, q=clean(q) if q.isascii() else q.strip(), limit=6)
    return {"label": _(N_("报刊")), "items": [
        {
            "title": one.text, "subtitle": f"{one.number} · {one.kind.text} · {one.rack or one.room}",
            "url": f"/reader/serials/titles/{one.number}", "icon": "news",
        }
        for one in found
    ]}


async def find_bundles(work: Work, q: str) -> dict[str, Any] | None:
    """Bundles of back issues by their number or the volume's barcode."""
    code = clean(q)
    if not work.actor.holds(READERS) or len(code) < 4 or not code.isascii():
        return None
    found, _total = await back_queries.bundles(work.session, "all", work.today, q=code, limit=6)
    return {"label": _(N_("过刊")), "items": [
        {
            "title": f"{title.text} {bundle.label}", "subtitle": f"{bundle.number} · {bundle.state.text} · {bundle.rack or bundle.place}",
            "url": f"/reader/backissues/bundles/{bundle.number}", "icon": "package",
        }
        for bundle, title, _n in found
    ]}


areas = [
    Area(N_("报刊"), [
        Entry(
            N_("报刊到馆登记"), "/reader/serials", "inbox", READERS, "", ("RDR-CIR-NWS-01", "RDR-CIR-ACJ-01", "RDR-STK-BCK-01"),
            N_("当日应到、扫描记到、盖章分拣、交接"),
        ),
        Entry(
            N_("报刊目录"), "/reader/serials/titles", "news", READERS, "", ("RDR-STK-BCK-01",),
            N_("订了什么、出版规律、记到卡"),
        ),
        Entry(
            N_("报刊上架下架"), "/reader/serials/display", "arrows-sort", READERS, "", ("RDR-CIR-NWS-02", "RDR-CIR-ACJ-02"),
            N_("按架位走一遍：新刊上架，旧刊下架"),
        ),
        Entry(
            N_("报刊缺期"), "/reader/serials/gaps", "alert-triangle", READERS, "", ("RDR-CIR-NWS-02", "RDR-CIR-ACJ-02"),
            N_("迟到和缺期、催缺到哪一步"),
        ),
        Entry(
            N_("报刊传阅"), "/reader/routing", "route", READERS, "", ("RDR-CIR-NWS-02", "RDR-CIR-ACJ-02"),
            N_("按名单逐站传阅，到哪一站、是否超期"),
        ),
        Entry(
            N_("过刊整理"), "/reader/backissues", "package", READERS, "", ("RDR-CIR-NWS-04", "RDR-STK-BCK-01"),
            N_("下架的散刊核对缺期、捆扎登记"),
        ),
        Entry(
            N_("过刊捆与合订本"), "/reader/backissues/bundles", "books", READERS, "", ("RDR-CIR-NWS-04", "RDR-STK-BCK-01", "RDR-STK-BCK-02"),
            N_("存放、待装、在架、剔除，各捆在哪一步"),
        ),
        Entry(
            N_("期刊送装"), "/reader/backissues/batches", "truck-delivery", READERS, "", ("RDR-STK-BCK-02", "RDR-CIR-ACJ-04"),
            N_("成批送装、扫描装回、返工"),
        ),
        Entry(
            N_("报刊到馆"), "/reader/new-issues", "calendar-event", ("*",), "", ("RDR-CIR-NWS-02",),
            N_("各种报刊最新一期在哪个架"),
        ),
    ]),
    Area(N_("库室"), [locations_pages.ENTRY]),
]
routers = [
    locations_pages.router, serials_racks.open_router, serials_racks.api, serials_racks.router, serials_pages.router, serials_titles.router,
    routing_lists.router, routing_slips.router,
    back_pages.router, binding_pages.router, bundle_pages.router, bundle_pages.api,
]
handlers = Handlers().include(serials_handlers.handlers, routing_handlers.handlers, back_handlers.handlers, locations_handlers.handlers)
schedules = [
    Scheduled("reader.serials.foresee", "30 4 * * *", foresee),
    Scheduled("reader.serials.missing", "40 6 * * *", find_missing),
    Scheduled("reader.routing.overdue", "50 6 * * *", tell_routing),
]
finders = [find_serials, find_bundles]
