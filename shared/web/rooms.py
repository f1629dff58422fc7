"""A department says which rooms it has, so that the portal can lead people to them."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from shared.doors import Router, allow
from shared.i18n import _, speaking


def _said(label: str, lang: str) -> str:
    with speaking(lang):
        return _(label)


def rooms_router(dept: str) -> Router:
    """`GET /api/<dept>/rooms`: what the navigation of the department shows, with rights and duties."""
    router = Router()

    @router.get(f"/api/{dept}/rooms", dependencies=[allow("*")])
    async def rooms(request: Request) -> dict[str, Any]:
        kit = request.app.state.kit
        found = [
            {
                "area_zh": _said(area.label, "zh"), "area_en": _said(area.label, "en"),
                "label_zh": _said(entry.label, "zh"), "label_en": _said(entry.label, "en"),
                "url": entry.url, "icon": entry.icon, "who": list(entry.who),
                "serves": list(entry.serves), "badge": entry.badge, "help_zh": _said(entry.help, "zh"),
                "help_en": _said(entry.help, "en"),
            }
            for area in kit.areas
            for entry in area.entries
        ]
        return {"items": found, "total": len(found), "department": kit.dept}

    return router
