"""Desks that go on lending and returning while parts of the suite die, and count what happened to every request."""

import asyncio
import secrets
import time
from dataclasses import dataclass, field

import httpx

from tests.flows.conftest import Story

# A single gateway on a busy machine of two cores needs a minute and a half to come back.
PATIENCE = 240.0


@dataclass
class Count:
    """What became of the requests."""

    done: int = 0
    second_tries: int = 0
    lost: list[str] = field(default_factory=list)
    longest: float = 0.0

    def __str__(self) -> str:
        return f"{self.done} requests, {self.second_tries} asked again, {len(self.lost)} lost, longest {self.longest:.1f} s"


@dataclass
class Desks:
    """A few desks, each with a patron and an item of its own."""

    story: Story
    pairs: list[tuple[str, str]] = field(default_factory=list)
    count: Count = field(default_factory=Count)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _enough: asyncio.Event = field(default_factory=asyncio.Event)

    async def open(self, number: int = 3) -> None:
        for _ in range(number):
            barcode, _instance = await self.story.a_book("压力之书")
            self.pairs.append((await self.story.a_patron(), barcode))
        client = await self.story.people("rdr-dsk")
        self._tasks = [asyncio.create_task(self._work(client, *pair)) for pair in self.pairs]

    async def close(self) -> Count:
        self._enough.set()
        await asyncio.gather(*self._tasks)
        return self.count

    async def _work(self, client: httpx.AsyncClient, card: str, barcode: str) -> None:
        # Only whole rounds: at the end every item is back, so that loans and returns can be compared.
        while not self._enough.is_set():
            await self._send(client, "/api/reader/loans", card=card, barcode=barcode)
            await self._send(client, "/api/reader/returns", barcode=barcode)
            await asyncio.sleep(0.1)

    async def _send(self, client: httpx.AsyncClient, url: str, **body: str) -> None:
        """As a desk does: the same request again, under the same key, until there is an answer."""
        key, began, why = secrets.token_hex(16), time.monotonic(), ""
        while time.monotonic() - began < PATIENCE:
            try:
                answer = await client.post(url, json=body, headers={"Idempotency-Key": key}, timeout=20)
                why = f"{answer.status_code} {answer.text[:200]}"
                if answer.status_code in {200, 201}:
                    self.count.done += 1
                    self.count.longest = max(self.count.longest, time.monotonic() - began)
                    return
            except httpx.HTTPError as error:
                why = repr(error)
            self.count.second_tries += 1
            await asyncio.sleep(0.5)
        self.count.lost.append(f"{url} {body}: {why}")
