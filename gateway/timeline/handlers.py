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

# Built once: a statement with a list of rows is compiled anew each time, and every fact of the house passes here.
_WRITE = text("""
WITH fact AS (
    INSERT INTO chronicle (event_id, source, seq, name, version, at, actor, actor_kind, correlation, cause, topic, news,
                           holders, payload)
    VALUES (:event_id, :source, :seq, :name, :version, :at, :actor, :actor_kind, :correlation, :cause, :topic, :news,
            '[]', :payload)
    ON CONFLICT DO NOTHING
)
INSERT INTO chronicle_ref (ref, at, event_id)
SELECT ref, :at, :event_id FROM unnest(CAST(:refs AS text[])) AS ref ON CONFLICT DO NOTHING
""").bindparams(bindparam("payload", type_=JSONB))


@handlers.on_all(read_model=True)
async def write_down_any_event(
    work: Work, event: Event | None, envelope: Envelope, payload: dict[str, Any]
) -> None:
    """A fact newer than our catalogue is kept too: a later release will read it."""
    refs = list(dict.fromkeys(event.refs())) if event else []
    await work.session.execute(_WRITE, {
        "event_id": envelope.event_id, "source": envelope.source, "seq": envelope.seq, "name": envelope.name,
        "version": envelope.version, "at": envelope.at, "actor": envelope.actor, "actor_kind": envelope.actor_kind,
        "correlation": envelope.correlation, "cause": envelope.cause, "topic": topic_of(envelope.name, event),
        "news": is_news(envelope.name, refs, event), "payload": payload, "refs": refs,
    })
