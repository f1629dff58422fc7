"""Facts as the bus would bring them."""

from __future__ import annotations

from datetime import UTC, datetime

from services.office.app import service
from shared.database import uuid7
from shared.events import Envelope, Event
from shared.events.tech import PatrolRoundClosed
from shared.identity import Actor


def envelope(event: Event, actor: Actor, *, at: datetime | None = None, event_id=None, seq: int = 1) -> Envelope:
    """The circumstances of a fact."""
    return Envelope(
        event_id or uuid7(), event.name, event.version, event.name.split(".")[0], seq, at or datetime.now(UTC),
        actor.id, actor.kind, actor.posts, actor.subposts, actor.rank,
    )


async def heard(works, event: Event, actor: Actor, *, at: datetime | None = None, event_id=None) -> Envelope:
    """Deliver a fact to the office, as one handled event."""
    about = envelope(event, actor, at=at, event_id=event_id)
    async with works.open() as work:
        await service.handlers.handle(work, about, event.model_dump(mode="json"))
    return about


def patrol(on, minutes: int, day_minutes: int, walker: str = "S0020") -> PatrolRoundClosed:
    """A closed patrol round."""
    return PatrolRoundClosed(
        number="XS2026-0001", route="全馆", walker=walker, on=on, minutes=minutes, day_minutes=day_minutes, anomalies=0
    )
