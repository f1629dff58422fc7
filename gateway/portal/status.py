"""Is everything well: each service and its events, the backup, the certificate, the disk, the keys."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import Response

from gateway.gate import Gate, gate_of
from gateway.portal import health
from gateway.portal.navigation import navigation
from shared import metrics
from shared.doors import Router, WorkDep, allow
from shared.duties import DEPARTMENTS, name
from shared.i18n import N_, _
from shared.messaging.alarm import place_of
from shared.messaging.parked import RIGHTS
from shared.service import VERSION, Kit
from shared.web.pages import page

router = Router(dependencies=[allow("TEC", "head", "director")])
_LAG = text("SELECT source, seq, (SELECT max(at) FROM chronicle c WHERE c.source = i.source) AS last_at FROM inbox_cursor i ORDER BY source")
GATEWAY = N_("网关")


def _title(dept: str) -> str:
    return _(GATEWAY) if dept == "gateway" else name(DEPARTMENTS[dept]) if dept in DEPARTMENTS else dept


async def _ask(gate: Gate, dept: str) -> dict[str, Any]:
    started = time.perf_counter()
    body = await gate.departments.fetch(dept, "/readyz", "", seconds=1.5)
    took = round((time.perf_counter() - started) * 1000, 1)
    told = await gate.departments.fetch(dept, "/metrics", "", seconds=1.5, plain=True) if body else None
    return {
        "dept": dept, "ready": bool(body and body.get("ready")), "bus": bool(body and body.get("bus")), "ms": took,
        "version": (body or {}).get("version", ""),
        "since": datetime.fromisoformat(body["since"]) if body and body.get("since") else None,
        # Of a service that is silent nothing is known: no figure is shown rather than an old or a kind one.
        "figures": health.read_figures(told) if told else health.Figures(),
    }


def _self(kit: Kit) -> dict[str, Any]:
    return {
        "dept": "gateway", "ready": kit.ready, "bus": kit.bus.connected, "ms": 0.0, "version": VERSION, "since": kit.since,
        "figures": health.read_figures(bytes(metrics.page().body).decode()),
    }


@router.get("/status")
async def status(request: Request, work: WorkDep) -> Response:
    """The state of the whole suite on one page."""
    gate, kit = gate_of(request), request.app.state.kit
    certificate, *asked = await asyncio.gather(
        health.certificate(kit.settings, work.now), *(_ask(gate, dept) for dept in gate.departments.addresses)
    )
    found = [*asked, _self(kit)]
    heard = {row.source: row for row in await work.session.execute(_LAG)}
    lines = [
        {
            **one, "title": _title(one["dept"]), "place": place_of(one["dept"]),
            "lag": [(_title(source), behind) for source, behind in one["figures"].lag],
            "last_at": heard[one["dept"]].last_at if one["dept"] in heard else None,
        }
        for one in found
    ]
    disk = await asyncio.to_thread(health.disk, kit.settings)
    backup = await asyncio.to_thread(health.last_backup, kit.settings, work.now)
    wrong = [line["title"] for line in lines if not line["ready"] or not line["bus"] or line["figures"].bad]
    # A backup nobody can see is no backup until somebody has looked.
    wrong += [_(N_("备份"))] if backup is None or backup["bad"] else []
    wrong += [_(N_("证书"))] if certificate and certificate["bad"] else []
    wrong += [_(N_("磁盘"))] if disk and disk["bad"] else []
    key = gate.ring.current()
    return page(
        request, "status.html", page_title=_(N_("运行状态")), nav=await navigation(request), lines=lines,
        streams=sum(map(len, gate.hub.streams.values())), key_since=datetime.fromtimestamp(key.active_from, UTC),
        keys=len(gate.ring.keys), down=any(not line["ready"] for line in lines), wrong=wrong, disk=disk, backup=backup,
        certificate=certificate, served_safely=kit.settings.public_url.startswith("https://"), now=work.now,
        keeper=work.actor.holds(RIGHTS), limits=health,
    )
