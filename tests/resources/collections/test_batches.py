"""A weeding batch is built by rule, pulled, viewed, approved, written off and disposed of by different people.

covers: RES-MGT-04 RDR-STK-CST-02
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from services.resources.collections.batches import commands, rules
from services.resources.collections.batches.model import BatchState
from services.resources.collections.batches.register import batches, write_on_by_the_minute
from services.resources.collections.weeding.model import View
from services.resources.collections.weeding.register import weeding
from shared.events.reader import (
    ItemLent,
    ItemUsedInHouse,
    PulledItem,
    WeedingPulled,
    WeedingSuggested,
)
from shared.identity import Actor
from shared.refusals import Invalid, SamePerson
from shared.testing.registers import keeps_its_promises
from tests.resources.collections.shelf import HERE, LEADER, get, post, shelf
from tests.resources.conftest import CATALOGUER, CLERK, DIRECTOR, EXPERT, House
from tests.support.days import local_day

OTHER = Actor("S004", "邵采访", posts=("RES-ACQ",), dept="resources")
WORDS: dict[str, dict[str, Any]] = {
    "approve": {"meeting_no": "馆〔2026〕1"}, "approve_last": {"second_reason": "另有电子版"}, "spare_last": {"second_reason": "本省仅藏"},
    "write_off": {"asset_no": "资〔2026〕9"}, "dispose": {"way": "pulp", "proof": "过磅单 12"}, "cancel": {"cancel_reason": "重拟"}, "send_back": {"back_reason": "再看复本"},
}


@pytest.fixture(autouse=True)
def roomy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shelf of ten books could lose none in a year."""
    monkeypatch.setattr(rules, "SHARE_PERMILLE", 1000)


async def begin(house: House, **more: Any) -> str:
    async with house.work() as work:
        return str((await batches.open(work, title="年度剔旧", **{"grounds": ["excess"], "copies_kept": 2, **more})).no)


async def move(house: House, number: str, action: str, actor: Actor = CATALOGUER) -> str:
    async with house.work(actor) as work:
        return str((await batches.move(work, number, action, **WORDS.get(action, {}))).state)


async def picked(house: House) -> dict[str, tuple[str, str]]:
    rows = await house.rows("SELECT i.barcode, p.ground, p.guard FROM weeding_pick p JOIN item i ON i.id = p.item_id")
    return {row[0]: (row[1], row[2]) for row in rows}


async def lines(house: House) -> dict[str, str]:
    return {row[0]: row[1] for row in await house.rows("SELECT barcode, state FROM weeding_line")}


async def lives(house: House, *codes: str) -> list[str]:
    return [row[0] for row in await house.rows("SELECT life FROM item WHERE barcode = ANY(:c) ORDER BY barcode", c=list(codes))]


async def pull(house: House, number: str, *found: str, absent: str = "", held: str = "") -> None:
    items = [PulledItem(barcode=code, outcome="found") for code in found]
    items += [PulledItem(barcode=code, outcome="absent", why="取书时未找到") for code in [absent] if code]
    items += [PulledItem(barcode=code, outcome="held", why="已借出") for code in [held] if code]
    await house.heed(WeedingPulled(number=number, found=len(found), items=tuple(items), last=True))


async def look(house: House, number: str, actor: Actor = EXPERT, **more: Any) -> int:
    async with house.work(actor) as work:
        return await commands.view(work, number, more.pop("ids", []), view=View(more.pop("view", "withdraw")), opinion="同意", everything=True)


async def used(house: House, barcode: str) -> None:
    await house.heed(ItemUsedInHouse(barcode=barcode, title="红楼梦研究"))


async def test_a_rule_says_why_each_copy_is_named_and_why_another_stays(house: House, tmp_path: Path) -> None:
    await shelf(house, tmp_path, D=5, F=1)
    for code in ("D00004", "D00005") * 2:
        await used(house, code)
    await house.heed(ItemLent(barcode="D00003", title="红楼梦研究", loan_id="l", card="20230001", due_on="2026-12-30"))
    await house.heed(WeedingSuggested(count=2, reason="陈旧", barcodes=("F00001", "NOBODY9")))
    number = await begin(house, grounds=["excess", "proposed"])
    assert await move(house, number, "build") == "draft"
    found = await picked(house)
    # The two that people used most stay; one is lent; F is the only copy of its title.
    assert found == {
        "D00001": ("excess", ""), "D00002": ("excess", ""), "D00003": ("excess", "lent"), "F00001": ("proposed", "last_copy"),
    }
    page = (await get(house, f"/resources/weeding-lists/{number}/picks?kept=1")).text
    assert "F00001" in page
    assert "末册" in page
    assert "F00001" in (await get(house, "/resources/weeding-proposals")).text


