"""My work: the page, its JSON, and the counts beside the navigation."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from gateway.portal.navigation import navigation
from gateway.work.queries import Item, badges_of, counts_of, page_of, total_of
from gateway.work.rules import mine, personal
from shared.doors import Router, WorkDep, allow
from shared.duties import DEPARTMENTS, name
from shared.i18n import N_, _
from shared.settings import DEPARTMENTS as SLUGS
from shared.web.pages import page

router = Router(dependencies=[allow("staff", "patron")])
SIZES = (20, 50, 100)


def _asked(request: Request) -> dict[str, Any]:
    query = request.query_params
    size = query.get("size", "20")
    return {
        "dept": query.get("dept", "") if query.get("dept", "") in SLUGS else "",
        "late": query.get("late", "") == "1", "who": "me" if query.get("who") == "me" else "",
        "after": query.get("after", "")[:64], "limit": int(size) if size in map(str, SIZES) else 20,
    }


@router.get("/work")
async def my_work(request: Request, work: WorkDep) -> Response:
    """What waits for me and for my posts, the most pressing first."""
    asked = _asked(request)
    who = personal(work.actor) if asked["who"] else mine(work.actor)
    narrow = {"dept": asked["dept"], "late": asked["late"], "now": work.now}
    items, following = await page_of(
        work.session, who, **narrow, after=asked["after"], limit=asked["limit"]
    )
    counts = await counts_of(work.session, who, work.now)
    params = {"who": asked["who"], "dept": asked["dept"], "late": "1" if asked["late"] else ""}
    everything = sum(n for n, _late in counts.values())
    return page(
        request, "work.html", block="", page_title=_(N_("我的工作")), nav=await navigation(request),
        items=items, following=following, counts=counts, params=params, now=work.now,
        total=await total_of(work.session, who, **narrow), everything=everything,
        overdue=sum(late for _n, late in counts.values()),
        dept_names={slug: name(one) for slug, one in DEPARTMENTS.items()}, after=asked["after"],
    )


def _as_json(item: Item, now: Any) -> dict[str, Any]:
    return {
        "key": item.key, "department": item.dept, "title": item.title, "url": item.url,
        "duty": item.duty, "urgent": item.urgent, "overdue": item.late(now),
        "due_at": item.due_at.isoformat() if item.due_at else None,
        "opened_at": item.opened_at.isoformat(), "holders": list(item.holders),
        "correlation": str(item.correlation) if item.correlation else None,
    }


@router.get("/api/work")
async def my_work_json(request: Request, work: WorkDep) -> dict[str, Any]:
    """The same list for programs: `next` goes into `?after=`."""
    asked = _asked(request)
    who = personal(work.actor) if asked["who"] else mine(work.actor)
    narrow = {"dept": asked["dept"], "late": asked["late"], "now": work.now}
    items, following = await page_of(
        work.session, who, **narrow, after=asked["after"], limit=asked["limit"]
    )
    return {
        "items": [_as_json(item, work.now) for item in items],
        "total": await total_of(work.session, who, **narrow), "next": following or None,
    }


@router.get("/work/badges")
async def badges(work: WorkDep) -> dict[str, int]:
    """Counts by name of department, of kind, and of both joined by a dot; `work` is all of it."""
    return await badges_of(work.session, mine(work.actor))
