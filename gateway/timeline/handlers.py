"""Everything any department states is written down, with the keys it will be looked up by."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects.postgresql import insert

from gateway.timeline.model import Chronicle, ChronicleRef
from gateway.timeline.rules import is_news, topic_of
from shared.events.base import Envelope, Event
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on_all(read_model=True)
async def write_down_any_event(
    work: Work, event: Event | None, envelope: Envelope, payload: dict[str, Any]
) -> None:
    """A fact newer than our catalogue is kept too: a later release will read it."""
    refs = list(dict.fromkeys(event.refs())) if event else []
    await work.session.execute(
        insert(Chronicle).values(
            event_id=envelope.event_id, source=envelope.source, seq=envelope.seq, name=envelope.name,
            version=envelope.version, at=envelope.at, actor=envelope.actor,
            actor_kind=envelope.actor_kind, correlation=envelope.correlation, cause=envelope.cause,
            topic=topic_of(envelope.name, event), news=is_news(envelope.name, refs, event), holders=[],
            payload=payload,
        ).on_conflict_do_nothing()
    )
    if refs:
        await work.session.execute(
            insert(ChronicleRef).values([
                {"ref": ref, "at": envelope.at, "event_id": envelope.event_id} for ref in refs
            ]).on_conflict_do_nothing()
        )
