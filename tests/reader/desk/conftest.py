"""A desk with real PostgreSQL: items, patrons, and people to act."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.reader.desk.circulation import commands as circulation
from services.reader.desk.items import commands as items
from services.reader.desk.items.model import Item
from services.reader.desk.patrons import commands as patrons
from services.reader.desk.patrons.model import Category, Patron
from shared.database import new_engine, new_sessions, uuid7
from shared.events.resources import ItemCatalogued
from shared.identity import SYSTEM, Actor
from shared.settings import LOCAL, Settings
from shared.work import Work, Works
from tests.support.databases import Database

CLERK = Actor(id="R0001", name="林晓雯", posts=("RDR-DSK",), dept="reader")
COLLEAGUE = Actor(id="R0002", name="周明", posts=("RDR-DSK",), dept="reader")
HEAD = Actor(id="R0003", name="陈责任", posts=("RDR-LED",), dept="reader")
OUTSIDER = Actor(id="O0001", name="旁人", posts=("OFF-ADM",), dept="office")
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # a Monday, 12:00 in the library


@dataclass
class Desk:
    """What a test does at the desk; `now` moves only when the test says so."""

    works: Works
    engine: AsyncEngine
    now: datetime = NOON
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def work(self, actor: Actor = CLERK) -> Any:
        return self.works.open(actor, now=self.now)

    @property
    def today(self) -> date:
        return self.now.astimezone(LOCAL).date()

    def days_later(self, days: int) -> None:
        self.now += timedelta(days=days)

    async def item(self, *, instance: str = "", title: str = "活着", **facts: Any) -> str:
        barcode = f"A{next(self.numbers):06d}"
        async with self.work(SYSTEM) as work:
            await items.take_up(work, ItemCatalogued(
                item_id=str(uuid7()), barcode=barcode, title=title, instance_id=instance or f"i-{barcode}",
                call_number="I247.57/Y835",
                **{"price_cents": 2000, "location": "LIT", "location_name": "二层文学库", **facts},
            ))
        return barcode

    async def patron(self, category: Category = Category.undergraduate, **facts: Any) -> str:
        card = f"2023{next(self.numbers):04d}"
        async with self.work() as work:
            await patrons.register(work, card=card, name="张雨桐", category=category, **facts)
        return card

    async def lend(self, card: str, barcode: str, actor: Actor = CLERK, **more: Any) -> circulation.Lent:
        async with self.work(actor) as work:
            return await circulation.lend(work, card=card, barcode=barcode, **more)

    async def take_back(self, barcode: str, actor: Actor = CLERK, **more: Any) -> circulation.Returned:
        async with self.work(actor) as work:
            return await circulation.take_back(work, barcode=barcode, **more)

    async def do(self, verb: Callable[..., Any], actor: Actor = CLERK, **facts: Any) -> Any:
        async with self.work(actor) as work:
            return await verb(work, **facts)

    async def heed(self, handlers: Any, event: Any, *, actor: str = "D0001") -> None:
        """Let the department hear a fact, as the inbox would tell it."""
        from shared.events.base import Envelope

        envelope = Envelope(
            event_id=uuid7(), name=event.name, version=event.version,
            source=event.name.split(".")[0], seq=1, at=self.now, actor=actor, actor_kind="staff",
        )
        async with self.works.open(SYSTEM, now=self.now) as work:
            work.cause = envelope
            await handlers.handle(work, envelope, event.model_dump(mode="json"))

    async def find_item(self, barcode: str) -> Item:
        async with self.works.sessions() as session:
            return (await session.scalars(select(Item).where(Item.barcode == barcode))).one()

    async def find_patron(self, card: str) -> Patron:
        async with self.works.sessions() as session:
            return (await session.scalars(select(Patron).where(Patron.card == card))).one()

    async def rows(self, sql: str, **values: Any) -> list[Any]:
        async with self.works.sessions() as session:
            return list((await session.execute(text(sql), values)).all())

    async def said(self, *names: str) -> list[tuple[str, dict[str, Any], UUID]]:
        """What the department stated, in order: (name, payload, correlation)."""
        rows = await self.rows("SELECT subject, payload, headers FROM outbox ORDER BY id")
        found = [(r[0].removeprefix("guanwu.").removesuffix(".v1"), r[1], r[2]["correlation"]) for r in rows]
        return [f for f in found if not names or f[0] in names]


@pytest.fixture
async def desk(database: Callable[[str], Database]) -> AsyncIterator[Desk]:
    settings = Settings(service="reader", database_url=database("reader").url)
    engine = new_engine(settings, size=20)
    yield Desk(Works(new_sessions(engine), "reader"), engine)
    await engine.dispose()


@pytest.fixture
def reasons() -> Callable[[Any], list[str]]:
    return lambda refusal: [reason.code for reason in refusal.value.reasons]


__all__ = ["CLERK", "COLLEAGUE", "HEAD", "NOON", "OUTSIDER", "Desk", "Work"]
