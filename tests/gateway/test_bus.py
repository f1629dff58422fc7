"""The gateway learns over the real bus what a department has committed, exactly once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
from prometheus_client import CollectorRegistry
from sqlalchemy import text

from shared.database import new_engine, new_sessions
from shared.events.base import CaseMoved
from shared.identity import Actor
from shared.messaging.bus import Bus
from shared.messaging.handlers import Handlers
from shared.messaging.provision import provision
from shared.settings import Settings
from shared.work import Works
from tests.gateway.conftest import Start
from tests.support.databases import Database
from tests.support.infra import Infra

CLERK = Actor(id="S001", kind="staff", posts=("RDR-DSK",))


def _slip(number: int) -> CaseMoved:
    return CaseMoved(
        department="reader", register_="slips", number=f"D-{number}", title="交接单", action="open", act="交接",
        state="open", state_label="待签收", holders=("RDR-DSK",), url=f"/reader/slips/D-{number}",
    )


async def _until_total(client: httpx.AsyncClient, wanted: int) -> None:
    async with asyncio.timeout(20):
        while (await client.get("/api/work")).json()["total"] != wanted:
            await asyncio.sleep(0.05)


async def test_what_a_department_commits_appears_on_the_list_and_in_the_chronicle_once(
    start: Start, database: Callable[[str], Database], infra: Infra
) -> None:
    await provision(infra.nats_url)
    kept = database("reader")
    settings = Settings.load("reader", database_url=kept.url, nats_url=infra.nats_url)
    engine = new_engine(settings)
    bus = Bus(settings, new_sessions(engine), Handlers(), registry=CollectorRegistry())
    works = Works(new_sessions(engine), "reader", bus.poke)
    gateway = await start()
    client = await gateway.signed_in("rdr-dsk")
    await bus.start()
    try:
        for number in range(5):
            async with works.open(CLERK) as work:
                work.emit(_slip(number))
        await _until_total(client, 5)
        async with gateway.kit.reading() as session:
            told = await session.scalar(text("SELECT count(*) FROM chronicle WHERE source = 'reader' AND name LIKE '%case.moved'"))
        assert told == 5
        found = (await client.get("/api/timeline?case=D-3")).json()
        assert found["items"][0]["sentence"] == "交接单：交接（D-3）"
    finally:
        await bus.stop()
        await engine.dispose()


async def test_copies_can_be_thrown_away_and_told_again_without_repeating_notices(start: Start) -> None:
    from gateway.app import service
    from gateway.housekeeping import forget_copies

    gateway = await start()
    client = await gateway.signed_in("rdr-dsk")
    envelope = await gateway.feed(_slip(1), actor="system", kind="system")
    assert (await client.get("/api/notices")).json()["total"] == 1
    async with gateway.kit.works.open() as work:
        await forget_copies(work.session, "reader")
    assert (await client.get("/api/work")).json()["total"] == 0
    async with gateway.kit.works.open() as work:
        await service.handlers.handle(work, envelope, _slip(1).model_dump(mode="json"), replay=True)
    assert (await client.get("/api/work")).json()["total"] == 1
    assert (await client.get("/api/notices")).json()["total"] == 1
