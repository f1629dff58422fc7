"""Search as a page, as the palette's list, and as JSON."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from gateway.gate import gate_of, signed_in
from gateway.portal.navigation import navigation
from gateway.search.ask import everywhere
from shared.doors import Router, allow
from shared.i18n import N_, _
from shared.web.pages import page

router = Router(dependencies=[allow("staff", "patron")])


@router.get("/search")
async def search(request: Request) -> Response:
    """What is called or numbered so, anywhere in the house."""
    query = request.query_params.get("q", "")[:100]
    gate, who = gate_of(request), signed_in(request)
    found = await everywhere(gate, who, request.state.actor, query)
    fragment = bool(request.headers.get("hx-request"))
    return page(
        request, "search.html", block="results" if fragment else "", page_title=_(N_("全馆搜索")),
        nav=[] if fragment else await navigation(request), found=found, q=query,
        silent=_(N_("、")).join(found.silent),
    )


@router.get("/api/search")
async def search_json(request: Request) -> dict[str, Any]:
    """The same for programs."""
    query = request.query_params.get("q", "")
    found = await everywhere(gate_of(request), signed_in(request), request.state.actor, query)
    items = [
        {"group": label, "title": hit.title, "note": hit.note, "url": hit.url, "department": hit.dept}
        for label, hits in found.groups
        for hit in hits
    ]
    return {"items": items, "total": len(items), "silent": found.silent}