async def test_never_a_special_collection_and_zero_use_only_of_what_stood_there_so_long(house: House, tmp_path: Path) -> None:
    await shelf(house, tmp_path, D=2)
    await house.place("gj-5f", "古籍书库", special=True)
    number = await begin(house, grounds=["zero_use"], years=10, include_last=True)
    await move(house, number, "build")
    assert await picked(house) == {}  # they came today
    async with house.kit.engine.begin() as db:
        await db.execute(text("UPDATE item SET created_at = '2010-01-01', location = CASE barcode WHEN 'D00002' THEN 'gj-5f' ELSE location END"))
    await move(house, number, "build")
    assert (await picked(house))["D00002"] == ("zero_use", "special")
    assert (await picked(house))["D00001"] == ("zero_use", "")
    await used(house, "D00001")
    await move(house, number, "build")
    assert "D00001" not in await picked(house)


async def test_a_batch_goes_its_way_and_each_step_belongs_to_somebody_else(house: House, tmp_path: Path) -> None:
    await shelf(house, tmp_path, D=5)
    number = await begin(house, copies_kept=1)
    await move(house, number, "build")
    assert sum(guard == "" for _g, guard in (await picked(house)).values()) == 4
    assert await move(house, number, "send") == "pulling"
    ((_name, told),) = await house.said("resources.weeding.pull-listed")
    codes = [one["barcode"] for one in told["items"]]
    assert (told["total"], len(codes), set((await lines(house)).values())) == (4, 4, {"listed"})
    assert set(await lives(house, *codes)) == {"in_stock"}  # lent until somebody takes them
    await pull(house, number, *codes[:2], absent=codes[2], held=codes[3])
    await pull(house, number, *codes[:2], absent=codes[2], held=codes[3])  # told twice
    assert [(await lines(house))[code] for code in codes] == ["proposed", "proposed", "kept", "kept"]
    assert await lives(house, *codes[:2]) == ["candidate", "candidate"]
    with pytest.raises(rules.ExpertOfOwn):
        await look(house, number, CATALOGUER)
    with pytest.raises(rules.StillUnviewed):
        await move(house, number, "viewed", EXPERT)
    assert await look(house, number) == 2
    ((keep_id,),) = await house.rows("SELECT id FROM weeding_line WHERE barcode = :c", c=codes[1])
    async with house.work(EXPERT) as work:
        assert await commands.view(work, number, [keep_id], view=View.keep, opinion="校史相关") == 1
    assert await move(house, number, "viewed", EXPERT) == "meeting"
    with pytest.raises(SamePerson):
        await move(house, number, "approve", Actor(EXPERT.id, posts=("head-resources",)))
    assert await move(house, number, "approve", LEADER) == "asset"
    assert (await lines(house))[codes[1]] == "kept"
    assert [fact["barcode"] for _n, fact in await house.said("resources.weeding.kept")] == [codes[1]]
    for wrong in (CATALOGUER, Actor(LEADER.id, posts=("RES-ACQ",))):
        with pytest.raises(SamePerson):
            await move(house, number, "write_off", wrong)
    assert codes[0] in (await get(house, f"/resources/weeding-lists/{number}/print")).text
    assert await move(house, number, "write_off", OTHER) == "withdrawn"
    assert [fact["barcode"] for _n, fact in await house.said("resources.item.withdrawn")] == [codes[0]]
    year = (await get(house, f"/resources/weeding-year?year={local_day().year}")).text
    assert "20.00" in year
    assert await move(house, number, "dispose") == "closed"
    assert (await lines(house))[codes[0]] == "disposed"


