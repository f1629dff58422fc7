"""A plan says what moves where and why; another person approves it, the desk moves it, and each item is followed until it arrived.

covers: RES-MGT-04
"""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path

import pytest

from services.resources.collections.layout.register import layout_rules
from services.resources.collections.transfers import commands, queries, rules
from services.resources.collections.transfers.model import LineState, PlanState
from services.resources.collections.transfers.register import transfer_plans
from shared.events.reader import (
    ItemTransferred,
    ListedItems,
    NotFetched,
    TransferClosed,
    TransferPlanTakenUp,
    TransferSent,
)
from shared.refusals import Invalid, NotAllowed, SamePerson
from shared.testing.registers import han_in, keeps_its_promises
from tests.resources.collections.shelf import HERE, KEEPER, LEADER, THERE, get, post, shelf
from tests.resources.conftest import CLERK, EXPERT, House

L = LineState
ABOUT = {
    "number": "DB2026-000001", "origin": "MAIN", "origin_name": "总服务台", "to": "STK", "to_name": "密集书库", "location": THERE,
    "location_name": "二层文学库",
}


async def planned(house: House, *codes: str, **more: str) -> str:
    async with house.work() as work:
        plan = await transfer_plans.open(work, title="布局调整", location=THERE, reason="文学归文学库", **more)
        await work.session.flush()
        if codes:
            done = await commands.list_codes(work, plan.no, list(codes))
            assert done.added == len(codes)
        return str(plan.no)


async def approved(house: House, *codes: str) -> str:
    number = await planned(house, *codes)
    async with house.work() as work:
        await transfer_plans.move(work, number, "submit")
    async with house.work(LEADER) as work:
        await transfer_plans.move(work, number, "approve")
    return number


async def states(house: House, number: str) -> dict[str, str]:
    return dict(await house.rows("SELECT barcode, state FROM transfer_plan_item WHERE plan = :n", n=number))


def test_a_plan_is_done_when_every_item_arrived_or_stays() -> None:
    assert rules.outcome({L.listed, L.refused}) is None
    assert rules.outcome({L.taken, L.received}) is PlanState.moving
    assert rules.outcome({L.received}) is PlanState.closed
    assert rules.outcome({L.received, L.missing}) is PlanState.differed
    assert rules.outcome({L.refused}) is PlanState.differed


async def test_items_are_listed_by_scan_by_span_and_by_rule_and_what_cannot_move_is_said(house: House, tmp_path: Path) -> None:
    await shelf(house, tmp_path, D=4)
    number = await planned(house, "D00001")
    home = f"/resources/transfer-plans/{number}/items"
    again = await post(house, f"{home}/scan", data={"code": "D00001"})
    assert (again.status_code, "已在单上" in again.text) == (200, True)
    other = await planned(house, "D00002")
    answer = await post(house, f"{home}/codes", data={"codes": "D00002\nX99999"})
    assert answer.status_code == 422
    assert f"已列入调拨计划 {other}" in answer.text
    assert "没有这个条码的单册" in answer.text
    assert (await post(house, f"{home}/span", data={"location": ""})).status_code == 422
    assert (await post(house, f"{home}/span", data={"location": HERE, "idle_since": "morgen"})).status_code == 422
    assert (await post(house, f"{home}/span", data={"location": HERE, "low": "D12", "high": "D12"})).status_code == 200
    assert set(await states(house, number)) == {"D00001", "D00003"}
    async with house.work() as work:
        await layout_rules.open(work, location=HERE, valid_from=date(2026, 1, 1))
        done = await commands.list_span(work, number, queries.Span(HERE, by_rule=True))
        assert done.added == 0
        await layout_rules.open(work, clc_from="D", location=THERE, valid_from=date(2026, 1, 1))
        done = await commands.list_span(work, number, queries.Span(HERE, by_rule=True))
        assert done.added == 1
    await post(house, f"{home}/remove", data={"ids": ["D00003"]})
    assert set(await states(house, number)) == {"D00001", "D00004"}
    assert (await house.rows("SELECT copies FROM transfer_plan WHERE no = :n", n=number))[0][0] == 2
    for lang in ("zh", "en"):
        for url in (home, home + "?state=listed", f"/resources/transfer-plans/{number}/slips", f"/resources/transfer-plans/{number}"):
            page = await get(house, url, KEEPER, lang)
            assert page.status_code == 200, url
            assert lang == "zh" or not han_in(page.text), han_in(page.text)
    assert (await post(house, f"{home}/scan", CLERK, data={"code": "D00003"})).status_code == 403


