"""The way in: effects and cursor move in one transaction, so each event takes effect exactly once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared import tracing
from shared.identity import SYSTEM
from shared.messaging.alarm import alarm
from shared.messaging.failures import described, passes
from shared.messaging.handlers import Handlers
from shared.messaging.records import Record
from shared.messaging.tables import inbox_cursor, inbox_parked
from shared.work import Work, Writer

log = structlog.get_logger()

LEASE_SECONDS = 5

LOCK = text("SELECT seq, epoch, owner FROM inbox_cursor WHERE source = :source FOR UPDATE")
OPEN = text(
    "SELECT DISTINCT aggregate FROM inbox_parked WHERE source = :source AND resolved_at IS NULL"
)
HANDLED = text("SELECT 1 FROM inbox WHERE event_id = :event_id")
MOVE = text(
    "WITH noted AS (INSERT INTO inbox (source, seq, event_id) "
    " SELECT :source, n.seq, n.event_id"
    " FROM unnest(CAST(:seqs AS bigint[]), CAST(:ids AS uuid[])) AS n (seq, event_id)"
    " ON CONFLICT (event_id) DO NOTHING RETURNING 1) "
    "UPDATE inbox_cursor SET seq = :seq, epoch = :epoch, "
    f" lease_until = clock_timestamp() + interval '{LEASE_SECONDS} seconds' WHERE source = :source "
    "RETURNING (SELECT count(*) FROM noted)"
)
IMMEDIATE = text("SET CONSTRAINTS ALL IMMEDIATE")


class LeaseLost(Exception):
    """Another replica reads this department now."""


class Repeated(Exception):
    """An event we know came again at another position, after its producer was restored."""


@dataclass(slots=True)
class Applied:
    """What became of a batch: where the cursor stands, and whether something is missing."""

    cursor: int
    epoch: UUID | None
    handled: int = 0
    parked: int = 0
    gap: bool = False
    stated: bool = False
    works: list[Work] = field(default_factory=list)


class Inbox:
    """Applies batches of one department's events for one replica, named `owner`."""

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        handlers: Handlers,
        *,
        service: str,
        source: str,
        owner: str,
    ) -> None:
        self.sessions, self.handlers = sessions, handlers
        self.service, self.source, self.owner = service, source, owner

    async def apply(self, records: Sequence[Record], *, patient: bool = True) -> Applied:
        """Handle what follows the cursor; raises only what passes by itself (while `patient`)."""
        try:
            return await self._transaction(records, careful=False, patient=patient)
        except LeaseLost:
            raise
        except Exception as error:
            if patient and passes(error):
                raise
            log.warning("batch taken apart", source=self.source, error=type(error).__name__)
        return await self._transaction(records, careful=True, patient=patient)

    async def _transaction(
        self, records: Sequence[Record], *, careful: bool, patient: bool
    ) -> Applied:
        async with self.sessions() as session:
            # Its own statement: what follows then sees everything committed before the lock.
            cursor = (await session.execute(LOCK, {"source": self.source})).one()
            if cursor.owner != self.owner:
                raise LeaseLost
            applied = Applied(cursor.seq, cursor.epoch)
            closed = set(await session.scalars(OPEN, {"source": self.source}))
            waiting = bool(closed)
            done: list[Record] = []
            gathered: dict[Writer, list[Any]] = {}
            for record in records:
                if record.seq <= applied.cursor:
                    continue
                if record.prev > applied.cursor:
                    applied.gap = True
                    break
                if not self.handlers.wants(record.subject, self.source):
                    pass  # it only has to be counted as heard
                elif record.aggregate in closed:
                    await self._park(session, record, "behind an earlier event", attempts=0)
                    applied.parked += 1
                elif careful:
                    error = await self._one(session, record, applied, patient=patient)
                    if error is not None:
                        await self._park(session, record, described(error))
                        closed.add(record.aggregate)
                        applied.parked += 1
                        log.error(
                            "event parked",
                            source=self.source,
                            seq=record.seq,
                            subject=record.subject,
                            error=type(error).__name__,
                        )
                else:
                    await self._handle(session, record, applied, gathered)
                applied.cursor = record.seq
                done.append(record)
            await write_shared(session, gathered, service=self.service)
            if applied.parked and not waiting:
                # The first to be set aside rings the bell; those that join it wait with it.
                ringing = Work(session, SYSTEM, service=self.service)
                alarm(ringing, "letters", self.source)
                applied.stated |= await ringing.finish()
            if done:
                applied.epoch = done[-1].epoch
                noted = await session.scalar(MOVE, self._moved(done))
                if noted != len(done) and not careful:
                    raise Repeated
            # The kit is the edge of a handled event: here, and nowhere in a handler, is the commit.
            await session.commit()
        applied.handled = len(done)
        for work in applied.works:
            for callback in work.after_commit:
                callback()
        return applied

    async def _handle(
        self, session: AsyncSession, record: Record, applied: Applied, gathered: dict[Writer, list[Any]] | None = None
    ) -> None:
        with tracing.span(f"hear {record.subject}", "consumer", link=record.context.get(tracing.CONTEXT, ""), seq=record.seq):
            work = await heed(session, self.handlers, record, service=self.service, gathered=gathered)
        applied.stated |= work.stated
        if work.after_commit:
            applied.works.append(work)

    async def _one(
        self, session: AsyncSession, record: Record, applied: Applied, *, patient: bool
    ) -> Exception | None:
        """Handle one event on a savepoint; returns why it cannot be handled."""
        try:
            async with session.begin_nested():
                if await session.scalar(HANDLED, {"event_id": record.event_id}):
                    return None
                await self._handle(session, record, applied)
                await session.execute(IMMEDIATE)
        except Exception as error:
            if patient and passes(error):
                raise
            return error
        return None

    async def _park(
        self, session: AsyncSession, record: Record, reason: str, *, attempts: int = 1
    ) -> None:
        await session.execute(
            insert(inbox_parked).values(
                source=self.source,
                seq=record.seq,
                event_id=record.event_id,
                subject=record.subject,
                aggregate=record.aggregate,
                payload=record.payload,
                headers=record.context,
                error=reason,
                attempts=attempts,
            )
        )

    def _moved(self, done: list[Record]) -> dict[str, Any]:
        return {
            "source": self.source,
            "seq": done[-1].seq,
            "epoch": done[-1].epoch,
            "seqs": [record.seq for record in done],
            "ids": [record.event_id for record in done],
        }