async def test_last_copies_wait_for_the_director_and_a_withdrawal_can_be_taken_back_with_its_disc(house: House, tmp_path: Path) -> None:
    await shelf(house, tmp_path, D=1)
    async with house.kit.engine.begin() as db:
        await db.execute(text("""
            INSERT INTO item (id, barcode, instance_id, location, call_number, shelf_key, copy_no, volume, price_cents, kind, book_id, pieces,
                use, life, custodian, note, loss, created_by, created_at)
            SELECT gen_random_uuid(), 'DISC001', instance_id, location, call_number, shelf_key, 1, '', 0, 'disc', id, 1, use, life, custodian,
                '', '', created_by, created_at FROM item WHERE barcode = 'D00001'"""))
    await house.heed(WeedingSuggested(count=1, reason="陈旧", barcodes=("D00001",)))
    number = await begin(house, grounds=["proposed"], include_last=True)
    await move(house, number, "build")
    await move(house, number, "send")
    ((_n, told),) = await house.said("resources.weeding.pull-listed")
    assert told["items"][0]["discs"] == ["DISC001"]
    await pull(house, number, "D00001")
    await look(house, number)
    await move(house, number, "viewed", EXPERT)
    with pytest.raises(rules.DirectorSecond):
        await move(house, number, "approve", DIRECTOR)
    assert await move(house, number, "approve", LEADER) == "second"
    assert await move(house, number, "approve_last", DIRECTOR) == "asset"
    await move(house, number, "write_off", OTHER)
    assert await lives(house, "D00001", "DISC001") == ["withdrawn", "withdrawn"]
    assert [fact["barcode"] for _n, fact in await house.said("resources.item.withdrawn")] == ["D00001", "DISC001"]
    assert (await house.rows("SELECT state FROM instance"))[0][0] == "suppressed"
    ((line,),) = await house.rows("SELECT no FROM weeding_line")
    with pytest.raises(SamePerson):
        async with house.work(Actor(OTHER.id, posts=("RES-MGT",))) as work:
            await weeding.move(work, line, "restore", keep_reason="错剔")
    async with house.work(EXPERT) as work:
        await weeding.move(work, line, "restore", keep_reason="错剔")
    assert await lives(house, "D00001", "DISC001") == ["in_stock", "in_stock"]
    assert (await house.rows("SELECT state FROM instance"))[0][0] == "released"
    facts = await house.said("resources.item.readmitted")
    assert [(fact["barcode"], fact["reason"]) for _n, fact in facts] == [("D00001", "错剔"), ("DISC001", "错剔")]


