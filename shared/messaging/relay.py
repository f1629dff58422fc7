"""The way out: give each new event its place in the log, put it into the stream, doubt the stream."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Row, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.messaging.client import WIRE_ERRORS
from shared.messaging.metrics import Figures
from shared.messaging.records import head_subject, headers_of
from shared.messaging.stream import Line, Message, Offline, StreamEnd, StreamMoved

log = structlog.get_logger()

BATCH = 500
# Of a stream that lost its end this much is put back; readers further behind use the log.
TAIL = 1000
POLL = 1.0
BEACON = 2.0
DOUBT = 30.0
# Between two batches: at a busy desk several scans leave together, and nobody notices the wait.
BREATH = 0.02

ASSIGN = text("SELECT outbox_assign(:batch)")
TAKE = text("SELECT * FROM outbox_take(:batch)")
BEHIND = text(
    "SELECT a.seq > p.seq FROM outbox_state a, outbox_state p "
    "WHERE a.name = 'assign' AND p.name = 'publish'"
)
PUBLISHED = text(
    "UPDATE outbox_state SET seq = :seq, js_seq = :js, epoch = :epoch WHERE name = 'publish'"
)
STATE = text(
    "SELECT a.seq AS assigned, a.epoch, p.seq AS published, p.js_seq, p.epoch AS published_epoch "
    "FROM outbox_state a, outbox_state p WHERE a.name = 'assign' AND p.name = 'publish'"
)
NEW_EPOCH = text("SELECT outbox_new_epoch(:above)")
FORGET_UNPUBLISHED = text("UPDATE outbox SET seq = NULL WHERE seq > :published")
WAITING = text(
    "SELECT p.seq AS published, a.epoch, (SELECT count(*) FROM "
    "(SELECT 1 FROM outbox WHERE seq > p.seq LIMIT 100000) AS late) AS unpublished, "
    "(SELECT count(*) FROM outbox WHERE seq IS NULL) AS unassigned, "
    "coalesce(extract(epoch FROM clock_timestamp() - least("
    "(SELECT created_at FROM outbox WHERE seq > p.seq ORDER BY seq LIMIT 1), "
    "(SELECT created_at FROM outbox WHERE seq IS NULL ORDER BY id LIMIT 1))), 0) AS oldest "
    "FROM outbox_state a, outbox_state p WHERE a.name = 'assign' AND p.name = 'publish'"
)


class Relay:
    """Runs in every replica; the row `publish` lets one of them publish at a time."""

    def __init__(self, engine: AsyncEngine, line: Line, service: str, figures: Figures) -> None:
        self.engine, self.line, self.service, self.figures = engine, line, service, figures
        self.autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
        self.woken = asyncio.Event()
        self.doubt = True
        self.compared = 0.0
        line.on_connect.append(self.distrust)

    def poke(self) -> None:
        """Events were committed in this process."""
        self.woken.set()

    def distrust(self) -> None:
        """The server may be another one, or have forgotten: compare before publishing."""
        self.doubt = True
        self.woken.set()

    async def run(self) -> None:
        """For ever: publish what is new, and back off while something is broken."""
        pause = 0.2
        while True:
            try:
                await self.cycle()
                pause = 0.2
            except asyncio.CancelledError:
                raise
            except Exception as error:
                self.doubt = True
                expected = isinstance(error, (*WIRE_ERRORS, SQLAlchemyError))
                if not isinstance(error, (Offline, StreamMoved)):
                    log.warning("relay held up", error=type(error).__name__, exc_info=not expected)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)
                continue
            await asyncio.sleep(BREATH)
            try:
                async with asyncio.timeout(POLL):
                    await self.woken.wait()
            except TimeoutError:
                if time.monotonic() - self.compared > DOUBT:
                    self.doubt = True

    async def cycle(self) -> None:
        """Give places to all new events, then publish all that have one."""
        self.woken.clear()
        assigned = 0
        async with self.autocommit.connect() as db:
            # Durable before anything is published: a retry must find the same places.
            while given := await db.scalar(ASSIGN, {"batch": BATCH}):
                assigned += given
                if given < BATCH:
                    break
            pending = bool(assigned) or await db.scalar(BEHIND)
        if not self.line.connected:
            return
        while pending or self.doubt:
            pending = await self._publish()

    async def _publish(self) -> bool:
        """One batch; whether there may be more."""
        async with self.engine.begin() as db:
            rows = (await db.execute(TAKE, {"batch": BATCH})).all()
            if self.doubt:
                await self._reconcile(db)
                self.doubt, self.compared = False, time.monotonic()
                return True
            first, last = rows[0], rows[-1]
            if first.seq is None:
                return False
            try:
                number = await self.line.publish(messages_of(rows), after=first.at_js or 0)
            except WIRE_ERRORS:
                self.doubt = True
                raise
            await db.execute(PUBLISHED, {"seq": last.seq, "js": number, "epoch": last.epoch})
        return len(rows) == BATCH

    async def _reconcile(self, db: AsyncConnection) -> None:
        """Compare the stream's end with our watermark, under the lock of the row `publish`."""
        end = await self.line.stream_end(self.service)
        state = (await db.execute(STATE)).one()
        self.figures.reconciles.labels(self.service).inc()
        if end.number == state.js_seq and (state.published_epoch == state.epoch or not end.number):
            await self._set(db, state.published, end.number, state.epoch)
            return
        resume = await self._resume(db, end, state)
        if resume < state.published:
            log.warning(
                "stream lost its end",
                service=self.service,
                published=state.published,
                again_from=resume,
            )
        epoch = (await db.execute(STATE)).one().epoch
        await self._set(db, resume, end.number, epoch)

    async def _resume(self, db: AsyncConnection, end: StreamEnd, state: Row[Any]) -> int:
        """The position after which publishing goes on."""
        floor: int = max(0, state.published - TAIL)
        if end.number == 0:
            if state.published:
                # Whoever lost the stream may have restored the databases with it, each from its
                # own moment: new facts go above anything a reader can have seen.
                await self._new_epoch(db, state.published, "the stream was lost")
            return floor
        if end.position is None:
            return int(state.published)
        if end.epoch == state.epoch:
            if end.position <= state.assigned:
                return max(floor, end.position)
            # The stream knows positions we never gave: our database is older than it.
            await self._new_epoch(db, state.published, "the database is older than the stream")
            return int(state.published)
        if end.position > state.published:
            await self._new_epoch(db, state.published, "the stream holds another history")
        return int(state.published)

    async def _new_epoch(self, db: AsyncConnection, published: int, reason: str) -> None:
        await db.execute(FORGET_UNPUBLISHED, {"published": published})
        base = await db.scalar(NEW_EPOCH, {"above": 0})
        log.error("new epoch", service=self.service, reason=reason, positions_above=base)

    async def _set(self, db: AsyncConnection, seq: int, number: int, epoch: UUID | None) -> None:
        await db.execute(PUBLISHED, {"seq": seq, "js": number, "epoch": epoch})

    async def watch(self) -> None:
        """For ever: say how far the log goes, and keep the figures."""
        mine = self.figures
        while True:
            mine.connected.labels(self.service).set(self.line.connected)
            try:
                async with self.autocommit.connect() as db:
                    now = (await db.execute(WAITING)).one()
                mine.unassigned.labels(self.service).set(now.unassigned)
                mine.unpublished.labels(self.service).set(now.unpublished)
                mine.oldest.labels(self.service).set(float(now.oldest))
                head = {"seq": now.published, "epoch": str(now.epoch)}
                await self.line.say(head_subject(self.service), head)
            except (SQLAlchemyError, *WIRE_ERRORS):
                pass
            await asyncio.sleep(BEACON)


def messages_of(rows: Sequence[Row[Any]]) -> list[Message]:
    """What goes over the wire for a run of log rows."""
    return [
        (
            row.subject,
            row.payload.encode(),
            headers_of(
                seq=row.seq,
                prev=row.prev,
                event_id=row.event_id,
                aggregate=row.aggregate,
                epoch=row.epoch,
                context=row.headers,
            ),
        )
        for row in rows
    ]
