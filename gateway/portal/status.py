"""Is everything up: each department, the databases, the bus, the keys."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import Response

from gateway.gate import Gate, gate_of
from gateway.portal.navigation import navigation
from shared.doors import Router, WorkDep, allow
from shared.duties import DEPARTMENTS, name
from shared.i18n import N_, _
from shared.web.pages import page

router = Router(dependencies=[allow("TEC", "head", "director")])
_LAG = text("SELECT source, seq, (SELECT max(at) FROM chronicle c WHERE c.source = i.source) AS last_at FROM inbox_cursor i ORDER BY source")


async def _ask(gate: Gate, dept: str) -> dict[str, Any]:
    started = time.perf_counter()
    body = await gate.departments.fetch(dept, "/readyz", "", seconds=1.5)
    ready = bool(body and body.get("ready"))
    return {
        "dept": dept, "ready": ready, "bus": bool(body and body.get("bus")),
        "ms": round((time.perf_counter() - started) * 1000, 1),
    }


@router.get("/status")
async def status(request: Request, work: WorkDep) -> Response:
    """The state of the whole suite on one page."""
    gate = gate_of(request)
    found = await asyncio.gather(*(_ask(gate, dept) for dept in gate.departments.addresses))
    heard = {row.source: row for row in await work.session.execute(_LAG)}
    lines = [
        {
            **one, "title": name(DEPARTMENTS[one["dept"]]) if one["dept"] in DEPARTMENTS else one["dept"],
            "seq": heard[one["dept"]].seq if one["dept"] in heard else 0,
            "last_at": heard[one["dept"]].last_at if one["dept"] in heard else None,
        }
        for one in found
    ]
    key = gate.ring.current()
    return page(
        request, "status.html", page_title=_(N_("运行状态")), nav=await navigation(request), lines=lines,
        connected=request.app.state.kit.bus.connected, streams=sum(map(len, gate.hub.streams.values())),
        key_since=datetime.fromtimestamp(key.active_from, UTC), keys=len(gate.ring.keys),
        well=all(line["ready"] for line in lines),
    )
