"""Events set aside because a handler refused them: to be looked at, tried again, or let go with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select, text, update

from shared.i18n import N_
from shared.messaging.alarm import all_clear
from shared.messaging.failures import described
from shared.messaging.handlers import Handlers
from shared.messaging.inbox import heed
from shared.messaging.records import Record
from shared.messaging.tables import inbox_parked
from shared.refusals import NotFound, Refusal
from shared.work import Work

# Whoever looks after the systems, and the director.
RIGHTS = ("TEC-SYS", "TEC-DEV", "director")

LOCK = text("SELECT seq FROM inbox_cursor WHERE source = :source FOR UPDATE")


class ReasonNeeded(Refusal):
    """Letting an event go means its effect never happens; somebody must answer for that."""

    code = "reason-needed"
    status = 422
    message = N_("请写明放弃处理的理由")


@dataclass(frozen=True, slots=True)
class Parked:
    """One event that waits for a person."""

    id: int
    source: str
    seq: int
    subject: str
    aggregate: str
    error: str
    attempts: int
    parked_at: datetime
    event_id: UUID
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Retried:
    """How far a retry came: events that now took effect, and what stopped it."""

    handled: int
    error: str = ""


async def parked(work: Work, *, source: str = "", limit: int = 200) -> list[Parked]:
    """What waits, oldest first within its department."""
    work.actor.require(*RIGHTS)
    query = _open().order_by(inbox_parked.c.source, inbox_parked.c.seq).limit(limit)
    if source:
        query = query.where(inbox_parked.c.source == source)
    return [
        Parked(
            row.id,
            row.source,
            row.seq,
            row.subject,
            row.aggregate,
            row.error,
            row.attempts,
            row.parked_at,
            row.event_id,
            row.payload,
        )
        for row in await work.session.execute(query)
    ]


async def retry(work: Work, *, handlers: Handlers, parked_id: int) -> Retried:
    """Handle a parked event, those before it and those that wait behind it, in their order.

    Stops at the first that is refused again: order within an aggregate is kept.
    """
    work.actor.require(*RIGHTS)
    chosen = await _find(work, parked_id)
    # The consumer takes the same lock, so no later event can slip in while we catch up.
    await work.session.execute(LOCK, {"source": chosen.source})
    rows = await work.session.execute(
        _open()
        .where(inbox_parked.c.source == chosen.source, inbox_parked.c.aggregate == chosen.aggregate)
        .order_by(inbox_parked.c.seq)
        .with_for_update()
    )
    handled = 0
    try:
        for row in rows.all():
            try:
                async with work.session.begin_nested():
                    heard = await heed(work.session, handlers, _record(row), service=work.service)
            except Exception as error:
                await _change(work, row.id, error=described(error), attempts=row.attempts + 1)
                return Retried(handled, described(error))
            await _change(
                work, row.id, resolved_at=work.now, resolution=f"retried by {work.actor.id}"
            )
            work.after_commit.extend(heard.after_commit)
            handled += 1
        await _clear(work, chosen.source)
    finally:
        work.session.sync_session.info["work"] = work
        work.note("retry", "parked event", str(parked_id), handled=handled)
    return Retried(handled)


async def discard(work: Work, *, parked_id: int, reason: str) -> None:
    """Let an event go without effect; those behind it can then be tried again."""
    work.actor.require(*RIGHTS)
    if not reason.strip():
        raise ReasonNeeded
    row = await _find(work, parked_id)
    await _change(
        work, row.id, resolved_at=work.now, resolution=f"discarded by {work.actor.id}: {reason}"
    )
    await _clear(work, row.source)
    work.note("discard", "parked event", str(parked_id), reason=reason, event=row.subject)


async def _clear(work: Work, source: str) -> None:
    """With the last of a department's the case on the keepers' list is closed."""
    if (await work.session.execute(_open().where(inbox_parked.c.source == source).limit(1))).first() is None:
        all_clear(work, "letters", source)


def _open() -> Select[Any]:
    return select(inbox_parked).where(inbox_parked.c.resolved_at.is_(None))


async def _find(work: Work, parked_id: int) -> Row[Any]:
    row: Row[Any] | None = (
        await work.session.execute(_open().where(inbox_parked.c.id == parked_id))
    ).one_or_none()
    if row is None:
        raise NotFound(parked_id)
    return row


async def _change(work: Work, parked_id: int, **values: Any) -> None:
    await work.session.execute(
        update(inbox_parked).where(inbox_parked.c.id == parked_id).values(**values)
    )


def _record(row: Row[Any]) -> Record:
    return Record(
        source=row.source,
        seq=row.seq,
        prev=row.seq - 1,
        event_id=row.event_id,
        epoch=None,
        subject=row.subject,
        aggregate=row.aggregate,
        payload=row.payload,
        context=row.headers,
    )