async def test_two_who_plan_one_book_at_once_do_not_both_get_it(house: House, tmp_path: Path) -> None:
    await shelf(house, tmp_path, D=1)
    numbers = [await planned(house), await planned(house)]

    async def add(number: str) -> int:
        async with house.work() as work:
            return (await commands.list_codes(work, number, ["D00001"])).added

    assert sorted(await asyncio.gather(*map(add, numbers))) == [0, 1]


async def test_whoever_made_or_handed_in_a_plan_does_not_approve_it(house: House, tmp_path: Path) -> None:
    await shelf(house, tmp_path, D=1)
    number = await planned(house)
    async with house.work() as work:
        with pytest.raises(rules.NothingListed):
            await transfer_plans.move(work, number, "submit")
    async with house.work() as work:
        await commands.list_codes(work, number, ["D00001"])
    async with house.work(EXPERT) as work:
        await transfer_plans.move(work, number, "submit")
    for who in (KEEPER, EXPERT):
        async with house.work(who) as work:
            with pytest.raises(SamePerson):
                await transfer_plans.move(work, number, "approve")
    async with house.work(CLERK) as work:
        with pytest.raises(NotAllowed):
            await transfer_plans.move(work, number, "approve")
    async with house.work() as work:
        with pytest.raises(rules.NotADraft):
            await commands.list_codes(work, number, ["D00001"])
    async with house.work(LEADER) as work:
        await transfer_plans.move(work, number, "send_back", sent_back="请按类分开")
    async with house.work() as work:
        await transfer_plans.move(work, number, "cancel")
    await approved(house, "D00001")


async def test_each_item_is_followed_from_the_shelf_to_the_new_place(house: House, tmp_path: Path) -> None:
    await shelf(house, tmp_path, D=4)
    number = await approved(house, "D00001", "D00002", "D00003", "D00004")
    ((_name, told),) = await house.said("resources.transfer.planned")
    assert (told["made_by"], told["approved_by"], told["count"], len(told["items"])) == (KEEPER.id, LEADER.id, 4, 4)
    fact = TransferPlanTakenUp(
        number=number, count=3, refused_count=1, lists=(ListedItems(number=ABOUT["number"], origin="MAIN", barcodes=("D00001", "D00002", "D00003")),),
        refused=(NotFetched(barcode="D00004", why="借出"),),
    )
    for _twice in range(2):
        await house.heed(fact)
    assert await states(house, number) == {"D00001": "taken", "D00002": "taken", "D00003": "taken", "D00004": "refused"}
    await house.heed(TransferSent(**ABOUT, count=2, barcodes=("D00001", "D00002"), due_on=date(2026, 12, 1)))
    item = (await house.rows("SELECT id FROM item WHERE barcode = 'D00001'"))[0][0]
    for _twice in range(2):
        await house.heed(ItemTransferred(
            item_id=str(item), barcode="D00001", title="活着", call_number="D10/1", location="二层文学库", instance_id="", number=ABOUT["number"],
            from_location=HERE, from_name="二层社科库", to_location=THERE,
        ))
    assert (await house.rows("SELECT location FROM item WHERE barcode = 'D00001'")) == [(THERE,)]
    assert (await states(house, number))["D00003"] == "unsent"
    assert "借出" in (await get(house, f"/resources/transfer-plans/{number}/items")).text
    await house.heed(TransferClosed(**ABOUT, sent=2, received=1, missing=1, missing_barcodes=("D00002",), reason="找过"))
    assert await states(house, number) == {"D00001": "received", "D00002": "missing", "D00003": "unsent", "D00004": "refused"}
    assert (await house.rows("SELECT state, received FROM transfer_plan WHERE no = :n", n=number)) == [("differed", 1)]
    ((_name, closed),) = await house.said("resources.transfer.plan-closed")
    assert (closed["received"], closed["missing"], closed["stayed"]) == (1, 1, 2)
    await approved(house, "D00003")  # what stayed may be planned again


async def test_a_place_that_is_closed_takes_no_plan(house: House) -> None:
    await house.place(THERE, "二层文学库", closes_on=date(2020, 1, 1))
    async with house.work() as work:
        with pytest.raises(Invalid):
            await transfer_plans.open(work, title="布局调整", location=THERE, reason="无")


async def test_the_list_of_plans_keeps_its_promises(house: House) -> None:
    await house.place(THERE, "二层文学库")

    async def fill_up(_work: object, plan: object, _action: str) -> None:
        plan.copies = 1  # type: ignore[attr-defined]

    await keeps_its_promises(
        transfer_plans, house.app, lambda: {"title": "布局调整", "location": THERE, "reason": "文学归文学库"},
        ask={"send_back": {"sent_back": "请改"}}, prepare=fill_up,
    )
