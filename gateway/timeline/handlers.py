"""Everything any department states is written down, with the keys it will be looked up by."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from gateway.timeline.rules import is_news, topic_of
from shared.events.base import Envelope, Event
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()

# Every fact of the house passes here: a delivery's facts are written in one statement.
_WRITE = text("""
WITH told AS MATERIALIZED (
    SELECT f.* FROM ROWS FROM (jsonb_to_recordset(:facts) AS (
        event_id uuid, source text, seq bigint, name text, version int, at timestamptz, actor text, actor_kind text,
        correlation uuid, cause uuid, topic text, news bool, payload jsonb, refs jsonb
    )) WITH ORDINALITY AS f
), fact AS (
    INSERT INTO chronicle (event_id, source, seq, name, version, at, actor, actor_kind, correlation, cause, topic, news,
                           holders, payload)
    SELECT event_id, source, seq, name, version, at, actor, actor_kind, correlation, cause, topic, news, '[]', payload
    FROM told ORDER BY ordinality
    ON CONFLICT DO NOTHING
)
INSERT INTO chronicle_ref (ref, at, event_id)
SELECT ref, at, event_id FROM told, jsonb_array_elements_text(refs) AS ref ON CONFLICT DO NOTHING
""").bindparams(bindparam("facts", type_=JSONB))


@handlers.on_all(read_model=True)
async def write_down_any_event(
    work: Work, event: Event | None, envelope: Envelope, payload: dict[str, Any]
) -> None:
    """A fact newer than our catalogue is kept too: a later release will read it."""
    # A fact that was forgotten at its source names nobody any more: `patron:` alone is no key.
    refs = [ref for ref in dict.fromkeys(event.refs()) if not ref.endswith(":")] if event else []
    work.gather(_write_down, {
        "event_id": str(envelope.event_id), "source": envelope.source, "seq": envelope.seq, "name": envelope.name,
        "version": envelope.version, "at": envelope.at.isoformat(), "actor": envelope.actor,
        "actor_kind": envelope.actor_kind, "correlation": envelope.correlation and str(envelope.correlation),
        "cause": envelope.cause and str(envelope.cause), "topic": topic_of(envelope.name, event),
        "news": is_news(envelope.name, refs, event), "payload": payload, "refs": refs,
    })


async def _write_down(work: Work, facts: list[dict[str, Any]]) -> None:
    await work.session.execute(_WRITE, {"facts": facts})
