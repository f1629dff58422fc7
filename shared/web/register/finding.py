"""What a department tells the portal of its registers: search hits and counts of waiting work."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from shared.doors import Router, WorkDep, allow
from shared.i18n import _
from shared.web.register.declare import Register
from shared.work import Work

Extra = Callable[[Work, str], Awaitable[dict[str, Any] | None]]


def search_router(dept: str, registers: Sequence[Register], extra: Sequence[Extra] = ()) -> Router:
    """`GET /api/<dept>/search?q=` and `GET /api/<dept>/todo`.

    An `extra(work, q)` gives a group of its own, `{label, items: [{title, subtitle, url, icon}]}`.
    """
    router = Router()

    @router.get(f"/api/{dept}/search", dependencies=[allow("staff", "patron")], tags=["search"])
    async def search(work: WorkDep, q: str = "") -> dict[str, Any]:
        wanted = q.replace("\0", "").strip()[:100]
        groups: list[dict[str, Any] | None] = []
        if wanted:
            groups = [await more(work, wanted) for more in extra]
            groups += [{"label": _(r.title), "items": await r.find(work, wanted)} for r in registers]
        return {"groups": [group for group in groups if group and group["items"]]}

    @router.get(f"/api/{dept}/todo", dependencies=[allow("staff", "patron")], tags=["search"])
    async def todo(work: WorkDep) -> dict[str, int]:
        counts = {
            r.topic: await r.todo(work) for r in registers if work.actor.holds(r.read)
        }
        return {key: n for key, n in counts.items() if n}

    return router
