"""Signals and notices: who hears what, how soon, and when a stream ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from gateway.live import stream
from gateway.live.hub import QUEUE, Hub
from gateway.live.tail import HEADS
from shared.events.reader import (
    HoldEnded,
    HoldPostponed,
    HoldReady,
    InspectionOpened,
    ItemDamaged,
    ItemLent,
)
from shared.events.resources import RepairCancelled, RepairOpened
from shared.identity import Actor
from tests.gateway.conftest import Running, Start
from tests.gateway.test_work import BOOK, REPAIR, case
from tests.support.days import local_day

TODAY = local_day()


class Listener:
    """What a browser's stream has said so far."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.ended = asyncio.Event()

    async def until(self, kind: str, number: int = 1) -> list[dict[str, Any]]:
        async with asyncio.timeout(8):
            while len(found := [m for m in self.heard if m["type"] == kind]) < number:
                await asyncio.sleep(0.02)
        return found

    def topics(self) -> list[str]:
        return [m["topic"] for m in self.heard if m["type"] == "changed"]


async def _passed(gateway: Running) -> None:
    """What happened before a stream opened may still be on its way: let the tail go past it."""
    async with gateway.kit.reading() as session:
        heads = tuple((await session.execute(HEADS)).one())
    async with asyncio.timeout(8):
        while gateway.gate.hub.heads != heads:
            await asyncio.sleep(0.02)


@asynccontextmanager
async def listening(gateway: Running, client: httpx.AsyncClient) -> AsyncIterator[Listener]:
    listener = Listener()
    await _passed(gateway)
    before = sum(map(len, gateway.gate.hub.streams.values()))

    async def read() -> None:
        async with client.stream("GET", "/events") as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            async for line in answer.aiter_lines():
                if line.startswith("data: "):
                    listener.heard.append(json.loads(line[6:]))
        listener.ended.set()

    task = asyncio.create_task(read())
    async with asyncio.timeout(5):
        while sum(map(len, gateway.gate.hub.streams.values())) == before:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0)
    try:
        yield listener
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _damaged() -> ItemDamaged:
    return ItemDamaged(**BOOK, kind="page", kind_label="缺页", grade="medium", grade_label="中度")


async def test_a_change_in_any_department_reaches_the_open_page(gateway: Running) -> None:
    client = await gateway.signed_in("rdr-dsk")
    async with listening(gateway, client) as listener:
        await gateway.feed(_damaged())
        await gateway.feed(case("GD-1", "TEC-SYS"))
        await listener.until("changed", 2)
        assert sorted(listener.topics()) == ["reader.damage", "tech.tickets"]


async def test_only_those_whose_list_of_work_changed_are_told_to_read_it_again(gateway: Running) -> None:
    await gateway.staff("tec-sys")
    workshop = await gateway.signed_in("res-dig")
    desk = await gateway.signed_in("rdr-dsk")
    async with listening(gateway, workshop) as bench, listening(gateway, desk) as front:
        await gateway.feed(RepairOpened(**REPAIR), actor="system", kind="system")
        await bench.until("changed", 2)
        assert bench.topics() == ["resources.repairs", "work"]
        await gateway.feed(RepairCancelled(**{k: v for k, v in REPAIR.items() if k not in {"kind", "grade"}}))
        await bench.until("changed", 4)
        assert bench.topics().count("work") == 2
        await front.until("changed", 2)
        assert "work" not in front.topics()


async def test_a_case_that_lands_on_a_post_is_announced_to_its_holders_and_kept_until_read(
    gateway: Running,
) -> None:
    workshop = await gateway.signed_in("res-dig")
    desk = await gateway.signed_in("rdr-dsk")
    async with listening(gateway, workshop) as bench, listening(gateway, desk) as front:
        await gateway.feed(RepairOpened(**REPAIR), actor="system", kind="system")
        told = (await bench.until("notice"))[0]
        assert told["text"] == "待修补：《三体》（A100001）"
        assert told["url"] == "/resources/repairs/XB2026-0001"
        await front.until("changed")
        assert not [m for m in front.heard if m["type"] == "notice"]
    kept = (await workshop.get("/api/notices")).json()
    assert [item["text"] for item in kept["items"]] == ["待修补：《三体》（A100001）"]
    assert (await desk.get("/api/notices")).json()["total"] == 0
    page = (await workshop.get("/notices")).text
    assert "待修补：《三体》" in page
    await workshop.post("/notices/read")
    assert (await workshop.get("/api/notices")).json()["total"] == 0


