"""Counts by day, credit by duty, obligations: kept as the facts come in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from gateway.portal.model import Obligation
from shared.duties import credits
from shared.events.base import CaseMoved, Envelope, Event
from shared.events.office import ObligationMoved, ObligationOpened
from shared.messaging.handlers import Handlers
from shared.settings import LOCAL
from shared.work import Work

handlers = Handlers()

# Built once and sent once: every fact of the house passes here.
_COUNT = text("""
WITH counted AS (
    INSERT INTO daily_count (name, day, n) VALUES (:name, :day, 1)
    ON CONFLICT (name, day) DO UPDATE SET n = daily_count.n + 1
)
INSERT INTO duty_credit (person_id, month, duty, source, n, last_at)
SELECT :person, :month, duty, :source, 1, :at FROM unnest(CAST(:duties AS text[])) AS duty
ON CONFLICT (person_id, month, duty, source)
DO UPDATE SET n = duty_credit.n + 1, last_at = greatest(duty_credit.last_at, excluded.last_at)
""")


def counted_as(name: str, event: Event | None) -> str:
    """A case's move counts under its register and action, anything else under its name."""
    if isinstance(event, CaseMoved):
        return f"{event.department}.{event.register_}.{event.action}"
    return name


@handlers.on_all(read_model=True)
async def count_on_any_event(
    work: Work, event: Event | None, envelope: Envelope, _payload: dict[str, Any]
) -> None:
    """One more on its day; one more for each duty of the person's posts that it proves."""
    day = envelope.at.astimezone(LOCAL).date()
    proven = credits(event.duties, envelope.posts, envelope.rank or None) if (
        event is not None and envelope.actor_kind == "staff"
    ) else ()
    await work.session.execute(_COUNT, {
        "name": counted_as(envelope.name, event), "day": day, "month": day.replace(day=1), "at": envelope.at,
        "person": envelope.actor, "source": envelope.source, "duties": list(proven),
    })


@handlers.on(ObligationOpened, read_model=True)
async def owe_on_obligation_opened(work: Work, event: ObligationOpened) -> None:
    """The duty is due from its holder."""
    row = insert(Obligation).values(
        key=event.key, duty=event.duty, holder=event.holder, period=event.period,
        due_on=event.due_on, url=event.url, state="open", state_label="", evidence=0,
        moved_at=work.now,
    )
    await work.session.execute(row.on_conflict_do_update(
        index_elements=["key"],
        set_={"holder": event.holder, "due_on": event.due_on, "url": event.url, "state": "open", "moved_at": work.now},
    ))


@handlers.on(ObligationMoved, read_model=True)
async def follow_on_obligation_moved(work: Work, event: ObligationMoved) -> None:
    """It was met, missed, explained, or passed to a stand-in."""
    row = insert(Obligation).values(
        key=event.key, duty=event.duty, holder=event.holder, period=event.period,
        due_on=event.due_on, url="", state=event.state, state_label=event.state_label,
        evidence=event.evidence_count, moved_at=work.now,
    )
    await work.session.execute(row.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "holder": event.holder, "due_on": event.due_on, "state": event.state,
            "state_label": event.state_label, "evidence": event.evidence_count, "moved_at": work.now,
        },
    ))
