"""Proposals nobody types: items that cannot be mended."""

from __future__ import annotations

import structlog

from services.resources.cataloguing.items.commands import hand_custody
from services.resources.cataloguing.items.model import ItemLife
from services.resources.cataloguing.items.queries import by_barcode
from services.resources.collections.weeding.commands import open_line
from services.resources.collections.weeding.model import Reason
from services.resources.collections.weeding.register import weeding
from shared.work import Work

log = structlog.get_logger()


async def propose_irreparable(work: Work, *, barcode: str, note: str, source: str) -> None:
    """A line for an item nobody can mend, once, in the chain of its damage."""
    item = await by_barcode(work.session, barcode)
    if item is None or item.life is not ItemLife.in_stock or await open_line(work, barcode):
        log.info("not proposed for weeding", barcode=barcode, known=item is not None)
        return
    who = work.cause.actor if work.cause and work.actor.kind == "system" else work.actor.id
    await hand_custody(work, barcode, "resources")
    await weeding.open(
        work, barcode=barcode, reason=Reason.irreparable, note=note, source=source, proposer=who, created_by=who
    )
