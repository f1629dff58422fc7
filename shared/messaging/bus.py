"""Everything of a process that has to do with events: started with it, stopped with it."""

from __future__ import annotations

import asyncio
import contextlib

import structlog
from prometheus_client import REGISTRY, CollectorRegistry
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from shared.database import new_sessions
from shared.messaging.consumer import Consumer
from shared.messaging.handlers import Handlers
from shared.messaging.inbox import Inbox
from shared.messaging.lease import Leases
from shared.messaging.logbook import Logbook
from shared.messaging.metrics import figures
from shared.messaging.records import head_subject, log_subject
from shared.messaging.relay import Relay
from shared.messaging.stream import Answer, Line
from shared.settings import Settings

log = structlog.get_logger()

GRACE = 15.0
COUNT_PARKED_EVERY = 5.0
PARKED = text(
    "SELECT source, count(*) AS number FROM inbox_parked WHERE resolved_at IS NULL GROUP BY source"
)
DIFFERING = text(
    "SELECT c.copy, extract(epoch FROM c.ended_at) AS ended, "
    " (SELECT count(*) FROM copy_difference d WHERE d.copy = c.copy AND d.settled_at IS NULL) AS number "
    "FROM copy_check c"
)

SEALED = text("SELECT extract(epoch FROM at) AS at, found FROM audit_check")


class Bus:
    """The relay, the logbook and one consumer per department heard.

    `start` returns at once whether or not the bus is there: a department works without it, its
    facts wait in the outbox.
    """

    def __init__(
        self,
        settings: Settings,
        database: AsyncEngine | async_sessionmaker[AsyncSession],
        handlers: Handlers,
        *,
        registry: CollectorRegistry = REGISTRY,
    ) -> None:
        if isinstance(database, AsyncEngine):
            self.sessions, self.engine = new_sessions(database), database
        else:
            self.sessions, self.engine = database, database.kw["bind"]
        self.settings, self.handlers = settings, handlers
        self.service = settings.service
        self.figures = figures(registry)
        self.tasks: list[asyncio.Task[None]] = []
        self.reading: list[asyncio.Task[None]] = []
        self.consumers: list[Consumer] = []
        # What else may be asked of us over the bus: subject → answer; filled before `start`.
        self.answers: dict[str, Answer] = {}
        self.line: Line | None = None
        self.relay: Relay | None = None
        self.leases: Leases | None = None

    @property
    def connected(self) -> bool:
        """Whether the bus can be spoken to; false is a degraded state, not a failure."""
        return self.line is not None and self.line.connected

    def poke(self) -> None:
        """Events were committed: publish them now rather than at the next look."""
        if self.relay is not None:
            self.relay.poke()

    def metrics(self) -> dict[str, float]:
        """The figures of this service by name (and department)."""
        return self.figures.snapshot(self.service)

    async def start(self) -> None:
        """Begin to publish and to listen."""
        sources = self.handlers.sources
        self.figures.introduce(self.service, sources)
        line = self.line = Line(self.service, self.settings.nats_url, self.settings.nats_seed)
        relay = self.relay = Relay(self.engine, line, self.service, self.figures)
        leases = self.leases = Leases(self.engine, sources)
        line.answer(log_subject(self.service), Logbook(self.engine, self.service, relay).answer)
        for subject, answer in self.answers.items():
            line.answer(subject, answer)
        for source in sources:
            inbox = Inbox(
                self.sessions,
                self.handlers,
                service=self.service,
                source=source,
                owner=leases.owner,
            )
            consumer = Consumer(line, inbox, leases, self.figures, relay.poke)
            line.hear(head_subject(source), consumer.hear_head)
            self.consumers.append(consumer)
        line.start()
        self.tasks = [
            asyncio.create_task(relay.run(), name="relay"),
            asyncio.create_task(relay.watch(), name="beacon"),
            asyncio.create_task(leases.run(), name="leases"),
            asyncio.create_task(self._count_parked(), name="parked"),
        ]
        self.reading = [
            asyncio.create_task(consumer.run(), name=f"reads-{consumer.source}")
            for consumer in self.consumers
        ]

    async def stop(self) -> None:
        """Finish the batches at hand, publish what was stated, give the leases up, leave."""
        if self.line is None or self.relay is None or self.leases is None:
            return
        for consumer in self.consumers:
            consumer.stop()
        if self.reading:
            _, late = await asyncio.wait(self.reading, timeout=GRACE)
            for task in late:
                task.cancel()
        for task in self.tasks:
            task.cancel()
        # Not for ever: a query cancelled in the moment of its answer may wait on.
        await asyncio.wait([*self.tasks, *self.reading], timeout=3)
        with contextlib.suppress(Exception):
            async with asyncio.timeout(3):
                await self.relay.cycle()
        with contextlib.suppress(SQLAlchemyError, OSError, TimeoutError):
            async with asyncio.timeout(3):
                await self.leases.give_up()
        await self.line.stop()
        self.tasks, self.reading, self.consumers = [], [], []
        self.line = self.relay = self.leases = None

    async def _count_parked(self) -> None:
        while True:
            with contextlib.suppress(SQLAlchemyError, OSError):
                async with self.engine.connect() as db:
                    counts: dict[str, int] = {
                        row.source: row.number for row in await db.execute(PARKED)
                    }
                    for row in await db.execute(DIFFERING):
                        self.figures.differing.labels(self.service, row.copy).set(row.number)
                        self.figures.compared.labels(self.service, row.copy).set(float(row.ended or 0))
                    if walked := (await db.execute(SEALED)).first():
                        self.figures.audit_found.clear()
                        self.figures.audit_checked.labels(self.service).set(float(walked.at))
                        for what in walked.found:
                            self.figures.audit_found.labels(self.service, what).set(1)
                for source in self.handlers.sources:
                    self.figures.parked.labels(self.service, source).set(counts.get(source, 0))
            await asyncio.sleep(COUNT_PARKED_EVERY)
