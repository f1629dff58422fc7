"""Writing into the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import UUID as UUID_TYPE

from services.office.people.ledger.model import LedgerEntry
from services.office.people.ledger.rules import as_row, entry_of
from shared.events import Envelope, Event
from shared.work import Work

# The head stays locked until the delivery's transaction ends, so two statements do, however many rows;
# whoever waits for the lock reads the head as the other left it.
_HEAD = text("SELECT position, hash FROM ledger_head WHERE id = 1 FOR UPDATE")
_KNOWN = text("SELECT event_id, duty FROM ledger WHERE event_id = ANY(:events)").bindparams(
    bindparam("events", type_=ARRAY(UUID_TYPE))
)
_APPEND = text("""
WITH added AS (
    INSERT INTO ledger
    SELECT * FROM jsonb_populate_recordset(NULL::ledger, :rows)
)
UPDATE ledger_head SET position = :position, hash = :hash WHERE id = 1
""").bindparams(bindparam("rows", type_=JSONB))


@dataclass(frozen=True, slots=True)
class Deed:
    """A fact and the duties it is credited for."""

    event: Event
    envelope: Envelope
    payload: dict[str, Any]
    duties: tuple[str, ...]


async def credit(work: Work, deeds: Sequence[Deed]) -> list[LedgerEntry]:
    """Credit facts to their actors in this order, each once for every duty it counts for; the new rows.

    The head's lock makes positions gapless and the chain single, however many deliveries run side
    by side.
    """
    head = (await work.session.execute(_HEAD)).one()
    events = [deed.envelope.event_id for deed in deeds]
    known: set[tuple[UUID, str]] = {
        (row.event_id, row.duty) for row in await work.session.execute(_KNOWN, {"events": events})
    }
    position, hash_ = head.position, head.hash
    entries = []
    for deed in deeds:
        for duty in deed.duties:
            if (key := (deed.envelope.event_id, duty)) in known:
                continue
            known.add(key)
            entry = entry_of(
                deed.event, deed.envelope, deed.payload, duty=duty, position=position + 1, prev_hash=hash_
            )
            position, hash_ = entry.position, entry.hash
            entries.append(entry)
    if entries:
        rows = [as_row(entry) for entry in entries]
        await work.session.execute(_APPEND, {"rows": rows, "position": position, "hash": hash_})
    return entries


async def credit_gathered(work: Work, deeds: list[Deed]) -> None:
    """The same for what a whole delivery gathered."""
    await credit(work, deeds)
