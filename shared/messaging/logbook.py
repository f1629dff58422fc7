"""The department reads out its own log: what a stream lost, a reader gets here."""

from __future__ import annotations

from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.messaging.records import Record, from_json, log_subject
from shared.messaging.relay import NEW_EPOCH, STATE, Relay
from shared.messaging.stream import Line

log = structlog.get_logger()

LINES = 500
# An answer is one message; the server takes one mebibyte, and text grows when it is quoted.
BYTES = 400_000
LARGEST = 2**62

READ = text(
    "SELECT seq, prev, event_id, subject, aggregate, payload, headers FROM ("
    " SELECT o.*, lag(o.seq, 1, coalesce("
    "   (SELECT max(b.seq) FROM outbox b WHERE b.seq <= :after), 0)) OVER (ORDER BY o.seq) AS prev,"
    "  row_number() OVER (ORDER BY o.seq) AS place,"
    "  sum(octet_length(o.payload::text) + octet_length(o.headers::text) + 300)"
    "   OVER (ORDER BY o.seq) AS size"
    " FROM (SELECT * FROM outbox WHERE seq > :after ORDER BY seq LIMIT :lines) AS o"
    ") AS page WHERE size <= :bytes OR place = 1 ORDER BY seq"
)


class Logbook:
    """Answers `after this position, what did you state?` from the outbox."""

    def __init__(self, engine: AsyncEngine, service: str, relay: Relay) -> None:
        self.engine, self.service, self.relay = engine, service, relay

    async def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """The next lines of the log and where it ends.

        A reader further than our last position has seen events we have forgotten: our database
        was restored from an older copy, so we go on above what that reader knows.
        """
        after = min(max(int(question["after"]), 0), LARGEST)
        lines = min(max(int(question.get("limit", LINES)), 1), LINES)
        async with self.engine.begin() as db:
            state = (await db.execute(STATE)).one()
            if after > state.assigned:
                base = await db.scalar(NEW_EPOCH, {"above": after})
                log.error("a reader knows more than our log", reader_at=after, positions_above=base)
                self.relay.distrust()
                state = (await db.execute(STATE)).one()
            rows = await db.execute(READ, {"after": after, "lines": lines, "bytes": BYTES})
            found = [
                Record(
                    source=self.service,
                    seq=row.seq,
                    prev=row.prev,
                    event_id=row.event_id,
                    subject=row.subject,
                    aggregate=row.aggregate,
                    epoch=state.epoch,
                    payload=row.payload,
                    context=row.headers,
                ).as_json()
                for row in rows
            ]
        return {"epoch": str(state.epoch), "head": state.assigned, "events": found}


async def read_log(line: Line, source: str, after: int) -> list[Record]:
    """The next lines of another department's log; none when it ends at `after`."""
    answer = await line.ask(log_subject(source), {"after": after, "limit": LINES})
    return [from_json(source, answer.get("epoch"), event) for event in answer["events"]]
