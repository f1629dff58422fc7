"""Two departments with real databases on a real bus, small enough to look inside."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from prometheus_client import CollectorRegistry
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

import shared.audit
import shared.copies.tables
import shared.numbers  # noqa: F401 - these modules add the kit's tables to KIT
from shared.database import KIT, new_engine, new_sessions
from shared.events.base import Event
from shared.events.reader import ItemShelved
from shared.messaging.bus import Bus
from shared.messaging.client import connect
from shared.messaging.ddl import STATEMENTS
from shared.messaging.handlers import Handlers
from shared.settings import Settings
from shared.work import Work, Works

EFFECTS = """CREATE TABLE IF NOT EXISTS effects
  (id bigint GENERATED ALWAYS AS IDENTITY, seq bigint, n int, aggregate text, event_id uuid)"""


def shelved(n: int, item: str = "") -> ItemShelved:
    """The n-th fact about an item; its title says which."""
    return ItemShelved(barcode=item or f"册{n % 7}", title=str(n))


@dataclass
class Department:
    """One department: its database, and the buses (replicas) it runs."""

    name: str
    settings: Settings
    engine: AsyncEngine
    sessions: async_sessionmaker[AsyncSession]
    works: Works
    buses: list[Bus] = field(default_factory=list)

    async def bus(self, handlers: Handlers | None = None) -> Bus:
        """One more replica."""
        bus = Bus(
            self.settings, self.sessions, handlers or Handlers(), registry=CollectorRegistry()
        )
        await bus.start()
        self.buses.append(bus)
        return bus

    async def stop(self) -> None:
        """All replicas, orderly."""
        await asyncio.gather(*(bus.stop() for bus in self.buses))
        self.buses.clear()

    async def state(self, *facts: Event) -> None:
        """One command that states facts."""
        async with self.works.open() as work:
            for fact in facts:
                work.emit(fact)
        for bus in self.buses:
            bus.poke()

    async def published(self, number: int) -> None:
        """Wait until the stream has that many of its facts."""

        async def there() -> bool:
            return bool(
                await self.one("SELECT seq FROM outbox_state WHERE name = 'publish'") == number
            )

        await until(there)

    async def rows(self, statement: str, **values: Any) -> Sequence[Any]:
        """The result of one statement, committed."""
        async with self.engine.begin() as db:
            result = await db.execute(text(statement), values)
            return result.all() if result.returns_rows else []

    async def one(self, statement: str, **values: Any) -> Any:
        """The first column of the first row."""
        found = await self.rows(statement, **values)
        return found[0][0] if found else None

    async def effects(self) -> list[int]:
        """What took effect here, in the order it did."""
        return [row.n for row in await self.rows("SELECT n FROM effects ORDER BY id")]


async def crash(bus: Bus) -> None:
    """End a replica as `kill -9` would: nothing is finished, no lease is given up."""
    for task in [*bus.tasks, *bus.reading]:
        task.cancel()
    # A query cancelled in the moment of its answer may wait on: a killed process would not wait for it either.
    await asyncio.wait([*bus.tasks, *bus.reading], timeout=5)
    if bus.line is not None:
        await bus.line.stop()
    bus.tasks, bus.reading, bus.line = [], [], None


async def effect(work: Work, event: ItemShelved) -> None:
    """The effect whose number, order and uniqueness the tests count."""
    assert work.cause is not None
    await work.session.execute(
        text("INSERT INTO effects (seq, n, aggregate, event_id) VALUES (:seq, :n, :a, :id)"),
        {
            "seq": work.cause.seq,
            "n": int(event.title),
            "a": event.aggregate,
            "id": work.cause.event_id,
        },
    )


def effects() -> Handlers:
    """Handlers that write one row per fact."""
    handlers = Handlers()
    handlers.on(ItemShelved)(effect)
    return handlers


async def until(true: Callable[[], Awaitable[Any]], *, within: float = 15) -> None:
    """Wait for something to become so, or fail saying what was so instead."""
    seen: Any = None
    with suppress(TimeoutError):
        async with asyncio.timeout(within):
            while not (seen := await true()):
                await asyncio.sleep(0.02)
            return
    raise AssertionError(f"not within {within} s; last seen: {seen!r}")


async def arrived(department: Department, wanted: Sequence[int], *, within: float = 15) -> None:
    """Wait until as many effects are there, then compare each."""
    with suppress(AssertionError):

        async def enough() -> bool:
            return len(await department.effects()) >= len(wanted)

        await until(enough, within=within)
    assert await department.effects() == list(wanted)


def create_database(admin: str, name: str) -> str:
    """A fresh database; returns its address."""
    with psycopg.connect(admin, autocommit=True) as link:
        link.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )
        link.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return urlunsplit(urlsplit(admin)._replace(path=f"/{name}"))


async def department(name: str, url: str, nats_url: str) -> Department:
    """A department with the kit's tables and nothing else."""
    settings = Settings(service=name, database_url=url, nats_url=nats_url)
    engine = new_engine(settings)
    async with engine.begin() as db:
        await db.run_sync(KIT.create_all)
        await db.execute(text(EFFECTS))
        for statement in STATEMENTS:
            await db.execute(text(statement))
    sessions = new_sessions(engine)
    return Department(name, settings, engine, sessions, Works(sessions, name))


async def empty(place: Department) -> None:
    """The database as it was when it was made."""
    async with place.engine.begin() as db:
        tables = ("outbox", "outbox_state", "inbox", "inbox_cursor", "inbox_parked", "effects")
        await db.execute(text(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY"))
        for statement in STATEMENTS:
            await db.execute(text(statement))


async def forget_streams(nats_url: str) -> None:
    """An empty bus."""
    client = await connect("tests", nats_url, patient=False)
    js = client.jetstream()
    for stream in await js.streams_info():
        await js.delete_stream(str(stream.config.name))
    await client.close()
