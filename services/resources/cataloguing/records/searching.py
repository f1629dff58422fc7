"""What global search shows of the catalogue: records, and the one item whose barcode was typed."""

from __future__ import annotations

from typing import Any

from services.resources.cataloguing.items.queries import by_barcode
from services.resources.cataloguing.records import queries
from shared.i18n import N_, _
from shared.work import Work

SHOWN = 6


async def records_found(work: Work, q: str) -> dict[str, Any] | None:
    """Records for what was typed."""
    if not work.actor.holds(("staff",)):
        return None
    found, _total = await queries.find(work.session, q, limit=SHOWN)
    return {"label": _(N_("书目记录")), "items": [
        {
            "title": record.title, "url": f"/resources/records/{record.number}", "icon": "books",
            "subtitle": " · ".join(filter(None, (
                record.projection.get("responsibility", "")[:60], str(record.year or ""), record.call_number,
            ))),
        }
        for record in found
    ]}


async def items_found(work: Work, q: str) -> dict[str, Any] | None:
    """The item with that barcode."""
    if not work.actor.holds(("staff",)):
        return None
    item = await by_barcode(work.session, q.strip().upper())
    if item is None:
        return None
    record = await queries.by_key(work.session, str(item.instance_id))
    return {"label": _(N_("单册")), "items": [{
        "title": record.title, "url": f"/resources/items/{item.barcode}", "icon": "barcode",
        "subtitle": " · ".join(filter(None, (item.barcode, item.call_number, item.life.text))),
    }]}
