"""The department with real PostgreSQL: its application, people, places, files, and the facts it states."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from services.resources.app import service
from services.resources.cataloguing.imports import commands as imports
from services.resources.cataloguing.imports import queries
from services.resources.cataloguing.imports.model import ImportJob
from services.resources.cataloguing.imports.runner import Runner
from services.resources.cataloguing.items.model import Use
from services.resources.cataloguing.items.register import locations
from shared.database import uuid7
from shared.events.base import Envelope
from shared.identity import SYSTEM, Actor
from shared.service import Kit
from shared.settings import Settings
from shared.testing.tokens import headers, jwks_file
from shared.work import Work
from tests.support.databases import Database

CATALOGUER = Actor("S001", "沈编目", posts=("RES-MGT",), dept="resources")
EXPERT = Actor("S002", "顾典藏", posts=("RES-MGT",), dept="resources")
BINDER = Actor("S003", "陶修补", posts=("RES-DIG",), dept="resources")
DIRECTOR = Actor("S009", "陈馆长", posts=("director",))
CLERK = Actor("S020", "林晓雯", posts=("RDR-DSK",), dept="reader")
RECORDS = Path(__file__).resolve().parents[2] / "services/resources/demo/records"


@dataclass
class House:
    """What a test does in the department."""

    app: Any
    kit: Kit
    heard: dict[str, int] = field(default_factory=dict)

    def work(self, actor: Actor = CATALOGUER, **more: Any) -> AbstractAsyncContextManager[Work]:
        return self.kit.works.open(actor, **more)

    def client(self, actor: Actor = CATALOGUER, lang: str = "zh") -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, raise_app_exceptions=False), base_url="http://resources.test",
            headers={**headers(actor, "resources"), "cookie": f"lang={lang}"}, timeout=60,
        )

    async def place(self, code: str = "sk-2f", name: str = "二层社科库", **more: Any) -> None:
        async with self.work() as work:
            await locations.open(work, no=code, name=name, name_en="Stacks", use=more.pop("use", Use.loan), **more)

    async def places(self) -> None:
        for one in json.loads((RECORDS / "locations.json").read_text(encoding="utf-8")):
            await self.place(one["code"], one["zh"], special=one["code"] == "gj-5f")

    async def hand_in(self, path: Path, **more: Any) -> str:
        async with self.work() as work:
            job = await imports.receive(work, self.kit.files, path, name=path.name, start=True, **more)
        return job.no

    async def read(self, path: Path, *, batch: int = 200, **more: Any) -> ImportJob:
        number = await self.hand_in(path, **more)
        runner = Runner(self.kit, batch=batch)
        while await runner.once():
            pass
        return await self.job(number)

    async def job(self, number: str) -> ImportJob:
        async with self.kit.reading() as session:
            return await queries.job_of(session, number)

    async def lines(self, job: ImportJob, outcome: str = "") -> list[dict[str, Any]]:
        async with self.kit.reading() as session:
            return [queries.line_json(line) async for line in queries.all_lines(session, job.id, outcome=outcome)]

    async def heed(self, event: Any, *, actor: str = "S020", correlation: Any = None, **unknown: Any) -> None:
        """Let the department hear a fact, as the inbox would tell it."""
        envelope = Envelope(
            event_id=uuid7(), name=event.name, version=event.version, source=event.name.split(".")[0], seq=1,
            at=event_time(), actor=actor, actor_kind="staff", correlation=correlation or uuid7(),
        )
        async with self.kit.works.open(SYSTEM, correlation=envelope.correlation) as work:
            work.cause = envelope
            await service.handlers.handle(work, envelope, {**event.model_dump(mode="json"), **unknown})

    async def rows(self, sql: str, **values: Any) -> list[Any]:
        async with self.kit.reading() as session:
            return list((await session.execute(text(sql), values)).all())

    async def said(self, *names: str) -> list[tuple[str, dict[str, Any]]]:
        """What the department stated, in order: (name, payload)."""
        rows = await self.rows("SELECT subject, payload FROM outbox ORDER BY id")
        found = [(r[0].removeprefix("guanwu.").removesuffix(".v1"), r[1]) for r in rows]
        return [f for f in found if not names or f[0] in names]


def event_time() -> Any:
    from datetime import UTC, datetime

    return datetime.now(UTC)


async def until(true: Callable[[], Any], within: float = 30) -> None:
    """Wait for it, with a deadline."""
    end = time.monotonic() + within
    while not await true():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.05)


@pytest.fixture
async def house(database: Callable[[str], Database], tmp_path: Path) -> AsyncIterator[House]:
    settings = Settings(
        service="resources", database_url=database("resources").url, data=tmp_path / "data",
        jwks_url=jwks_file(tmp_path), migrate=False,
    )
    app = service.app(settings)
    kit: Kit = app.state.kit
    yield House(app, kit)
    await kit.engine.dispose()
