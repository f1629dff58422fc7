"""Knocking at a declared door: one request to a route of which only the declaration is known."""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Sequence
from datetime import date
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import httpx

from deploy.access import Door, endpoint
from shared.doors import ANONYMOUS, SAFE
from shared.duties import DEPARTMENTS, POSTS
from shared.identity import Actor
from shared.web.register.actions import may

NOBODY = "00000000-0000-7000-8000-000000000000"
LEADERS = ("director", "deputy", "auditor", *(f"head-{slug}" for slug in DEPARTMENTS))
CLERK = Actor("S404", "无岗", posts=("XXX-NONE",))
READER = Actor("P404", "P404", kind="patron", card="P404")
# Every kind of caller there is: each post alone, the leaders, staff without a post, readers, machines, nobody.
CALLERS: Sequence[Actor] = (
    ANONYMOUS, READER, CLERK, Actor("terminal:t1", kind="terminal", posts=()),
    Actor("terminal:t2", kind="terminal", posts=("RDR-DSK",), dept="reader"), Actor("x", kind="outsider"),
    *(Actor(f"S-{post}", post, posts=(post,), dept=POSTS[post].department) for post in POSTS),
    *(Actor(f"S-{post}", post, posts=(post,), dept=post.removeprefix("head-") if "-" in post else "") for post in LEADERS),
)
_PLACE = re.compile(r"\{(\w+)(?::\w+)?\}")


def passes(door: Door, actor: Actor) -> bool:
    """What the table says: every right of the route, and the verb's own."""
    return all("*" in a.rights or actor.holds(a.rights) for a in door.allows) and (
        door.by is None or may(actor, door.by)
    )


def address(door: Door, given: str = "") -> str:
    """The door's path with `given` (or what fits the type but exists nowhere) in its places."""
    hints = get_type_hints(endpoint(door.route), include_extras=False)

    def fill(found: re.Match[str]) -> str:
        name = found.group(1)
        if door.verb and name in {"action", "name"}:
            return door.verb
        return given or _fitting(hints.get(name, str))

    return _PLACE.sub(fill, door.path)


def _fitting(kind: Any) -> str:
    if get_origin(kind) in {Union, types.UnionType}:
        kind = next(k for k in get_args(kind) if k is not type(None))
    if kind is UUID:
        return NOBODY
    if kind is int:
        return "404404"
    if inspect.isclass(kind) and issubclass(kind, date):
        return "2026-03-02"
    return "X404"


async def knock(client: httpx.AsyncClient, door: Door, **more: Any) -> httpx.Response:
    """Send it; nothing is sent along unless given."""
    where = more.pop("at", "") or address(door)
    if door.method in SAFE:
        return await client.get(where, **more)
    if not more:
        more = {"json": {}} if where.startswith("/api/") else {"data": {"note": ""}}
    return await client.request(door.method, where, **more)
