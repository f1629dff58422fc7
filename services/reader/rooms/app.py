"""The reading rooms' part of the department's table of contents."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.reader.desk.codes import clean
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
            N_("报刊到馆"), "/reader/new-issues", "calendar-event", ("*",), "", ("RDR-CIR-NWS-02",),
            N_("各种报刊最新一期在哪个架"),
        ),
    ]),
]
routers = [
    serials_racks.open_router, serials_racks.api, serials_racks.router, serials_pages.router, serials_titles.router,
]
handlers = Handlers().include(serials_handlers.handlers)
schedules = [
    Scheduled("reader.serials.foresee", "30 4 * * *", foresee),
    Scheduled("reader.serials.missing", "40 6 * * *", find_missing),
]
finders = [find_serials]
