"""Every fact may open or close work; the list is a copy that can be rebuilt."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from gateway.timeline.model import Chronicle
from gateway.work.commands import close_item, open_item
from shared.events.base import Envelope, Event, Waiting
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on_all(read_model=True)
async def list_work_on_any_event(
    work: Work, event: Event | None, envelope: Envelope, _payload: dict[str, Any]
) -> None:
    """Open what the fact says must be done, close what it says is done."""
    changed: set[str] = set()
    for one in event.waiting() if event else ():
        if isinstance(one, Waiting):
            changed |= await open_item(work, waiting=one, envelope=envelope)
        else:
            changed |= await close_item(
                work, key=one.key, source=envelope.source, at=envelope.at,
                correlation=envelope.correlation,
            )
    if changed:  # the chronicle's own row is gathered before this one, and so written before it
        work.gather(_mark_holders, {"event_id": envelope.event_id, "holders": sorted(changed)})


async def _mark_holders(work: Work, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        await work.session.execute(
            update(Chronicle).where(Chronicle.event_id == row["event_id"]).values(holders=row["holders"])
        )