async def test_the_years_share_stops_the_meeting_and_a_given_up_batch_keeps_everything(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    await shelf(house, tmp_path, D=4)
    number = await begin(house)
    with pytest.raises(rules.NotBuilt):
        await move(house, number, "send")
    await move(house, number, "build")
    async with house.work() as work:
        ((item,),) = await house.rows("SELECT item_id FROM weeding_pick ORDER BY item_id LIMIT 1")
        assert await commands.leave_out(work, number, [item], out=True) == 1
    await move(house, number, "build")
    assert sorted(guard for _g, guard in (await picked(house)).values()) == ["", "by_hand"]
    await move(house, number, "send")
    (code,) = await lines(house)
    await pull(house, number, code)
    await look(house, number)
    await move(house, number, "viewed", EXPERT)
    monkeypatch.setattr(rules, "SHARE_PERMILLE", 30)
    with pytest.raises(rules.OverShare):
        await move(house, number, "approve", LEADER)
    assert await move(house, number, "cancel", CATALOGUER) == "cancelled"
    assert (await lines(house))[code] == "kept"
    assert len(await house.said("resources.weeding.kept")) == 1
    assert set(await lives(house, code)) == {"in_stock"}
    await move(house, await begin(house), "build")  # and may be picked again


async def test_what_nobody_reported_in_time_stays_on_its_shelf(house: House, tmp_path: Path) -> None:
    await shelf(house, tmp_path, D=4)
    number = await begin(house)
    for action in ("build", "send"):
        await move(house, number, action)
    first, second = sorted(await lines(house))
    with pytest.raises(rules.NothingAtHand):
        await move(house, number, "end_pull")
    await house.heed(WeedingPulled(number=number, found=1, items=(PulledItem(barcode=first, outcome="found"),)))
    assert await move(house, number, "end_pull") == "viewing"
    assert await lines(house) == {first: "proposed", second: "kept"}
    assert len(await house.said("resources.weeding.pull-ended")) == 1


async def test_a_long_list_is_written_off_in_parts(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "AT_ONCE", 2)
    await shelf(house, tmp_path, D=5)
    number = await begin(house, copies_kept=1)
    for action in ("build", "send"):
        await move(house, number, action)
    await pull(house, number, *await lines(house))
    await look(house, number)
    await move(house, number, "viewed", EXPERT)
    await move(house, number, "approve", LEADER)
    assert await move(house, number, "write_off", OTHER) == "writing"
    assert "注销进度" in (await get(house, f"/resources/weeding-lists/{number}")).text
    async with house.work(Actor("system", kind="system")) as work:
        await write_on_by_the_minute(work, work.now)
    assert (await house.rows("SELECT state FROM weeding_batch"))[0][0] == "withdrawn"
    assert len(await house.said("resources.item.withdrawn")) == 4


async def test_wrong_input_is_answered_and_others_may_not(house: House, tmp_path: Path) -> None:
    await shelf(house, tmp_path, D=3)
    with pytest.raises(Invalid):
        await begin(house, places=["nowhere"])
    with pytest.raises(Invalid):
        await begin(house, call_from="F", call_to="D")
    number = await begin(house, places=[HERE])
    await move(house, number, "build")
    await move(house, number, "send")
    await pull(house, number, *await lines(house))
    answer = await post(house, f"/resources/weeding-lists/{number}/view", EXPERT, data={"view": "keep", "opinion": ""})
    assert answer.status_code == 422
    assert "勾选" in answer.text
    assert (await post(house, f"/resources/weeding-lists/{number}/view", CLERK, data={"view": "keep"})).status_code == 403
    assert (await get(house, f"/resources/weeding-lists/{number}/lines", EXPERT)).status_code == 200
    assert (await get(house, f"/resources/weeding-lists/{number}/lines.xlsx")).content[:2] == b"PK"
    assert (await get(house, "/resources/weeding-lists/TP2020-000001/lines")).status_code == 404


async def test_the_register_keeps_its_promises(house: House, tmp_path: Path) -> None:
    await shelf(house, tmp_path, D=1)

    async def ready(work: Any, one: Any, action: str) -> None:
        one.created_by = one.approved_by = "T-else"
        if action in {"send", "end_pull"}:
            # Something to send: a line that is in the workroom already.
            one.grounds, one.built_at = ["irreparable"], work.now
            await work.session.execute(text("""
                INSERT INTO weeding_line (id, no, version, correlation, created_by, created_at, updated_at, state, barcode, list_no, item_id,
                    instance_id, title, call_number, location, location_name, price_cents, reason, note, source, last_copy, proposer, opinion,
                    expert, meeting_no, approver, second_reason, second_by, asset_no, withdrawn_by, proof, keep_reason)
                SELECT gen_random_uuid(), gen_random_uuid()::text, 1, gen_random_uuid(), 'x', now(), now(), 'proposed', gen_random_uuid()::text, :no,
                    id, instance_id, 't', '', '', '', 0, 'irreparable', '', '', false, 'x', '', '', '', '', '', '', '', '', '', '' FROM item LIMIT 1"""), {"no": "" if action == "send" else one.no})

    await keeps_its_promises(
        batches, house.app, lambda: {"title": "剔旧", "grounds": ["excess"], "years": 10, "copies_kept": 3}, ask=WORDS, prepare=ready,
    )


def test_every_state_of_a_batch_can_be_left_or_is_an_end() -> None:
    ends = {state for state in BatchState if not any(s is state for s, _a in rules.LIFE)}
    # What is being pulled goes on when reader services report.
    assert ends == {BatchState.closed, BatchState.cancelled}


def test_the_share_is_three_of_a_hundred_of_what_stood_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "SHARE_PERMILLE", 30)
    assert rules.limit_of(970, 30) == 30
    rules.check_share(1000, 0, 10, 20)
    with pytest.raises(rules.OverShare):
        rules.check_share(1000, 0, 10, 21)
    assert rules.years_before(date(2028, 2, 29), 1) == date(2027, 2, 28)
