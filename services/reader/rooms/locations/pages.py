"""What stands where: the rooms by the last report of resources."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from services.reader.rooms.locations import queries
from services.reader.rooms.service_points.queries import homes, names
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.web.pages import Entry, page

READERS = ("RDR", "head-reader", "director")
TITLE = N_("本区馆藏")
ENTRY = Entry(
    TITLE, "/reader/holdings", "building-warehouse", READERS, "", ("RDR-STK-BCK-03",), N_("各馆藏地的种数、册数、增减和余量，按资源建设部最近一次月报"),
)
router = Router(tags=["locations"])
LATEST = 12


@router.get("/reader/holdings", dependencies=[allow(*READERS)])
async def profile(request: Request, work: WorkDep) -> Response:
    """Every place, and what resources reported last."""
    return page(
        request, "locations/profile.html", page_title=_(TITLE), crumbs=[(_(TITLE), "")], places=(await queries.places(work.session)).values(),
        homes=await homes(work.session), points=await names(work.session), reports=await queries.reports(work.session, LATEST), today=work.today,
    )
