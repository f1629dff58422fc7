"""Writing into the ledger."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from services.office.people.ledger.model import LedgerEntry
from services.office.people.ledger.rules import counted, entry_of
from shared.events import Envelope, Event
from shared.work import Work

# The head stays locked until the delivery's transaction ends, so a row costs two statements only;
# whoever waits for the lock reads the head as the other left it.
_HEAD = text(
    "SELECT h.position, h.hash, ARRAY(SELECT l.duty FROM ledger l WHERE l.event_id = :event) AS known "
    "FROM ledger_head h WHERE h.id = 1 FOR UPDATE OF h"
)
_COLUMNS = tuple(LedgerEntry.__table__.columns.keys())
_APPEND = text(
    f"WITH added AS (INSERT INTO ledger ({', '.join(_COLUMNS)}) "
    f"VALUES ({', '.join(f':{name}' for name in _COLUMNS)})) "
    "UPDATE ledger_head SET position = :position, hash = :hash WHERE id = 1"
).bindparams(bindparam("payload", type_=JSONB))


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
    head = (await work.session.execute(_HEAD, {"event": envelope.event_id})).one()
    position, hash_ = head.position, head.hash
    entries = []
    for duty in duties:
        if duty in head.known:
            continue
        entry = entry_of(event, envelope, payload, duty=duty, position=position + 1, prev_hash=hash_)
        position, hash_ = entry.position, entry.hash
        entries.append(entry)
        await work.session.execute(_APPEND, {name: getattr(entry, name) for name in _COLUMNS})
    return entries
