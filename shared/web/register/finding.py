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
        groups = []
        if wanted:
            for more in extra:
                if (group := await more(work, wanted)) and group["items"]:
                    groups.append(group)
            for register in registers:
                if items := await register.find(work, wanted):
                    groups.append({"label": _(register.title), "items": items})
        return {"groups": groups}

    @router.get(f"/api/{dept}/todo", dependencies=[allow("staff", "patron")], tags=["search"])
    async def todo(work: WorkDep) -> dict[str, int]:
        counts = {
            r.topic: await r.todo(work) for r in registers if work.actor.holds(r.read)
        }
        return {key: n for key, n in counts.items() if n}

    return router
