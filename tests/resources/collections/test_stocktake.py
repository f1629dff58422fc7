"""A stock-take knows what should stand there, counts each book once, and calls missing only what nobody has.

covers: RES-MGT-01 RES-MGT-04 RDR-STK-CST-01
"""

from __future__ import annotations

import asyncio
import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from services.resources.collections.missing import rules as missing_rules
from services.resources.collections.missing.model import MissingItem
from services.resources.collections.missing.register import missing
from services.resources.collections.stocktake import commands, reading, rules, settling
from services.resources.collections.stocktake.model import Result, Settled
from services.resources.collections.stocktake.register import stocktakes
from shared.events.reader import ItemLent, ItemReturned
from shared.refusals import Refusal, SamePerson
from shared.testing.registers import han_in, keeps_its_promises
from tests.resources.collections.shelf import COUNTER, HERE, KEEPER, LEADER, THERE, get, post, shelf
from tests.resources.conftest import CLERK, EXPERT, House


async def campaign(house: House, *, places: list[str] | None = None, **span: str) -> str:
    """A campaign that takes scans."""
    async with house.work() as work:
        one = await stocktakes.open(work, title="年度清点", places=places or [HERE], **span)
    await move(house, one.no, "open")
    return str(one.no)


async def move(house: House, number: str, action: str, actor: Any = KEEPER, **asked: str) -> str:
    async with house.work(actor) as work:
        return str((await stocktakes.move(work, number, action, **asked)).state)


async def scan(house: House, number: str, *codes: str, place: str = HERE, actor: Any = COUNTER) -> dict[str, tuple[str, str, int]]:
    async with house.work(actor) as work:
        rows = await commands.scan(work, number, list(codes), place=place)
    return {row.barcode: (row.result, row.why, row.times) for row in rows}


async def expected(house: House) -> dict[str, str]:
    rows = await house.rows("SELECT i.barcode, e.result FROM stocktake_item e JOIN item i ON i.id = e.item_id ORDER BY 1")
    return {row[0]: row[1] for row in rows}


def lent(barcode: str) -> ItemLent:
    return ItemLent(barcode=barcode, title="红楼梦研究", loan_id="l", card="20230001", due_on="2026-12-30")


def back(barcode: str, next_: str = "shelve") -> ItemReturned:
    return ItemReturned(barcode=barcode, title="红楼梦研究", next=next_)


async def test_what_is_lent_or_in_the_desks_hands_is_not_missing_and_what_nobody_has_is(house: House, tmp_path: Path) -> None:
    numbers = await shelf(house, tmp_path, D=6, F=2)
    await house.heed(lent("D00002"))
    await house.heed(lent("D00006"))
    await house.heed(back("D00005", "repair"))
    number = await campaign(house, call_from="D", call_to="D")
    assert set(await expected(house)) == {f"D{n:05d}" for n in range(1, 7)}  # F stands outside the span
    seen = await scan(house, number, "D00001", "F00001", "NOBODY1", "D00006")
    assert seen == {
        "D00001": ("found", "", 1), "F00001": ("elsewhere", "span", 1), "NOBODY1": ("unexpected", "unknown", 1),
        "D00006": ("unexpected", "on_loan", 1),
    }
    assert await scan(house, number, "D00001") == {"D00001": ("found", "", 2)}
    await house.heed(lent("D00003"))
    await house.heed(back("D00003"))  # came over the desk after its shelf was through
    async with house.work() as work:  # moved here or catalogued after the list was frozen: nobody's mistake
        from services.resources.cataloguing.items.commands import add_item
        await add_item(work, number=numbers["D"], barcode="D00099", location=HERE, call_number="D99/9")
    assert (await scan(house, number, "D00099"))["D00099"] == ("found", "", 1)
    await move(house, number, "check")
    assert await expected(house) == {
        "D00001": "found", "D00002": "lent", "D00003": "seen", "D00004": "missing", "D00005": "away", "D00006": "found",
    }
    with pytest.raises(rules.StillOpen):
        await move(house, number, "close", LEADER, explanation="正常")
    async with house.work() as work:
        assert await settling.settle(work, number, kind=Result.missing, how=Settled.told, everything=True) == 1
    async with house.work() as work:
        await settling.settle(work, number, kind=Result.elsewhere, how=Settled.put_back, everything=True)
        await settling.settle(work, number, kind=Result.unexpected, how=Settled.to_desk, everything=True)
    with pytest.raises(SamePerson):
        await move(house, number, "close", KEEPER, explanation="正常")
    assert await move(house, number, "close", LEADER, explanation="正常") == "closed"
    ((_name, fact),) = await house.said("resources.stocktake.closed")
    assert (fact["expected"], fact["seen"], fact["away"], fact["missing"], fact["lost_permyriad"]) == (6, 2, 3, 1, 1667)
    ((_name, gone),) = await house.said("resources.items.missing")
    assert [one["barcode"] for one in gone["items"]] == ["D00004"]
    with pytest.raises(rules.NotCounting):
        await scan(house, number, "D00002")
    # Who counted is credited once a day, however much was scanned.
    assert len(await house.said("resources.stocktake.counted")) == 1


