"""The portal's side bar: what everybody uses, then the rooms of one's own departments."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from starlette.requests import Request

from gateway.gate import gate_of
from gateway.portal.rooms import Room, rooms
from shared.duties import DEPARTMENTS, POSTS, name
from shared.i18n import N_, _
from shared.identity import Actor
from shared.web.pages import Area, Entry

AREAS = [
    Area(N_("常用"), (
        Entry(N_("首页"), "/", icon="home", who=("staff", "patron")),
        Entry(N_("我的工作"), "/work", icon="checklist", who=("staff",), badge="work"),
        Entry(N_("我的职责"), "/duties", icon="id", who=("staff",)),
        Entry(N_("馆务时间线"), "/timeline", icon="timeline", who=("staff",)),
        Entry(N_("我的记录"), "/timeline", icon="timeline", who=("patron",)),
        Entry(N_("通知"), "/notices", icon="bell", who=("staff", "patron")),
    )),
    Area(N_("系统"), (
        Entry(N_("账号管理"), "/accounts", icon="user-cog", who=("TEC-SYS", "RDR-DSK", "RDR-LED", "director")),
        Entry(N_("运行状态"), "/status", icon="activity", who=("TEC", "head", "director")),
    )),
]


def post_title(code: str) -> str:
    """The post in words."""
    if code in POSTS:
        return name(POSTS[code])
    if code == "director":
        return _(N_("馆长"))
    if code in ("deputy", "auditor"):
        return _(N_("分管馆长")) if code == "deputy" else _(N_("审计人员"))
    dept = code.removeprefix("head-")
    return _(N_("{dept}负责人"), dept=name(DEPARTMENTS[dept])) if dept in DEPARTMENTS else code


def post_titles(actor: Actor) -> list[str]:
    """The posts of a person in words."""
    return [post_title(code) for code in actor.posts]


def own_departments(actor: Actor) -> list[str]:
    """The departments the person's posts are in, in the order of the posts."""
    found = [post.removeprefix("head-") for post in actor.posts if post.startswith("head-")]
    found += [POSTS[post].department for post in actor.posts if post in POSTS]
    if actor.dept in DEPARTMENTS:
        found.append(actor.dept)
    return list(dict.fromkeys(found))


def grouped(all_rooms: list[Room], actor: Actor, *, most: int = 7) -> list[tuple[str, list[Room]]]:
    """(department, its rooms open to this person): one's own departments, the rooms of one's posts first."""
    by_dept: dict[str, list[Room]] = defaultdict(list)
    for room in all_rooms:
        if room.open_to(actor):
            by_dept[room.dept].append(room)
    wanted = own_departments(actor) if actor.kind == "staff" else list(by_dept)
    own_posts = set(actor.posts)

    def nearness(room: Room) -> int:
        return 0 if own_posts & set(room.who) else 1

    return [(dept, sorted(by_dept[dept], key=nearness)[:most]) for dept in wanted if by_dept[dept]]


async def navigation(request: Request) -> list[dict[str, Any]]:
    """The groups the frame shows on the gateway's own pages."""
    actor: Actor = request.state.actor
    path = request.url.path
    groups: list[dict[str, Any]] = []
    for area in AREAS:
        entries = [
            {"label": _(e.label), "url": e.url, "icon": e.icon, "badge": e.badge, "active": path == e.url}
            for e in area.entries if actor.holds(e.who)
        ]
        if entries:
            groups.append({"label": _(area.label), "entries": entries})
    found = grouped(list(await rooms(gate_of(request))), actor)
    middle = [
        {
            "label": name(DEPARTMENTS[dept]) if dept in DEPARTMENTS else dept,
            "entries": [
                {"label": r.label, "url": r.url, "icon": r.icon, "badge": r.badge, "active": False}
                for r in some
            ],
        }
        for dept, some in found
    ]
    return [*groups[:1], *middle, *groups[1:]]
