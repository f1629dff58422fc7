"""Counts by day, credit by duty, obligations: kept as the facts come in."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB, insert

from gateway.portal.model import Obligation
from shared.duties import credits
from shared.events.base import CaseMoved, Envelope, Event
from shared.events.office import ObligationMoved, ObligationOpened
from shared.messaging.handlers import Handlers
from shared.settings import LOCAL
from shared.work import Work

handlers = Handlers()

# Every fact of the house passes here: a delivery is counted in one statement, each counter touched once.
_COUNT = text("""
WITH counted AS (
    INSERT INTO daily_count (name, day, n)
    SELECT c.name, c.day, c.n FROM jsonb_to_recordset(:days) AS c (name text, day date, n int) ORDER BY c.name, c.day
    ON CONFLICT (name, day) DO UPDATE SET n = daily_count.n + excluded.n
)
INSERT INTO duty_credit (person_id, month, duty, source, n, last_at)
SELECT d.person, d.month, d.duty, d.source, d.n, d.at
FROM jsonb_to_recordset(:duties) AS d (person text, month date, duty text, source text, n int, at timestamptz)
ORDER BY d.person, d.month, d.duty, d.source
ON CONFLICT (person_id, month, duty, source)
DO UPDATE SET n = duty_credit.n + excluded.n, last_at = greatest(duty_credit.last_at, excluded.last_at)
""").bindparams(bindparam("days", type_=JSONB), bindparam("duties", type_=JSONB))


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
    work.gather(_count, _Counted(
        counted_as(envelope.name, event), day, envelope.actor, envelope.source, envelope.at, tuple(proven)
    ))


@dataclass(frozen=True, slots=True)
class _Counted:
    """One fact as the home pages count it."""

    name: str
    day: date
    person: str
    source: str
    at: datetime
    duties: tuple[str, ...]


async def _count(work: Work, facts: list[_Counted]) -> None:
    days = Counter((fact.name, fact.day.isoformat()) for fact in facts)
    proven: Counter[tuple[str, str, str, str]] = Counter()
    last: dict[tuple[str, str, str, str], datetime] = {}
    for fact in facts:
        for duty in fact.duties:
            key = (fact.person, fact.day.replace(day=1).isoformat(), duty, fact.source)
            proven[key] += 1
            last[key] = max(fact.at, last.get(key, fact.at))
    await work.session.execute(_COUNT, {
        "days": [{"name": name, "day": day, "n": n} for (name, day), n in days.items()],
        "duties": [
            {"person": person, "month": month, "duty": duty, "source": source, "n": n, "at": last[key].isoformat()}
            for key, n in proven.items() for person, month, duty, source in [key]
        ],
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