async def test_a_misplaced_book_is_put_back_or_moved_and_the_last_place_seen_counts(house: House, tmp_path: Path) -> None:
    await shelf(house, tmp_path, D=3)
    number = await campaign(house, places=[HERE, THERE])
    with pytest.raises(rules.NoSuchPlace):
        await scan(house, number, "D00001", place="nowhere")
    assert (await scan(house, number, "D00001", "D00002", place=THERE))["D00001"] == ("elsewhere", "place", 1)
    assert (await scan(house, number, "D00001", place=HERE))["D00001"] == ("found", "", 2)
    await scan(house, number, "D00003")
    await move(house, number, "check")
    async with house.work() as work:
        assert await settling.settle(work, number, kind=Result.elsewhere, how=Settled.moved, everything=True) == 1
        with pytest.raises(rules.NotThisWay):
            await settling.settle(work, number, kind=Result.missing, how=Settled.moved, everything=True)
    ((_name, fact),) = await house.said("resources.item.relocated")
    assert (fact["barcode"], fact["location"]) == ("D00002", THERE)
    async with house.work() as work:
        (*_places, all_) = await commands.queries.figures(work.session, await commands.queries.by_no(work.session, number))
    assert (all_["expected"], all_["found"], all_["elsewhere"], all_["misplaced"]) == (3, 2, 1, 1)


async def test_two_people_and_a_file_count_a_book_once(house: House, tmp_path: Path) -> None:
    await shelf(house, tmp_path, D=4)
    number = await campaign(house)
    codes = [f"D{n:05d}" for n in range(1, 5)]
    await asyncio.gather(
        scan(house, number, *codes), scan(house, number, *reversed(codes), actor=CLERK), scan(house, number, codes[0], actor=EXPERT),
    )
    assert [tuple(r) for r in await house.rows("SELECT count(*), sum(times) FROM stocktake_scan")] == [(4, 9)]
    assert set((await expected(house)).values()) == {"found"}
    assert len(await house.said("resources.stocktake.counted")) == 3
    # A file as a collector writes it: a head, blanks, full-width digits, what is no barcode, one of ours twice.
    book = Workbook()
    for row in (["条码", "时间"], ["Ｄ00001", "10:00"], ["", ""], ["!!", ""], ["d00002", ""], ["D00002", ""], [123456, ""]):
        book.active.append(row)  # type: ignore[union-attr]
    data = io.BytesIO()
    book.save(data)
    answer = await post(house, f"/resources/stocktaking/{number}/file", COUNTER, data={"place": HERE},
                        files={"file": ("盘点.xlsx", data.getvalue())})
    assert answer.status_code == 200
    assert "123456" in answer.text
    assert "!!" in answer.text
    wrong = await post(house, f"/resources/stocktaking/{number}/file", COUNTER, data={"place": HERE}, files={"file": ("a.pdf", b"%PDF")})
    assert wrong.status_code == 422
    api = await post(house, f"/api/resources/stocktaking/{number}/scans", COUNTER, json={"barcodes": ["D00001", "??"], "place": HERE})
    assert (api.json()["items"][0]["result"], api.json()["unreadable"]) == ("found", ["??"])


async def test_what_was_missing_is_found_by_a_scan_or_by_the_desk_and_twice_missed_may_be_weeded(house: House, tmp_path: Path) -> None:
    await shelf(house, tmp_path, D=3)
    first = await campaign(house)
    await move(house, first, "check")
    async with house.work() as work:
        assert await settling.settle(work, first, kind=Result.missing, how=Settled.told, everything=True) == 3
    await scan(house, first, "D00001")  # behind the radiator
    ((_name, fact),) = await house.said("resources.items.found")
    assert [one["barcode"] for one in fact["items"]] == ["D00001"]
    await house.heed(back("D00002"))  # the desk has it in its hands
    rows = {r[0]: (r[1], r[2]) for r in await house.rows("SELECT barcode, state, rounds FROM missing_item")}
    assert rows == {"D00001": ("found", 1), "D00002": ("found", 1), "D00003": ("missing", 1)}
    with pytest.raises(missing_rules.TooSoon):
        async with house.work() as work:
            await missing.move(work, "D00003", "propose")
    second = await campaign(house)
    await scan(house, second, "D00001", "D00002")
    await move(house, second, "check")
    async with house.work() as work:
        await settling.settle(work, second, kind=Result.missing, how=Settled.told, everything=True)
        assert (await missing.move(work, "D00003", "propose")).rounds == 2
    assert [tuple(r) for r in await house.rows("SELECT barcode, reason FROM weeding_line")] == [("D00003", "missing")]