async def test_who_sent_the_case_is_not_told_and_old_news_is_not_announced(gateway: Running) -> None:
    client = await gateway.signed_in("tec-sys")
    await gateway.feed(case("GD-1", "TEC-SYS"), actor="S004")
    await gateway.feed(case("GD-2", "TEC-SYS"), at=datetime.now(UTC) - timedelta(days=2))
    assert (await client.get("/api/notices")).json()["total"] == 0
    assert (await client.get("/api/work")).json()["total"] == 2


async def test_a_case_that_stays_on_the_same_desk_is_announced_once(gateway: Running) -> None:
    client = await gateway.signed_in("rdr-dsk")
    await gateway.feed(InspectionOpened(**BOOK, inspection_id="1"), actor="system", kind="system")
    await gateway.feed(InspectionOpened(**BOOK, inspection_id="1", round=2), actor="system", kind="system")
    assert (await client.get("/api/notices")).json()["total"] == 1


async def test_a_patron_hears_only_what_concerns_them(gateway: Running) -> None:
    await gateway.patron("R2023")
    client = await gateway.signed_in("r2023")
    lent = {"barcode": "A1", "title": "三体", "loan_id": "1", "due_on": TODAY}
    async with listening(gateway, client) as listener:
        await gateway.feed(_damaged())
        await gateway.feed(ItemLent(card="R9999", **lent))
        await gateway.feed(HoldReady(
            hold_id="h", card="R2023", instance_id="i", title="红楼梦", barcode="A2", shelf="3 号架", until=TODAY,
        ))
        told = (await listener.until("notice"))[0]
        assert "红楼梦" in told["text"]
        await listener.until("changed")
        assert set(listener.topics()) <= {"reader.patron", "reader.hold", "reader.holds", "reader.patrons"}  # being registered, and the hold


async def test_a_patron_is_told_when_a_hold_cannot_be_collected_after_all(gateway: Running) -> None:
    await gateway.patron("R2023")
    client = await gateway.signed_in("r2023")
    about = {"hold_id": "h", "card": "R2023", "instance_id": "i", "title": "红楼梦"}
    async with listening(gateway, client) as listener:
        await gateway.feed(HoldPostponed(**about, barcode="A2", reason="发现破损", position=1))
        told = (await listener.until("notice"))[0]
        assert "红楼梦" in told["text"]
        assert "暂不能取" in told["text"]
    await gateway.feed(HoldEnded(**about, how="cancelled", how_label="读者取消"), actor="R2023")
    await gateway.feed(HoldEnded(**about, how="cancelled", how_label="馆藏已剔除，无其他复本"))
    kept = [line["text"] for line in (await client.get("/api/notices")).json()["items"]]
    assert [text for text in kept if "已结束" in text] == ["您预约的《红楼梦》已结束：馆藏已剔除，无其他复本"]


async def test_every_process_of_the_gateway_tells_its_own_streams(gateway: Running, start: Start) -> None:
    other = await start()
    client = await gateway.signed_in("rdr-dsk")
    there = await other.client()
    there.cookies.set("guanwu", client.cookies["guanwu"], domain="127.0.0.1")
    async with listening(gateway, client) as here, listening(other, there) as elsewhere:
        await gateway.feed(_damaged())
        await here.until("changed")
        await elsewhere.until("changed")


async def test_a_stream_needs_a_session_and_ends_with_it(gateway: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = await gateway.client()
    assert (await stranger.get("/events")).status_code == 303
    monkeypatch.setattr(stream.answer, "__defaults__", (0.1,))
    client = await gateway.signed_in("rdr-dsk")
    second = await gateway.client()
    second.cookies.set("guanwu", client.cookies["guanwu"], domain="127.0.0.1")
    async with listening(gateway, client) as listener:
        await second.post("/logout")
        async with asyncio.timeout(5):
            await listener.ended.wait()


async def test_streams_end_at_once_when_the_process_is_asked_to_stop(gateway: Running) -> None:
    client = await gateway.signed_in("rdr-dsk")
    async with listening(gateway, client) as listener:
        gateway.gate.hub.close()
        async with asyncio.timeout(2):
            await listener.ended.wait()


def test_a_browser_that_does_not_read_gets_one_signal_to_look_at_everything() -> None:
    hub = Hub()
    slow = hub.open(Actor(id="S001"))
    for number in range(QUEUE + 5):
        hub.changed([f"reader.{number}"])
    assert slow.queue.qsize() < QUEUE
    assert slow.queue.get_nowait() == {"type": "changed", "topic": ""}
    hub.leave(slow)
    assert not hub.streams
