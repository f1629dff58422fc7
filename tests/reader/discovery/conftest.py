"""A library with a catalogue, a desk behind it, and the doors patrons come in by."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.reader.app import service
from services.reader.desk.circulation import commands as circulation
from services.reader.desk.patrons import commands as patrons
from services.reader.desk.patrons.model import Category
from shared.database import uuid7
from shared.events.base import Envelope, Event
from shared.events.resources import ItemCatalogued, ItemWithdrawn, RecordAdded
from shared.identity import SYSTEM, Actor
from shared.settings import Settings
from shared.testing.tokens import headers, jwks_file
from tests.support.databases import Database

CLERK = Actor(id="R0001", name="林晓雯", posts=("RDR-DSK",), dept="reader")


@dataclass
class Library:
    """Records come by events as in life; people come by HTTP."""

    app: FastAPI
    client: httpx.AsyncClient
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def work(self, actor: Actor = CLERK) -> Any:
        return self.app.state.kit.works.open(actor)

    async def heed(self, *events: Event, replay: bool = False) -> None:
        """Let the department hear facts, as the inbox would tell them."""
        async with self.work(SYSTEM) as work:
            for event in events:
                work.cause = envelope = Envelope(
                    event_id=uuid7(), name=event.name, version=event.version, source="resources",
                    seq=next(self.numbers), at=work.now,
                )
                await service.handlers.handle(work, envelope, event.model_dump(mode="json"), replay=replay)

    async def book(self, title: str, *, copies: int = 1, use: str = "loan", location: str = "wy-2f", **facts: Any) -> "Book":
        """A catalogued work with its copies."""
        n = next(self.numbers)
        added = RecordAdded(
            instance_id=str(uuid7()), number=f"B{n:06d}", title=title,
            **{"call_number": "I247.57/12", "clc": "I247.57", "language": "chi", "year": 2020, **facts},
        )
        held = [
            ItemCatalogued(
                item_id=str(uuid7()), barcode=f"A{n:04d}{copy}", title=title, call_number=added.call_number,
                location=location, location_name={"wy-2f": "二层文艺库"}.get(location, location), use=use,
                instance_id=added.instance_id, copy_no=copy, price_cents=2000,
            )
            for copy in range(1, copies + 1)
        ]
        await self.heed(added, *held)
        return Book(added, [item.barcode for item in held], {item.barcode: item for item in held})

    async def patron(self, category: Category = Category.undergraduate) -> Actor:
        """A patron with a card, as the token will name them."""
        card = f"2023{next(self.numbers):04d}"
        async with self.work() as work:
            await patrons.register(work, card=card, name="张雨桐", category=category)
        return Actor(id=card, name="张雨桐", kind="patron", card=card)

    async def lend(self, patron: Actor, barcode: str) -> None:
        async with self.work() as work:
            await circulation.lend(work, card=patron.card, barcode=barcode)

    async def take_back(self, barcode: str, **facts: Any) -> None:
        async with self.work() as work:
            await circulation.take_back(work, barcode=barcode, **facts)

    async def withdraw(self, book: "Book", barcode: str) -> None:
        fact = book.items[barcode]
        await self.heed(ItemWithdrawn(
            item_id=fact.item_id, barcode=barcode, title=fact.title, number="W1", instance_id=book.id,
            items_left=len(book.barcodes) - 1,
        ))

    async def find(self, **asked: str) -> list[str]:
        """The titles a search by JSON gives, in order."""
        return [item["title"] for item in (await self.answer(**asked))["items"]]

    async def answer(self, **asked: str) -> dict[str, Any]:
        where = {"in": asked.pop("where")} if "where" in asked else {}
        got = await self.client.get("/api/reader/catalogue", params={**asked, **where})
        assert got.status_code == 200, got.text
        return got.json()

    async def state(self, book: "Book") -> dict[str, Any]:
        """The availability patrons are shown."""
        return (await self.client.get(f"/api/reader/catalogue/{book.number}")).json()["availability"]

    async def get(self, path: str, actor: Actor | None = None, **more: Any) -> httpx.Response:
        return await self.client.get(path, headers=headers(actor, "reader") if actor else {}, **more)

    async def post(self, path: str, actor: Actor | None = None, **more: Any) -> httpx.Response:
        return await self.client.post(path, headers=headers(actor, "reader") if actor else {}, **more)


@dataclass
class Book:
    """What the test knows of a work."""

    added: RecordAdded
    barcodes: list[str]
    items: dict[str, ItemCatalogued]

    @property
    def id(self) -> str:
        return self.added.instance_id

    @property
    def number(self) -> str:
        return self.added.number


@pytest.fixture
async def library(database: Callable[[str], Database], tmp_path: Path) -> AsyncIterator[Library]:
    settings = Settings(
        service="reader", database_url=database("reader").url, jwks_url=jwks_file(tmp_path), data=tmp_path,
    )
    app = service.app(settings)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://tests") as client:
        yield Library(app, client)
    await app.state.kit.engine.dispose()
