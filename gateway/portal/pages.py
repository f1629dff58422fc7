"""The home page: for staff their duties and work, for patrons their loans."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.gate import gate_of, signed_in
from gateway.people.queries import names, posts_today
from gateway.portal.navigation import navigation, post_title
from gateway.portal.queries import my_duties, open_by_department, open_cases, open_in, series
from gateway.portal.rooms import rooms, serving, shut
from gateway.timeline.queries import news
from gateway.work.queries import page_of, total_of
from gateway.work.rules import mine
from shared.doors import Router, WorkDep, allow
from shared.duties import DEPARTMENTS, DUTIES, name
from shared.i18n import N_, _
from shared.settings import LOCAL
from shared.web.pages import page

router = Router()
TOP_WORK, TOP_DUTIES = 8, 9
# The hours over which a day's business spreads.
OPENS, CLOSES = 8, 22


def greeting(now: datetime) -> str:
    """What one says at this time of the day."""
    hour = now.astimezone(LOCAL).hour
    if 5 <= hour < 12:
        return _(N_("上午好"))
    return _(N_("下午好")) if 12 <= hour < 18 else _(N_("晚上好"))


def change(points: list[int], now: datetime) -> float | None:
    """Today against the mean of the days before, in percent, for the part of the day that has passed."""
    before = [n for n in points[:-1] if n]
    local = now.astimezone(LOCAL)
    passed = (local.hour + local.minute / 60 - OPENS) / (CLOSES - OPENS)
    if not before or passed < 0.1:
        return None
    expected = sum(before) / len(before) * min(passed, 1.0)
    return round((points[-1] - expected) / expected * 100, 1)


@router.get("/")
async def home(request: Request, work: WorkDep) -> Response:
    """Where everybody begins."""
    if signed_in(request) is None:
        return RedirectResponse("/login", status_code=302)
    if work.actor.kind == "patron":
        return page(
            request, "patron_home.html", page_title=_(N_("首页")), nav=await navigation(request),
            greeting=greeting(work.now),
        )
    return await _staff_home(request, work)


async def _staff_home(request: Request, work: WorkDep) -> Response:
    me = work.actor
    session = work.session
    held = await posts_today(session, me.id, work.today)
    all_rooms = list(await rooms(gate_of(request)))
    who = mine(me)
    items, _following = await page_of(session, who, now=work.now, limit=TOP_WORK)
    duties = await my_duties(session, me.id, held, serving(all_rooms, me), work.today)
    counts = await series(
        session,
        ["reader.item.lent", "reader.item.returned", "reader.item.damaged", "tech.tickets.open"],
        work.today,
    )
    return page(
        request, "home.html", page_title=_(N_("首页")), nav=await navigation(request),
        greeting=greeting(work.now), my_name=(await names(session, [me.id])).get(me.id, me.name), today=work.today, now=work.now,
        posts=[{"title": post_title(p.code), "stand_in": bool(p.stand_in_for)} for p in held],
        duties=duties[:TOP_DUTIES], duty_count=len(duties),
        proven=sum(1 for line in duties if line.evidence or line.done),
        items=items, waiting=await total_of(session, who, now=work.now),
        late=await total_of(session, who, now=work.now, late=True),
        kpis=_kpis(
            counts, await open_cases(session, ("repair", "inspection")), await open_in(session, "tech"), work.now,
        ),
        house=await open_by_department(session, work.now) if me.holds(("director", "head")) else {},
        news=[replace(one, link="") if shut(all_rooms, me, one.link) else one for one in await news(session, me)], departments=_doors(all_rooms, me),
        dept_names={slug: name(one) for slug, one in DEPARTMENTS.items()},
    )


def _kpis(counts: Any, repairs: int, tech: int, now: datetime) -> list[dict[str, Any]]:
    lent, back, damaged = (counts[n] for n in ("reader.item.lent", "reader.item.returned", "reader.item.damaged"))
    return [
        {"label": _(N_("今日借出")), "value": f"{lent[-1]:,}", "icon": "book-upload", "tone": "accent", "points": lent, "change": change(lent, now), "better": "up"},
        {"label": _(N_("今日归还")), "value": f"{back[-1]:,}", "icon": "book-download", "tone": "ok", "points": back, "change": change(back, now), "better": "up"},
        {"label": _(N_("破损待修待验")), "value": f"{repairs:,}", "icon": "bandage", "tone": "warn", "points": damaged, "change": None, "better": "down"},
        {"label": _(N_("后勤技术待办")), "value": f"{tech:,}", "icon": "tool", "tone": "bad", "points": counts["tech.tickets.open"], "change": None, "better": "down"},
    ]


def _doors(all_rooms: list[Any], me: Any) -> list[dict[str, Any]]:
    """One entrance per department: the first room the person may enter, and how many more."""
    found = []
    for slug, one in DEPARTMENTS.items():
        mine_there = [room for room in all_rooms if room.dept == slug and room.open_to(me)]
        found.append({
            "slug": slug, "title": name(one), "url": mine_there[0].url if mine_there else f"/{slug}",
            "rooms": len(mine_there),
        })
    return found


@router.get("/duties", dependencies=[allow("staff")])
async def duty_sheet(request: Request, work: WorkDep) -> Response:
    """My whole duty sheet, post by post, with this month's evidence."""
    held = await posts_today(work.session, work.actor.id, work.today)
    open_rooms = serving(await rooms(gate_of(request)), work.actor)
    groups = []
    for post in held:
        lines = await my_duties(work.session, work.actor.id, [post], open_rooms, work.today)
        if lines:
            groups.append({"title": post_title(post.code), "code": post.code, "stand_in": post.stand_in_for, "lines": lines})
    return page(
        request, "duties.html", page_title=_(N_("我的职责")), nav=await navigation(request),
        groups=groups, today=work.today,
    )


@router.get("/duty-rooms", dependencies=[allow("staff")])
async def duty_room(request: Request, work: WorkDep, duty: str = "") -> Response:
    """To the screen where the duty is done; to the duty itself when there is none yet."""
    room = serving(await rooms(gate_of(request)), work.actor).get(duty)
    known = duty in DUTIES
    target = room.url if room else f"/office/duties/{duty}" if known else "/duties"
    return RedirectResponse(target, status_code=303)
