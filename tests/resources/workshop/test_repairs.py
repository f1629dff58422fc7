"""A damage slip becomes a job, the job follows the desk's facts, and nothing is done twice.

covers: RES-DIG-02
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.resources.workshop.repair import rules
from services.resources.workshop.repair.model import RepairState
from services.resources.workshop.repair.register import repairs
from shared.database import uuid7
from shared.events.reader import (
    DamageWithdrawn,
    InspectionFailed,
    InspectionPassed,
    ItemDamaged,
    ItemIrreparable,
)
from shared.testing.registers import keeps_its_promises
from tests.resources.conftest import BINDER, CATALOGUER, CLERK, RECORDS, House

BARCODE = "A000000018"


def about(**more: Any) -> dict[str, Any]:
    return {"barcode": BARCODE, "title": "活着", "call_number": "I247", "location": "二层文艺库", "slip": "PS2026-0001", **more}


def damaged(**more: Any) -> ItemDamaged:
    facts = about(kind="spine", kind_label="书脊开裂", grade="medium", grade_label="中度", note="脱胶", holds_waiting=1)
    return ItemDamaged(**{**facts, **more})


@pytest.fixture
async def barcode(house: House) -> str:
    await house.places()
    await house.read(RECORDS / "bnu.mrc")
    return str((await house.rows("SELECT barcode FROM item ORDER BY barcode LIMIT 1"))[0][0])


async def state_of(house: House, slip: str = "PS2026-0001") -> str:
    return str((await house.rows("SELECT state FROM repair WHERE slip = :slip", slip=slip))[0][0])


async def number_of(house: House, slip: str = "PS2026-0001") -> str:
    return str((await house.rows("SELECT no FROM repair WHERE slip = :slip", slip=slip))[0][0])


async def move(house: House, action: str, slip: str = "PS2026-0001", **asked: Any) -> None:
    async with house.work(BINDER) as work:
        await repairs.move(work, await number_of(house, slip), action, **asked)


async def test_medium_damage_opens_one_job_however_often_it_is_told(house: House, barcode: str):
    chain = uuid7()
    for _twice in range(2):
        await house.heed(damaged(barcode=barcode), correlation=chain, a_field_we_do_not_know={"x": 1})
    rows = await house.rows("SELECT state, correlation, created_by, holds_waiting FROM repair")
    assert [tuple(r) for r in rows] == [("waiting", chain, "S020", 1)]
    ((_name, fact),) = await house.said("resources.repair.opened")
    assert fact["number"].startswith("XB")
    stamps = await house.rows("SELECT headers->>'correlation' FROM outbox WHERE subject LIKE '%repair.opened%'")
    assert stamps[0][0] == str(chain)


@pytest.mark.parametrize("grade", ["light", "heavy"])
async def test_other_grades_are_not_ours(house: House, grade: str):
    await house.heed(damaged(grade=grade))
    assert await house.rows("SELECT 1 FROM repair") == []


async def test_the_whole_way_of_a_mended_book(house: House, barcode: str):
    await house.heed(damaged(barcode=barcode))
    await move(house, "start", diagnosis="书脊脱胶，重裱")
    assert (await house.rows("SELECT custodian FROM item WHERE barcode = :b", b=barcode))[0][0] == "resources"
    await move(house, "finish", note="已重裱", minutes=45, material="绢布", cost_cents=350)
    assert (await house.rows("SELECT custodian FROM item WHERE barcode = :b", b=barcode))[0][0] == "reader"
    assert await state_of(house) == "re_inspection"
    await house.heed(InspectionPassed(**about(barcode=barcode), inspection_id="x", next="shelve", next_label="归架"))
    assert await state_of(house) == "closed"
    told = [name for name, _fact in await house.said() if "repair" in name]
    assert [name.rsplit(".", 1)[1] for name in told] == ["opened", "started", "completed", "closed"]
    (job,) = await house.rows("SELECT operator, minutes, material, cost_cents FROM repair")
    assert tuple(job) == ("S003", 45, "绢布", 350)


async def test_a_failed_repair_comes_back_and_its_cost_adds_up(house: House, barcode: str):
    await house.heed(damaged(barcode=barcode))
    await move(house, "start", diagnosis="裱")
    await move(house, "finish", note="裱好", minutes=30, cost_cents=100)
    await house.heed(InspectionFailed(**about(barcode=barcode), inspection_id="x", fails=1, reason="仍脱页"))
    (job,) = await house.rows("SELECT state, round, verdict, minutes, minutes_before, cost_before FROM repair")
    assert tuple(job) == ("waiting", 2, "仍脱页", 0, 30, 100)
    ((_name, fact),) = await house.said("resources.repair.reopened")
    assert (fact["round"], fact["reason"]) == (1, "仍脱页")
    await move(house, "start")
    await move(house, "finish", note="再裱", minutes=20)
    await house.heed(InspectionFailed(**about(barcode=barcode), inspection_id="y", fails=2, reason="散了"))
    assert await state_of(house) == "re_inspection"  # the desk's next fact decides
    await house.heed(ItemIrreparable(**about(barcode=barcode), reason="散了"))
    assert await state_of(house) == "irreparable"
    ((reason, source),) = await house.rows("SELECT reason, source FROM weeding_line")
    assert (reason, source) == ("irreparable", await number_of(house))
    assert not await house.said("resources.repair.irreparable")  # the desk has said so already


async def test_a_slip_withdrawn_before_pick_up_cancels_the_job(house: House):
    await house.heed(damaged())
    for _twice in range(2):
        await house.heed(DamageWithdrawn(**about(), reason="看错了"))
    assert await state_of(house) == "cancelled"
    assert len(await house.said("resources.repair.cancelled")) == 1


async def test_a_slip_withdrawn_too_late_leaves_the_job_on_the_bench(house: House):
    await house.heed(damaged())
    await move(house, "start", diagnosis="裱")
    await house.heed(DamageWithdrawn(**about(), reason="看错了"))
    (job,) = await house.rows("SELECT state, verdict FROM repair")
    assert tuple(job) == ("in_work", "看错了")


async def test_facts_out_of_order_leave_the_job_where_it_is(house: House):
    await house.heed(InspectionPassed(**about(), inspection_id="x", next="shelve", next_label="归架"))
    await house.heed(damaged())
    await house.heed(InspectionFailed(**about(), inspection_id="x", fails=1, reason="早"))
    await house.heed(InspectionPassed(**about(), inspection_id="x", next="shelve", next_label="归架"))
    assert await state_of(house) == "waiting"


async def test_the_workshop_gives_up_and_the_item_is_proposed_for_weeding_once(house: House, barcode: str):
    chain = uuid7()
    await house.heed(damaged(barcode=barcode), correlation=chain)
    await move(house, "irreparable", note="缺页过多")
    await house.heed(ItemIrreparable(**about(barcode=barcode), reason="缺页过多"))
    lines = await house.rows("SELECT proposer, correlation, state FROM weeding_line")
    assert [tuple(line) for line in lines] == [("S003", chain, "proposed")]
    assert len(await house.said("resources.weeding.proposed")) == 1
    assert (await house.rows("SELECT life, custodian FROM item WHERE barcode = :b", b=barcode))[0] == ("candidate", "resources")


async def test_heavy_damage_goes_straight_to_the_weeding_register(house: House, barcode: str):
    await house.heed(damaged(barcode=barcode, grade="heavy"))
    await house.heed(ItemIrreparable(**about(barcode=barcode), reason="霉变"), actor="S020")
    ((proposer, source),) = await house.rows("SELECT proposer, source FROM weeding_line")
    assert (proposer, source) == ("S020", "PS2026-0001")


async def test_the_list_begins_with_books_others_wait_for(house: House):
    await house.heed(damaged(slip="PS1", holds_waiting=0))
    await house.heed(damaged(slip="PS2", holds_waiting=3))
    await house.heed(damaged(slip="PS3", holds_waiting=0))
    async with house.client(BINDER) as client:
        answer = (await client.get("/api/resources/repairs?state=waiting")).json()
    assert answer["total"] == 3
    assert [row["slip"] for row in answer["items"]] == ["PS2", "PS1", "PS3"]


async def test_programs_start_finish_and_give_up_with_a_note(house: House):
    for slip in ("PS1", "PS2"):
        await house.heed(damaged(slip=slip))
    first, second = await number_of(house, "PS1"), await number_of(house, "PS2")
    async with house.client(BINDER) as client:
        base = "/api/resources/repairs"
        started = await client.post(f"{base}/{first}/start", json={"note": "脱胶"})
        assert (started.status_code, started.json()["state"], started.json()["diagnosis"]) == (200, "in_work", "脱胶")
        done = await client.post(f"{base}/{first}/finish", json={"note": "已裱"})
        assert done.json()["state"] == "re_inspection"
        given_up = await client.post(f"{base}/{second}/irreparable", json={"note": "缺页"})
        assert given_up.json()["state"] == "irreparable"
        again = await client.post(f"{base}/{first}/start", json={"note": "脱胶"})
        assert again.status_code == 409
    for person in (CLERK, CATALOGUER):
        async with house.client(person) as client:
            assert (await client.post(f"{base}/{first}/start", json={})).status_code == 403
            assert (await client.post(f"{base}/{first}/close", json={})).status_code == 403


def test_the_target_counts_working_days_only():
    assert rules.target(date(2026, 11, 20)) == date(2026, 12, 4)  # Friday → Friday two weeks on
    assert rules.target(date(2026, 11, 21), days=1) == date(2026, 11, 23)


async def test_the_list_of_jobs_keeps_its_promises(house: House):
    count = iter(range(1000))

    def fill() -> dict[str, Any]:
        return {"slip": f"PS-{next(count)}", "barcode": BARCODE, "title": "A book", "kind": "spine"}

    ask = {"finish": {"note": "done"}, "irreparable": {"note": "gone"}}
    await keeps_its_promises(repairs, house.app, fill, ask=ask)


async def test_every_state_of_a_job_can_be_left_or_is_an_end():
    ends = {RepairState.closed, RepairState.irreparable, RepairState.cancelled}
    assert {state for state in RepairState if not any(s is state for s, _a in rules.LIFE)} == ends
