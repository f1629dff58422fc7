"""文印月报: the numbers of a month on one sheet."""

from __future__ import annotations

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from services.resources.workshop.production import queries
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.web.pages import Entry, page

HOME = "/resources/workshop-month"
TITLE = N_("文印月报")
READERS = ("RES", "head-resources", "deputy", "director")
ENTRY = Entry(TITLE, HOME, "report-analytics", READERS, serves=("RES-DIG-02",), help=N_("本月扫描、印制、装订、修补了多少，用了多少时间和费用"))
router = Router(prefix=HOME, tags=["workshop"], dependencies=[allow(*READERS)])


@router.get("")
async def month(request: Request, work: WorkDep, month: str = "") -> Response:
    """One month; earlier ones a step away."""
    first = queries.of_month(month, work.today)
    later = queries.following(first)
    return page(
        request, "production/month.html", page_title=_(N_("{month} 文印月报"), month=f"{first:%Y-%m}"), lines=await queries.month(work.session, first),
        before=f"{HOME}?month={first - timedelta(days=1):%Y-%m}", later=f"{HOME}?month={later:%Y-%m}" if later <= work.today else "",
    )
