"""My work: whose a case is, in which order, and what ten thousand open cases cost."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from sqlalchemy import text

from gateway.work.queries import cursor, statements
from shared.events.base import CaseMoved
from shared.events.reader import InspectionOpened, InspectionPassed, ItemDamaged
from shared.events.resources import RepairOpened
from tests.gateway.conftest import Running
from tests.support.days import local_day

BOOK = {"barcode": "A100001", "title": "三体", "slip": "PS2026-0001"}
REPAIR = {**BOOK, "item_id": "i1", "number": "XB2026-0001", "kind": "page", "grade": "medium"}


def case(number: str, *holders: str, **more: Any) -> CaseMoved:
    said = {
        "department": "tech", "register_": "tickets", "title": "报修单", "action": "open", "act": "报修",
        "state": "open", "state_label": "待受理", "url": f"/tech/tickets/{number}",
    }
    return CaseMoved(number=number, holders=holders, **{**said, **more})


async def _titles(gateway: Running, user: str, query: str = "") -> list[str]:
    client = await gateway.signed_in(user)
    return [item["title"] for item in (await client.get(f"/api/work{query}")).json()["items"]]


async def test_a_case_waits_for_the_post_its_prefix_and_the_named_person(gateway: Running) -> None:
    await gateway.feed(case("GD-1", "TEC-SYS"))
    await gateway.feed(case("GD-2", "TEC"))
    await gateway.feed(case("GD-3", "S004"))
    await gateway.feed(case("GD-4", "TEC-LOG"))
    await gateway.feed(case("GD-5", "S002", "TEC-SYS"))
    client = await gateway.signed_in("tec-sys")
    found = (await client.get("/api/work")).json()
    assert sorted(item["key"] for item in found["items"]) == [f"tickets:GD-{n}" for n in (1, 2, 3, 5)]
    assert found["total"] == 4
    named = (await client.get("/api/work?who=me")).json()
    assert [item["key"] for item in named["items"]] == ["tickets:GD-3"]
    assert (await client.get("/work/badges")).json() == {"work": 4, "tech": 4, "tickets": 4, "tech.tickets": 4}


async def test_a_case_leaves_the_list_of_one_department_when_another_has_done_its_part(gateway: Running) -> None:
    client = await gateway.signed_in("rdr-dsk")
    await gateway.feed(InspectionOpened(**BOOK, inspection_id="1"))
    assert (await client.get("/api/work")).json()["total"] == 1
    await gateway.feed(InspectionPassed(**BOOK, inspection_id="1", next="shelve", next_label="上架"))
    assert (await client.get("/api/work")).json()["total"] == 0


async def test_a_closing_heard_before_its_opening_still_closes(gateway: Running) -> None:
    now = datetime.now(UTC)
    client = await gateway.signed_in("rdr-dsk")
    passed = InspectionPassed(**BOOK, inspection_id="1", next="shelve", next_label="上架")
    await gateway.feed(passed, at=now)
    await gateway.feed(InspectionOpened(**BOOK, inspection_id="1"), at=now - timedelta(seconds=1))
    assert (await client.get("/api/work")).json()["total"] == 0
    await gateway.feed(InspectionOpened(**BOOK, inspection_id="1", round=2), at=now + timedelta(minutes=5))
    assert (await client.get("/api/work")).json()["total"] == 1


async def test_urgent_comes_first_then_by_date_and_the_overdue_can_be_picked_out(gateway: Running) -> None:
    today = local_day()
    await gateway.feed(case("GD-LATER", "TEC-SYS", due_on=today + timedelta(days=9)))
    await gateway.feed(case("GD-LATE", "TEC-SYS", due_on=today - timedelta(days=3)))
    await gateway.feed(case("GD-SOON", "TEC-SYS", due_on=today + timedelta(days=1)))
    await gateway.feed(case("GD-OPEN", "TEC-SYS"))
    client = await gateway.signed_in("tec-sys")
    keys = [item["key"].split("-")[1] for item in (await client.get("/api/work")).json()["items"]]
    assert keys == ["LATE", "SOON", "LATER", "OPEN"]
    late = (await client.get("/api/work?late=1")).json()
    assert [item["overdue"] for item in late["items"]] == [True]
    page = (await client.get("/work?late=1")).text
    assert "逾期" in page
    assert "GD-LATE" in page
    assert "GD-SOON" not in page


async def test_titles_are_kept_in_both_languages(gateway: Running) -> None:
    await gateway.feed(RepairOpened(**REPAIR), actor="system", kind="system")
    client = await gateway.signed_in("res-dig")
    zh = (await client.get("/api/work")).json()["items"][0]["title"]
    en = (await client.get("/api/work", headers={"cookie": f"lang=en; guanwu={client.cookies['guanwu']}"})).json()
    assert zh == "待修补：《三体》（A100001）"
    assert "三体" in en["items"][0]["title"]
    assert en["items"][0]["title"] != zh


async def _fill(gateway: Running, number: int) -> None:
    """Ten thousand open cases under many posts, a fair share of them under one."""
    async with gateway.kit.works.open() as work:
        await work.session.execute(text(
            "INSERT INTO work_item (key, kind, dept, title_zh, title_en, url, duty, urgent, due_at, holders,"
            " opened_at, moved_at) SELECT 'tickets:' || n, 'tickets', (ARRAY['tech','reader','office'])[1 + n % 3],"
            " 'T' || n, 'T' || n, '', '', false, now() + n * interval '1 minute', '[]', now(), now()"
            " FROM generate_series(1, :n) n"
        ), {"n": number})
        await work.session.execute(text(
            "INSERT INTO work_holder (holder, sort_at, item_id, dept, due_at) SELECT"
            " (ARRAY['TEC-SYS','TEC','RDR-DSK','OFF-ADM','S004'])[1 + id % 5], due_at, id, dept, due_at FROM work_item"
        ))
    # What autovacuum does in an installation; only the owner may.
    owner = await psycopg.AsyncConnection.connect(gateway.settings.owner_database_url, autocommit=True)
    async with owner:
        await owner.execute("ANALYZE work_item, work_holder")


def _rows(plan: dict[str, Any]) -> int:
    """How many rows the leaves of a plan have read."""
    below = plan.get("Plans", ())
    if not below:
        return int(plan["Actual Rows"] * plan["Actual Loops"] + plan.get("Rows Removed by Filter", 0) * plan["Actual Loops"])
    return sum(_rows(one) for one in below)


async def _plan(gateway: Running, query: str, **params: Any) -> dict[str, Any]:
    async with gateway.kit.reading() as session:
        found = await session.scalar(text(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}"), params)
    plan: dict[str, Any] = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return plan


async def test_a_page_of_a_persons_list_reads_a_page_and_not_ten_thousand_cases(gateway: Running) -> None:
    await _fill(gateway, 10_000)
    mine = ["S004", "TEC-SYS", "TEC", "staff"]
    at, number = cursor("")
    page, _total = statements(dept="", late=False)
    plan = await _plan(gateway, page, mine=mine, after_at=at, after_id=number, limit=21)
    # 21 per holder from the index, then 21 rows of the list: nothing grows with the number of cases.
    assert _rows(plan) <= len(mine) * 21 + 21 + len(mine)
    assert "Seq Scan" not in json.dumps(plan)
    client = await gateway.signed_in("tec-sys")
    found = (await client.get("/api/work")).json()
    assert (len(found["items"]), found["total"]) == (20, 6_000)


async def test_paging_shows_every_case_once_and_in_order(gateway: Running) -> None:
    await _fill(gateway, 150)
    client = await gateway.signed_in("tec-sys")
    seen: list[dict[str, Any]] = []
    after = ""
    while True:
        found = (await client.get("/api/work", params={"after": after, "size": "20"})).json()
        seen += found["items"]
        if not (after := found["next"] or ""):
            break
    assert len(seen) == len({item["key"] for item in seen}) == found["total"] == 90
    assert [item["due_at"] for item in seen] == sorted(item["due_at"] for item in seen)
    filtered = (await client.get("/api/work?dept=tech")).json()
    assert {item["department"] for item in filtered["items"]} == {"tech"}
    assert (await client.get("/work?dept=tech")).status_code == 200


async def test_a_fact_that_asks_nothing_of_anybody_opens_nothing(gateway: Running) -> None:
    damaged = ItemDamaged(**BOOK, kind="page", kind_label="缺页", grade="light", grade_label="轻度")
    await gateway.feed(damaged)
    await gateway.feed(case("GD-9", "TEC-SYS", final=True))
    assert await _titles(gateway, "tec-sys") == []
