"""A gateway in the test's own loop, with real PostgreSQL and NATS, and stand-in departments."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from gateway.accounts import passwords
from gateway.accounts.model import Account
from gateway.app import HANDLERS, service
from gateway.gate import Gate
from shared.database import uuid7
from shared.events.base import Envelope, Event, name_of
from shared.events.office import PostAssigned, StaffJoined
from shared.events.reader import PatronRegistered
from shared.messaging.handlers import Handlers
from shared.service import Kit
from shared.settings import Settings
from tests.gateway.standin import Department, serving
from tests.support.databases import Database
from tests.support.infra import Infra

PASSWORD = "a long enough secret"
PEOPLE = {
    "rdr-dsk": ("S001", "林晓雯", "reader", "RDR-DSK"),
    "res-dig": ("S002", "周明", "resources", "RES-DIG"),
    "tec-sys": ("S004", "赵刚", "tech", "TEC-SYS"),
}


@dataclass
class Running:
    """One gateway process, as far as a test is concerned."""

    url: str
    app: FastAPI
    settings: Settings
    exits: AsyncExitStack

    @property
    def kit(self) -> Kit:
        kit: Kit = self.app.state.kit
        return kit

    @property
    def gate(self) -> Gate:
        gate: Gate = self.app.state.gate
        return gate

    async def feed(
        self, event: Event, *, at: datetime | None = None, actor: str = "S001", kind: str = "staff",
        posts: tuple[str, ...] = (), correlation: UUID | None = None, rank: str = "",
    ) -> Envelope:
        """Let the gateway hear a fact, in one transaction as its inbox would."""
        name, version = name_of(event.subject)
        envelope = Envelope(
            event_id=uuid7(), name=name, version=version, source=name.split(".")[0], seq=1,
            at=at or datetime.now(UTC), actor=actor, actor_kind=kind, posts=posts, rank=rank,
            correlation=correlation or uuid7(),
        )
        async with self.kit.works.open() as work:
            await Handlers().include(*HANDLERS).handle(work, envelope, event.model_dump(mode="json"))
        return envelope

    async def account(self, user_name: str, person: str, kind: str = "staff", **more: Any) -> Account:
        """An account with the password of all tests."""
        account = Account(
            user_name=user_name, person_id=person, kind=kind, password=passwords.hash_now(PASSWORD),
            created_at=datetime.now(UTC), **more,
        )
        async with self.kit.works.open() as work:
            work.session.add(account)
        return account

    async def staff(self, user_name: str) -> None:
        """A colleague with their post, known by events, and their account."""
        number, name, dept, post = PEOPLE[user_name]
        await self.feed(StaffJoined(staff_no=number, staff_name=name, dept=dept), actor="system", kind="system")
        await self.feed(
            PostAssigned(holding_id=f"h-{number}", staff_no=number, post=post, valid_from=date(2026, 1, 1)),
            actor="system", kind="system",
        )
        await self.account(user_name, number)

    async def patron(self, card: str) -> None:
        """A patron, who is a card to the gateway."""
        await self.feed(PatronRegistered(card=card, category="ug"), actor="system", kind="system")
        await self.account(card.lower(), card, "patron")

    async def client(self) -> httpx.AsyncClient:
        """A browser that has not signed in."""
        return await self.exits.enter_async_context(
            httpx.AsyncClient(base_url=self.url, timeout=20, headers={"accept": "text/html"})
        )

    async def signed_in(self, user_name: str) -> httpx.AsyncClient:
        """A browser with a session of this person."""
        if user_name in PEOPLE:
            await self.staff(user_name)
        client = await self.client()
        answer = await client.post("/login", data={"username": user_name, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return client


Start = Callable[..., Awaitable[Running]]


@pytest.fixture
async def start(
    database: Callable[[str], Database], infra: Infra, tmp_path: Path
) -> AsyncIterator[Start]:
    """`await start(reader=address)`: another process of the gateway on the same database and keys."""
    async with AsyncExitStack() as exits:
        kept = database("gateway")

        async def begin(*, departments: dict[str, str] | None = None, **more: Any) -> Running:
            settings = Settings.load(
                "gateway", database_url=kept.url, owner_database_url=kept.owner_url, migrate=False,
                nats_url=infra.nats_url, data=tmp_path / "data", static=tmp_path / "static",
                services=",".join(f"{k}={v}" for k, v in (departments or {}).items()), pool_size=5, **more,
            )
            app = service.app(settings)
            return Running(await exits.enter_async_context(serving(app)), app, settings, exits)

        yield begin


@pytest.fixture
async def gateway(start: Start) -> Running:
    """A gateway without departments."""
    return await start()


@dataclass
class House:
    """A gateway in front of one stand-in department called reader."""

    gateway: Running
    reader: Department
    reader_url: str


@pytest.fixture
async def house(start: Start) -> AsyncIterator[House]:
    """The gateway and its department."""
    reader = Department("reader")
    async with serving(reader.app()) as address:
        running = await start(departments={"reader": address})
        reader.jwks_url = f"{running.url}/.well-known/jwks.json"
        yield House(running, reader, address)
