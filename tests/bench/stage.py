"""The suite under measurement: real servers, durable settings, the demonstration library, and stock of our own."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import aiohttp
import psycopg

from deploy.local.suite import Suite
from shared.barcodes import barcode
from tests.bench.machine import Meter

T = TypeVar("T")
CLERKS = ("rdr-dsk", "rdr-led", "rdr-cir")
# Above every serial of the demonstration library; runs on one folder do not meet.
FIRST_SERIAL = 60_000_000
_LAST = """
SELECT coalesce(max(substring(code from '^(?:A|BN)(6[0-9]{7})')::int), %s)
FROM (SELECT barcode FROM item UNION ALL SELECT card FROM patron) AS known (code)
"""


class Unexpected(Exception):
    """An answer that is not what a measured request must get."""


@dataclass
class Stage:
    """Doors, people and databases of one running suite."""

    suite: Suite
    http: aiohttp.ClientSession
    meter: Meter
    quick: bool
    rows: dict[str, psycopg.AsyncConnection[Any]]
    tokens: dict[str, str] = field(default_factory=dict)
    serials: Any = None

    async def ask(self, who: str, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        """One request as this person; any other status than the expected ends the run."""
        headers = {"authorization": f"Bearer {await self.token(who)}"}
        async with self.http.request(method, path, json=body, headers=headers) as answer:
            if answer.status != status:
                raise Unexpected(f"{method} {path} as {who}: {answer.status} {(await answer.text())[:400]}")
            return await answer.json()

    async def token(self, who: str) -> str:
        """This person's bearer token, kept for the run."""
        if who not in self.tokens:
            given = {"username": who, "password": self.suite.password}
            async with self.http.post("/api/token", json=given) as answer:
                if answer.status != 200:
                    raise Unexpected(f"{who} cannot sign in: {answer.status} {await answer.text()}")
                self.tokens[who] = (await answer.json())["access_token"]
        return self.tokens[who]

    async def titles(self, number: int) -> list[str]:
        """Ids of records of the catalogue to hang copies on; nobody waits for them."""
        waited = await self.rows["reader"].execute(
            "select instance_id from hold where state in ('waiting', 'ready')"
        )
        found = await self.rows["resources"].execute(
            "select id::text from instance where id::text <> all(%s) order by number limit %s",
            [[one for (one,) in await waited.fetchall()], number],
        )
        ids = [str(one) for (one,) in await found.fetchall()]
        if len(ids) < number:
            raise Unexpected(f"the catalogue has only {len(ids)} records nobody waits for")
        return ids

    async def stock(self, number: int, *, spread: int = 200) -> list[str]:
        """Register copies with barcodes of their own and wait until the desk knows them."""
        records = await self.titles(min(number, spread))
        codes = [barcode("A", next(self.serials)) for _ in range(number)]
        await few_at_once([
            self.ask("res-mgt", "POST", "/api/resources/items", {
                "instance_id": record, "barcode": code, "location": "sk-2f",
                "call_number": "B0/1", "price_cents": 5000,
            }, status=201)
            for code, record in zip(codes, itertools.cycle(records), strict=False)
        ])
        await self.known(codes)
        return codes

    async def known(self, codes: list[str], *, within: float = 60) -> None:
        """Wait until the desk has heard of these copies."""
        deadline = time.monotonic() + within
        query = "select count(*) from item where barcode = any(%s)"
        while (await (await self.rows["reader"].execute(query, [codes])).fetchone() or (0,))[0] < len(codes):
            if time.monotonic() > deadline:
                raise Unexpected(f"the desk has not heard of all {len(codes)} copies after {within:.0f} s")
            await asyncio.sleep(0.1)

    async def patrons(self, number: int, category: str = "staff") -> list[str]:
        """Register patrons; their cards."""
        cards = [f"BN{next(self.serials)}" for _ in range(number)]
        await few_at_once([
            self.ask("rdr-dsk", "POST", "/api/reader/patrons",
                     {"card": card, "name": "测试读者", "category": category}, status=201)
            for card in cards
        ])
        return cards

    async def quiet(self, *, within: float = 120) -> float:
        """Wait until every department has heard all that was said; how many seconds that took."""
        begun = time.monotonic()
        while behind := await self.unheard():
            if time.monotonic() - begun > within:
                raise Unexpected(f"still on their way after {within:.0f} s: {behind}")
            await asyncio.sleep(0.1)
        return time.monotonic() - begun

    async def unheard(self) -> int:
        """How many facts have not reached everybody who listens to their department."""
        said, heard, behind = {}, {}, 0
        for service, link in self.rows.items():
            cursors = await link.execute("select source, seq from inbox_cursor")
            heard |= {(service, source): seq for source, seq in await cursors.fetchall()}
            row = await (await link.execute(
                "select count(*) filter (where seq is null), coalesce(max(seq), 0) from outbox"
            )).fetchone()
            waiting, said[service] = row or (0, 0)
            behind += waiting
        return behind + sum(max(0, said[source] - seq) for (_who, source), seq in heard.items() if source in said)


async def few_at_once(calls: Iterable[Awaitable[T]], most: int = 4) -> list[T]:
    """Do them with a handful under way at any moment."""
    turn = asyncio.Semaphore(most)

    async def one(call: Awaitable[T]) -> T:
        async with turn:
            return await call

    return await asyncio.gather(*map(one, calls))


@asynccontextmanager
async def stage(suite: Suite, *, quick: bool) -> AsyncIterator[Stage]:
    """Connections to a suite that runs."""
    parts = ("postgres", "nats", *suite.services, *(("selfcheck",) if suite.sip2_port else ()))
    async with AsyncExitStack() as until_the_end:
        http = await until_the_end.enter_async_context(aiohttp.ClientSession(
            suite.base_url, connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(total=60), headers={"accept": "application/json"},
        ))
        rows = {}
        for service in suite.services:
            link = await psycopg.AsyncConnection.connect(suite.database_url(service), autocommit=True)
            rows[service] = await until_the_end.enter_async_context(link)
        found = Stage(suite, http, Meter({name: suite.pid(name) or 0 for name in parts}), quick, rows)
        last = await (await rows["reader"].execute(_LAST, [FIRST_SERIAL])).fetchone()
        found.serials = itertools.count((last or (FIRST_SERIAL,))[0] + 1)
        await found.quiet()
        yield found
