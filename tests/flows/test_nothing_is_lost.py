"""Parts of the suite die in the middle of the story; all of it catches up."""

from __future__ import annotations

import asyncio

from deploy.local.suite import Suite
from tests.flows.conftest import Story, eventually


async def _damage(story: Story, title: str) -> tuple[str, str]:
    barcode, _instance = await story.a_book(title)
    slip = await story.post(
        "rdr-dsk", "/api/reader/damage-reports", status=201, barcode=barcode, kind="spine", grade="medium"
    )
    return barcode, slip["slip"]


async def test_a_workshop_that_was_down_catches_up(story: Story, suite: Suite) -> None:
    barcode, _instance = await story.a_book("停机期")
    suite.kill("resources")
    try:
        slip = await story.post(
            "rdr-dsk", "/api/reader/damage-reports", status=201, barcode=barcode, kind="spine", grade="medium"
        )
        client = await story.people("res-dig")
        answer = await client.get("/api/resources/repairs")
        assert answer.status_code == 503
        assert answer.json()["reasons"]
        home = await client.get("/", headers={"Accept": "text/html"})
        assert home.status_code < 400, "the rest of the house goes on"
    finally:
        await asyncio.to_thread(suite.start_one, "resources")
    assert await story.repair_of(slip["slip"])


async def test_a_wiped_bus_loses_nothing(story: Story, suite: Suite) -> None:
    before = await _damage(story, "总线清空之前")
    await asyncio.to_thread(suite.wipe_nats)
    after = await _damage(story, "总线清空之后")
    for _barcode, slip in (before, after):
        assert await story.repair_of(slip)

    async def told() -> bool:
        page = await story.get("rdr-dsk", "/api/timeline", item=after[0])
        return any(e["event"] == "resources.repair.opened" for e in page["items"])

    await eventually(told)


async def test_a_fault_comes_back_to_its_reporter(story: Story) -> None:
    fault = await story.post(
        "rdr-cir", "/api/tech/faults", status=201, place="三层东区", kind="computer", note="打印机卡纸"
    )
    url = f"/api/tech/work-orders/{fault['no']}"

    async def waits_for(who: str) -> bool:
        page = await story.get(who, "/api/work", limit=200)
        return any(fault["no"] in item["url"] for item in page["items"])

    await eventually(lambda: waits_for("tec-sys"))
    await story.post("tec-sys", f"{url}/accept")
    await story.post("tec-sys", f"{url}/resolve", note="清除卡纸")
    await eventually(lambda: waits_for("rdr-cir"))
    await story.post("rdr-cir", f"{url}/confirm", rating=5)

    async def gone() -> bool:
        return not await waits_for("rdr-cir")

    await eventually(gone)
