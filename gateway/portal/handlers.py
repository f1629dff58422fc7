"""Counts by day, credit by duty, obligations: kept as the facts come in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert

from gateway.portal.model import DailyCount, DutyCredit, Obligation
from shared.duties import credits
from shared.events.base import CaseMoved, Envelope, Event
from shared.events.office import ObligationMoved, ObligationOpened
from shared.messaging.handlers import Handlers
from shared.settings import LOCAL
from shared.work import Work

handlers = Handlers()


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
    row = insert(DailyCount).values(name=counted_as(envelope.name, event), day=day, n=1)
    await work.session.execute(
        row.on_conflict_do_update(index_elements=["name", "day"], set_={"n": DailyCount.n + 1})
    )
    if event is None or envelope.actor_kind != "staff":
        return
    proven = credits(event.duties, envelope.posts, envelope.rank or None)
    if not proven:
        return
    rows = insert(DutyCredit).values([
        {
            "person_id": envelope.actor, "month": day.replace(day=1), "duty": duty,
            "source": envelope.source, "n": 1, "last_at": envelope.at,
        }
        for duty in proven
    ])
    await work.session.execute(rows.on_conflict_do_update(
        index_elements=["person_id", "month", "duty", "source"],
        set_={"n": DutyCredit.n + 1, "last_at": func.greatest(DutyCredit.last_at, rows.excluded.last_at)},
    ))


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
