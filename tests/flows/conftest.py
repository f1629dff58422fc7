"""Words of the stories that cross departments."""

from __future__ import annotations

import asyncio
import io
import itertools
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pymarc
import pytest

from tests.support.people import People

_serial = itertools.count(int(time.time()) % 100000 * 100)


async def eventually(ask: Callable[[], Awaitable[Any]], *, seconds: float = 30) -> Any:
    """The first answer that is true, asked for again until the deadline."""
    deadline = time.monotonic() + seconds
    while True:
        found = await ask()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"still {found!r} after {seconds} s: {getattr(ask, '__doc__', '') or ask}")
        await asyncio.sleep(0.05)


@dataclass
class Story:
    """The people of a story and what they do, by API, through the gateway."""

    people: People

    async def _send(self, who: str, method: str, url: str, *, status: int = 200, **body: Any) -> dict[str, Any]:
        client = await self.people(who)
        answer = await client.request(method, url, **({"json": body} if method == "POST" else {"params": body}))
        assert answer.status_code == status, f"{who} {method} {url}: {answer.status_code} {answer.text[:500]}"
        return answer.json()

    async def get(self, who: str, url: str, **params: Any) -> dict[str, Any]:
        return await self._send(who, "GET", url, **params)

    async def post(self, who: str, url: str, *, status: int = 200, **body: Any) -> dict[str, Any]:
        return await self._send(who, "POST", url, status=status, **body)

    async def a_book(self, title: str = "修补术入门", *, in_process: bool = False) -> tuple[str, str]:
        """A title with one item, imported as a file by the cataloguer: (barcode, instance id)."""
        barcode = f"T{next(_serial):09d}"
        record = pymarc.Record(force_utf8=True)
        record.leader = pymarc.Leader("00000nam a2200000   4500")
        record.add_field(pymarc.Field("001", data=f"flow-{barcode}"))
        def add(tag: str, *pairs: tuple[str, str]) -> None:
            fields = [pymarc.Subfield(code, value) for code, value in pairs]
            record.add_field(pymarc.Field(tag, indicators=["1", "0"], subfields=fields))
        add("245", ("a", f"{title} {barcode}"), ("c", "测试馆员编"))
        add("260", ("a", "镇江"), ("b", "云山大学出版社"), ("c", "2026"))
        add("852", ("b", "sk-2f"), ("h", "G253/1"), ("p", barcode))
        client = await self.people("res-mgt")
        answer = await client.post(
            "/api/resources/imports", data={"location": "sk-2f", "start": "1", "in_process": str(int(in_process))},
            files={"file": (f"{barcode}.mrc", io.BytesIO(record.as_marc()), "application/marc")},
        )
        assert answer.status_code == 202, answer.text
        job = answer.json()["no"]

        async def done() -> bool:
            return (await self.get("res-mgt", f"/api/resources/imports/{job}"))["state"] == "done"

        await eventually(done)
        await eventually(lambda: self.item(barcode))
        return barcode, (await self.item(barcode))["instance_id"]

    async def item(self, barcode: str) -> dict[str, Any]:
        """The item as the desk knows it; empty while it does not."""
        client = await self.people("rdr-dsk")
        answer: httpx.Response = await client.get(f"/api/reader/items/{barcode}")
        return answer.json() if answer.status_code == 200 else {}

    async def a_patron(self, category: str = "undergraduate") -> str:
        """A patron who may borrow."""
        card = f"F{next(_serial):08d}"
        await self.post("rdr-dsk", "/api/reader/patrons", status=201, card=card, name="故事读者", category=category)
        return card

    async def repair_of(self, slip: str, state: str = "") -> dict[str, Any]:
        """The workshop's job that answers a slip, once it is (in that state) on the list."""

        async def found() -> dict[str, Any]:
            page = await self.get("res-dig", "/api/resources/repairs", size=100, **({"state": state} if state else {}))
            return next((job for job in page["items"] if job["slip"] == slip), {})

        return await eventually(found)

    async def inspection_of(self, slip: str) -> dict[str, Any]:
        """The re-inspection that waits at the desk."""

        async def found() -> dict[str, Any]:
            page = await self.get("rdr-dsk", "/api/reader/inspections", state="waiting", slip=slip)
            return page["items"][0] if page["items"] else {}

        return await eventually(found)


@pytest.fixture
async def story(people: People) -> Story:
    return Story(people)