class Heeding(Work):
    """The work of one handled event; remembers whether the reaction stated facts of its own."""

    stated = False
    shares = False  # what it gathers is written by whoever hears the whole delivery

    async def write_gathered(self) -> None:
        """Leave it to the end of the delivery, if this is one of many."""
        if not self.shares:
            await super().write_gathered()


async def heed(
    session: AsyncSession, handlers: Handlers, record: Record, *, service: str, replay: bool = False,
    gathered: dict[Writer, list[Any]] | None = None,
) -> Heeding:
    """Run the handlers of one event in the caller's transaction; facts they state join its chain."""
    envelope = record.envelope()
    work = Heeding(
        session, SYSTEM, service=service, correlation=envelope.correlation, cause=envelope
    )
    if gathered is not None:
        work.gathered, work.shares = gathered, True
    await handlers.handle(work, envelope, record.payload, replay=replay)
    if replay:
        work.events.clear()  # what happened then was stated then
    work.stated = await work.finish()
    return work


async def write_shared(
    session: AsyncSession, gathered: dict[Writer, list[Any]], *, service: str
) -> None:
    """Write what the facts of one delivery gathered."""
    if gathered:
        work = Work(session, SYSTEM, service=service)
        work.gathered = gathered
        await work.finish()


async def cursor_of(
    sessions: async_sessionmaker[AsyncSession], source: str
) -> tuple[int, UUID | None]:
    """Where we stand in the log of a department."""
    place = select(inbox_cursor.c.seq, inbox_cursor.c.epoch).where(inbox_cursor.c.source == source)
    async with sessions() as session:
        row = (await session.execute(place)).one_or_none()
    return (row.seq, row.epoch) if row else (0, None)