async def test_screens_speak_both_languages_and_keep_strangers_out(house: House, tmp_path: Path) -> None:
    await shelf(house, tmp_path, D=3)
    number = await campaign(house)
    await scan(house, number, "D00001", "NOBODY1")
    await move(house, number, "check")
    urls = [
        (COUNTER, "/resources/stocktaking"), (COUNTER, f"/resources/stocktaking/{number}"), (COUNTER, f"/resources/stocktaking/{number}/later"),
        (COUNTER, f"/resources/stocktaking/{number}/file"), (KEEPER, "/resources/stocktakes/new"), (KEEPER, f"/resources/stocktakes/{number}"), (COUNTER, "/resources/missing"),
        *((KEEPER, f"/resources/stocktakes/{number}/differences?kind={kind}") for kind in ("missing", "elsewhere", "unexpected")),
    ]
    for lang in ("zh", "en"):
        for who, url in urls:
            page = await get(house, url, who, lang)
            assert page.status_code == 200, (url, page.text[:400])
            assert lang == "zh" or not han_in(page.text), (url, han_in(page.text))
    book = load_workbook(io.BytesIO((await get(house, f"/resources/stocktakes/{number}/report.xlsx")).content))
    assert [row[1].value for row in book.worksheets[0].iter_rows(min_row=2)] == [3, 3]
    listed = await get(house, f"/resources/stocktakes/{number}/differences.xlsx?kind=missing")
    assert len(list(load_workbook(io.BytesIO(listed.content)).worksheets[0].iter_rows(min_row=2))) == 2
    # One scan at a time by the box: its row, its sound; the page without script goes back to itself.
    page = await post(house, f"/resources/stocktaking/{number}/scan", COUNTER, data={"code": "d00002", "place": HERE}, headers={"hx-request": "true"})
    assert page.headers["x-sound"] == "ok"
    assert "D00002" in page.text
    assert (await post(house, f"/resources/stocktaking/{number}/scan", COUNTER, data={"code": "?", "place": HERE})).status_code == 422
    assert (await post(house, f"/resources/stocktakes/{number}/differences/settle?kind=missing&how=told", COUNTER, data={"all": "1"})).status_code == 403
    (row,) = await house.rows("SELECT item_id FROM stocktake_item WHERE result = 'missing'")
    done = await post(house, f"/resources/stocktakes/{number}/differences/settle?kind=missing&how=told", data={"ids": str(row[0])})
    assert done.status_code == 303
    empty = await post(house, "/resources/stocktakes", data={"title": "没有范围"})
    assert empty.status_code == 422
    assert "没有范围" in empty.text
    upside = await post(house, "/resources/stocktakes", data={"title": "倒置", "places": [HERE], "call_from": "F", "call_to": "D"})
    assert upside.status_code == 422


async def test_the_registers_keep_their_promises(house: House, tmp_path: Path) -> None:
    await shelf(house, tmp_path, D=1)

    async def ready(_work: Any, one: Any, action: str) -> None:
        one.created_by = one.opened_by = one.checked_by = "T-else"
        if action in {"check", "close"}:
            one.opened_at = datetime(2026, 11, 1, tzinfo=UTC)

    await keeps_its_promises(
        stocktakes, house.app, lambda: {"title": "清点", "places": [HERE]}, ask={"close": {"explanation": "正常"}}, prepare=ready,
    )


@pytest.mark.parametrize(("text", "key_inside", "inside"), [
    ("D", "D10/1", True), ("D", "D/1", True), ("D", "F10/1", False), ("D9/5", "D9/5", True), ("D9/5", "D9/6", False),
])
def test_a_span_takes_in_everything_that_begins_with_its_end(text: str, key_inside: str, inside: bool) -> None:
    assert (rules.bound("D") <= rules.bound(key_inside) <= rules.bound(text) + rules.LAST) is inside


def test_barcodes_are_read_as_scanners_and_hands_write_them(tmp_path: Path) -> None:
    assert rules.codes_of("Ａ000１ a0001,b-2；!!\nA0001") == (["A0001", "B-2"], ["!!"])
    path = tmp_path / "a"
    path.write_bytes("条码\t题名\nA0001\t红楼梦\n没有\n".encode("gb18030"))
    assert rules.codes_in(reading.rows_of(path, "a.txt")) == (["A0001"], ["没有"])
    for name, data in (("a.xlsx", b"PK\3\4no"), ("a.doc", b"x"), ("a.txt", b"\0\1")):
        path.write_bytes(data)
        with pytest.raises(Refusal):
            reading.rows_of(path, name)
    assert rules.percent(1, 6) == "16.67%"
    assert rules.percent(0, 0) == "0.00%"
    assert missing_rules.ripe(MissingItem(rounds=2, missing_on=date(2026, 11, 1)), date(2026, 11, 2))
    assert not missing_rules.ripe(MissingItem(rounds=1, missing_on=date(2026, 11, 1)), date(2027, 10, 31))
