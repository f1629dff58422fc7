"""Writing into the ledger."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from services.office.people.ledger.model import LedgerEntry, LedgerHead
from services.office.people.ledger.rules import counted, entry_of
from shared.events import Envelope, Event
from shared.work import Work


async def credit(
    work: Work, event: Event | None, envelope: Envelope, payload: dict[str, Any]
) -> list[LedgerEntry]:
    """Credit a fact to its actor, once for every duty it counts for; the new rows.

    A fact newer than our catalogue names no duties we know and is passed over. The head's lock
    makes positions gapless and the chain single, however many deliveries run side by side.
    """
    duties = counted(event.duties, envelope) if event is not None else ()
    if event is None or not duties:
        return []
    head = await work.lock(LedgerHead, LedgerHead.id == 1, what="ledger")
    known = set(await work.session.scalars(
        select(LedgerEntry.duty).where(LedgerEntry.event_id == envelope.event_id)
    ))
    entries = []
    for duty in duties:
        if duty in known:
            continue
        entry = entry_of(
            event, envelope, payload, duty=duty, position=head.position + 1, prev_hash=head.hash
        )
        head.position, head.hash = entry.position, entry.hash
        entries.append(entry)
    work.session.add_all(entries)
    await work.session.flush()
    return entries
