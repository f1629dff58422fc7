"""The timeline as a page and as JSON."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from gateway.gate import gate_of
from gateway.portal.navigation import navigation
from gateway.portal.rooms import rooms, shut
from gateway.timeline.queries import line_of
from gateway.timeline.rules import Asked, Entry, asked, check_may_see, measure
from shared.doors import Router, WorkDep, allow
from shared.duties import DEPARTMENTS, name
from shared.i18n import N_, _
from shared.web.pages import page

router = Router(dependencies=[allow("staff", "patron")])
LIMIT, LONGEST = 100, 500


def _asked(request: Request) -> Asked:
    given = {k: request.query_params.get(k, "")[:80] for k in ("item", "case", "person", "correlation")}
    return asked(**given)


def _number(request: Request, key: str, default: int, most: int) -> int:
    given = request.query_params.get(key, "")
    return min(int(given), most) if given.isdecimal() else default


def _dept_title(dept: str) -> str:
    return name(DEPARTMENTS[dept]) if dept in DEPARTMENTS else _(N_("馆务通"))


@router.get("/timeline")
async def timeline(request: Request, work: WorkDep) -> Response:
    """One line across departments: what happened, who did it, how long each stage took."""
    wanted = check_may_see(work.actor, _asked(request))
    skip = _number(request, "skip", 0, 100_000)
    entries, total = await line_of(work.session, wanted, work.actor, limit=LIMIT, skip=skip)
    patron = work.actor.kind == "patron"
    newest_first = wanted.empty or bool(wanted.actor) or patron
    stages = [] if newest_first else measure(entries)
    params = {k: v for k, v in request.query_params.items() if v and k in {"item", "case", "person", "correlation"}}
    all_rooms = await rooms(gate_of(request))
    shown = [
        {
            "at": e.at, "sentence": e.sentence, "actor": e.actor, "dept": e.dept,
            "dept_title": _dept_title(e.dept), "link": "" if shut(all_rooms, work.actor, e.link) else e.link, "elapsed": e.elapsed or None,
            "stage": e.stage, "correlation": e.correlation,
        }
        for e in (reversed(entries) if newest_first else entries)
    ]
    return page(
        request, "timeline.html", page_title=_(N_("我的记录")) if patron else _(N_("馆务时间线")), nav=await navigation(request),
        events=shown, stages=stages, total=total, params=params, skip=skip, limit=LIMIT,
        first=entries[0].at if entries else None, last=entries[-1].at if entries else None,
        whole=wanted.empty, patron=patron,
    )


def _as_json(entry: Entry) -> dict[str, Any]:
    return {
        "at": entry.at.isoformat(), "department": entry.dept, "event": entry.event,
        "sentence": entry.sentence, "actor": entry.actor, "stage": entry.stage,
        "elapsed_seconds": entry.elapsed, "link": entry.link,
        "correlation": str(entry.correlation) if entry.correlation else None,
    }


@router.get("/api/timeline")
async def timeline_json(request: Request, work: WorkDep) -> dict[str, Any]:
    """The same for programs, oldest first."""
    wanted = check_may_see(work.actor, _asked(request))
    entries, total = await line_of(
        work.session, wanted, work.actor, limit=_number(request, "limit", LIMIT, LONGEST),
        skip=_number(request, "skip", 0, 100_000),
    )
    stages = measure(entries)
    return {
        "items": [_as_json(entry) for entry in entries], "total": total,
        "stages": [
            {"stage": s.label, "department": s.dept, "at": s.at.isoformat(), "elapsed_seconds": s.elapsed}
            for s in stages
        ],
    }
