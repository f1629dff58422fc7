"""Numbers for the charts of the home page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.requests import Request

from gateway.portal.queries import DAYS, series
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import NotFound

router = Router(dependencies=[allow("staff")])

# Chart → (label, fact) of each of its lines.
CHARTS = {
    "loans": ((N_("借出"), "reader.item.lent"), (N_("归还"), "reader.item.returned")),
    "repairs": ((N_("登记破损"), "reader.item.damaged"), (N_("修补完毕"), "resources.repair.completed")),
}


@router.get("/api/charts/{chart}")
async def chart(request: Request, work: WorkDep, chart: str) -> dict[str, Any]:
    """The last two weeks, day by day."""
    if chart not in CHARTS:
        raise NotFound(request.url.path)
    found = await series(work.session, [name for _label, name in CHARTS[chart]], work.today)
    days = [work.today - timedelta(days=back) for back in reversed(range(DAYS))]
    return {
        "x": [f"{day.month}/{day.day}" for day in days],
        "series": [{"name": _(label), "data": found[name]} for label, name in CHARTS[chart]],
    }
