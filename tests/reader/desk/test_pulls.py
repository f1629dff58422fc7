"""A pull list is worked by scanning: taken, held back with the reason, or not found. covers: RDR-STK-CST-02"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from services.reader.app import service
from services.reader.desk.condition.handlers import handlers as condition_handlers
from services.reader.desk.items.model import Circulation, Custodian, Stock
from services.reader.desk.pulls import commands, rules
from services.reader.desk.pulls.handlers import handlers
from services.reader.desk.pulls.model import Outcome
from shared.events.resources import (
    ListedItem,
    WeedingKept,
    WeedingPullEnded,
    WeedingPullListed,
)
from shared.identity import Actor
from shared.refusals import Invalid, NotAllowed
from tests.reader.desk.conftest import CLERK, COLLEAGUE, OUTSIDER
from tests.support.departments import client, opened

STACKS = Actor(id="R0009", name="尤静", posts=("RDR-STK",), dept="reader")
NO = "TP2026-000001"


async def listed(desk: Any, *codes: str, discs: tuple[str, ...] = ()) -> None:
    items = tuple(ListedItem(
        item_id=code, barcode=code, title="活着", call_number="I247/1", location="文学库", reason="excess", reason_label="复本过多", discs=discs,
    ) for code in codes)
    await desk.heed(handlers, WeedingPullListed(number=NO, title="年度剔旧", total=len(codes), items=items))


async def outcomes(desk: Any) -> dict[str, str]:
    return {row[0]: row[1] for row in await desk.rows("SELECT barcode, outcome FROM pull_line")}


async def test_what_is_scanned_is_taken_and_the_rest_is_reported_with_its_reason(desk) -> None:
    one, lent, gone = await desk.item(), await desk.item(), await desk.item()
    await desk.lend(await desk.patron(), lent)
    await listed(desk, one, lent, gone)
    await listed(desk, one, lent, gone)  # told twice
    assert await outcomes(desk) == dict.fromkeys((one, lent, gone), "open")
    line = await desk.do(commands.scan, STACKS, number=NO, barcode=one)
    assert (line.outcome, (await desk.do(commands.scan, STACKS, number=NO, barcode=one)).outcome) == (Outcome.found, Outcome.found)
    taken = await desk.find_item(one)
    assert (taken.stock, taken.custodian, taken.circulation) == (Stock.withdrawal_candidate, Custodian.resources, Circulation.to_shelve)
    await desk.do(commands.finish, STACKS, number=NO)
    assert await outcomes(desk) == {one: "found", lent: "held", gone: "absent"}
    ((_name, told, _c),) = await desk.said("reader.weeding.pulled")
    assert (told["found"], told["held"], told["absent"], told["last"]) == (1, 1, 1, True)
    assert {item["barcode"]: item["why"] for item in told["items"]} == {one: "", lent: "已借出", gone: "取书时未找到"}
    with pytest.raises(rules.PullOver):
        await desk.do(commands.scan, STACKS, number=NO, barcode=gone)


async def test_a_kept_or_given_up_book_stands_on_its_shelf_again(desk) -> None:
    first, second = await desk.item(), await desk.item()
    await listed(desk, first, second)
    for code in (first, second):
        await desk.do(commands.scan, number=NO, barcode=code)
    kept = WeedingKept(item_id=first, barcode=first, title="活着", number="TP1-1", reason="校史相关")
    await desk.heed(condition_handlers, kept)
    await desk.heed(handlers, kept)
    back = await desk.find_item(first)
    assert (back.stock, back.custodian, back.circulation) == (Stock.in_stock, Custodian.reader, Circulation.available)
    await desk.heed(handlers, WeedingPullEnded(number=NO, title="年度剔旧", reason="重拟"))
    assert (await desk.find_item(second)).circulation is Circulation.available
    assert await outcomes(desk) == {first: "back", second: "found"}
    assert [row[0] for row in await desk.rows("SELECT state FROM pull_list")] == ["ended"]


async def test_two_people_at_one_list_take_each_book_once(desk) -> None:
    codes = [await desk.item() for _ in range(4)]
    await listed(desk, *codes)
    await asyncio.gather(*(
        desk.do(commands.scan, who, number=NO, barcode=code) for code in codes for who in (CLERK, COLLEAGUE)
    ))
    assert set((await outcomes(desk)).values()) == {"found"}
    await desk.do(commands.leave, number=NO, barcode=codes[0], outcome=Outcome.held, why="教学参考")
    assert (await desk.find_item(codes[0])).circulation is Circulation.available
    with pytest.raises(rules.WhyHeld):
        await desk.do(commands.leave, number=NO, barcode=codes[1], outcome=Outcome.held)


async def test_strangers_are_refused_and_proposals_name_what_we_have(desk) -> None:
    code, other = await desk.item(), await desk.item()
    await listed(desk, code)
    with pytest.raises(rules.NotOnPull):
        await desk.do(commands.scan, number=NO, barcode=other)
    with pytest.raises(NotAllowed):
        await desk.do(commands.scan, OUTSIDER, number=NO, barcode=code)
    with pytest.raises(Invalid) as wrong:
        await desk.do(commands.propose, codes=[code, "NOBODY1"], reason=" ")
    assert set(wrong.value.errors) == {"codes", "reason"}
    assert await desk.do(commands.propose, STACKS, codes=[code], reason="陈旧") == 1
    ((_name, told, _c),) = await desk.said("reader.weeding.proposed")
    assert told == {"count": 1, "reason": "陈旧", "barcodes": [code]}


async def test_the_screens_answer_in_both_languages_without_losing_what_was_typed(desk, database, tmp_path: Path) -> None:
    code = await desk.item()
    await listed(desk, code, discs=("DISC001",))
    async with opened(service, database("reader"), tmp_path) as app, client(app, STACKS) as browser:
        home = await browser.get("/reader/weeding-pulls")
        assert NO in home.text
        page = await browser.get(f"/reader/weeding-pulls/{NO}")
        assert "DISC001" in page.text
        assert "一并取下" in page.text
        answer = await browser.post(f"/reader/weeding-pulls/{NO}/scan", data={"code": code}, headers={"hx-request": "true"})
        assert answer.headers["x-sound"] == "ok"
        assert code in answer.text
        wrong = await browser.post("/reader/weeding-pulls/propose", data={"codes": "NOBODY1", "reason": "陈旧"})
        assert wrong.status_code == 422
        assert "NOBODY1" in wrong.text
        assert "陈旧" in wrong.text
        assert (await browser.get("/reader/weeding-pulls/TP2020-000009")).status_code == 404
        assert (await browser.get(f"/api/reader/weeding-pulls/{NO}")).json()["found"] == 1
    async with opened(service, database("reader"), tmp_path) as app, client(app, STACKS, cookie="lang=en") as browser:
        assert "Take its disc along" in (await browser.get(f"/reader/weeding-pulls/{NO}")).text
