"""Opening and what came and went make the closing, in titles, copies and value, and the items agree.

covers: RES-MGT-04
"""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.resources.cataloguing.items.commands import add_item, move_life, relocate
from services.resources.collections.monthly import rules
from services.resources.collections.monthly.model import Grouping, Kind
from services.resources.collections.monthly.register import holdings, open_last_month
from shared.refusals import Invalid, SamePerson
from shared.testing.registers import han_in, keeps_its_promises
from tests.resources.collections.shelf import HERE, KEEPER, LEADER, THERE, get, shelf
from tests.resources.conftest import House

OCT, NOV = "2026-10", "2026-11"


async def in_month(house: House, day: str, *verbs: Any) -> None:
    """These changes bear this day, as those of a stock taken over from elsewhere do."""
    for verb in verbs:
        async with house.work() as work:
            await work.session.execute(text("SELECT set_config('guanwu.day', :day, true)"), {"day": day})
            await verb(work)


async def today(house: House) -> date:
    async with house.work() as work:
        return work.today


async def report(house: House, period: str) -> str:
    async with house.work() as work:
        return str((await holdings.open(work, period=period)).no)


async def lines(house: House, number: str, grouping: str) -> dict[str, dict[str, list[int]]]:
    rows = await house.rows(
        "SELECT concat_ws('/', l.location, l.clc, l.language, l.source) AS key, l.titles, l.copies, l.value, l.actual FROM holdings_line l "
        "JOIN holdings_month m ON m.id = l.month_id WHERE m.no = :no AND l.grouping = :by", no=number, by=grouping,
    )
    return {r.key.strip("/"): {"titles": r.titles, "copies": r.copies, "value": r.value, "actual": r.actual} for r in rows}


def flow(figures: list[int]) -> dict[str, int]:
    return {name: figures[at] for name, at in rules.PLACE.items() if figures[at]}


async def autumn(house: House, tmp_path: Path) -> None:
    """October: three copies of a D title, one of an F title. November: one comes, one moves, one is weeded, one is dearer."""
    numbers = await shelf(house, tmp_path, D=0, F=0)

    def new(mark: str, barcode: str, location: str = HERE) -> Any:
        async def verb(work: Any) -> None:
            await add_item(
                work, number=numbers[mark], barcode=barcode, location=location, call_number=f"{mark}10/1", price_cents=1000,
            )
        return verb

    await in_month(house, "2026-10-15", new("D", "D00001"), new("D", "D00002"), new("D", "D00003"), new("F", "F00001"))

    async def moved(work: Any) -> None:
        await relocate(work, "D00001", location=THERE)

    async def weeded(work: Any) -> None:
        await move_life(work, "F00001", "propose")
        await work.session.flush()
        await move_life(work, "F00001", "withdraw")

    async def dearer(work: Any) -> None:
        await work.session.execute(text("UPDATE item SET price_cents = 1500 WHERE barcode = 'D00002'"))

    await in_month(house, "2026-11-05", new("D", "D00004", THERE), moved, weeded, dearer)


async def test_a_month_adds_up_in_every_table_and_the_items_agree(house: House, tmp_path: Path) -> None:
    await autumn(house, tmp_path)
    october = await report(house, OCT)
    assert flow((await lines(house, october, "all"))[""]["copies"]) == {"added": 4, "closing": 4}
    november = await report(house, NOV)
    total = (await lines(house, november, "all"))[""]
    assert flow(total["copies"]) == {"opening": 4, "added": 1, "moved_in": 1, "moved_out": 1, "withdrawn": 1, "closing": 4}
    assert flow(total["titles"]) == {"opening": 2, "withdrawn": 1, "closing": 1}
    assert flow(total["value"]) == {
        "opening": 4000, "added": 1000, "moved_in": 1000, "moved_out": 1000, "withdrawn": 1000, "corrected": 500, "closing": 4500,
    }
    assert total["actual"] == [1, 4, 4500]
    cells = await lines(house, november, "cell")
    # The first copy over there came new, so the title was added there; the moved one is the second.
    here, there = cells[f"{HERE}/D"], cells[f"{THERE}/D"]
    assert (flow(here["copies"]), flow(here["titles"])) == ({"opening": 3, "moved_out": 1, "closing": 2}, {"opening": 1, "closing": 1})
    assert (flow(there["copies"]), flow(there["titles"])) == ({"added": 1, "moved_in": 1, "closing": 2}, {"added": 1, "closing": 1})
    assert flow(cells[f"{HERE}/F"]["titles"]) == {"opening": 1, "withdrawn": 1}
    for grouping in Grouping:
        for line in (await lines(house, november, grouping.value)).values():
            for unit in ("titles", "copies", "value"):
                assert line[unit][-1] == rules.closing(line[unit])
    assert (await house.rows("SELECT differences FROM holdings_month WHERE no = :no", no=november))[0][0] == 0


async def test_a_month_is_handed_in_by_a_second_person_in_turn_and_never_changes(house: House, tmp_path: Path) -> None:
    await autumn(house, tmp_path)
    october, november = await report(house, OCT), await report(house, NOV)
    with pytest.raises(Invalid):
        await report(house, OCT)
    async with house.work(now=_noon("2026-12-02")) as work:
        with pytest.raises(rules.EarlierFirst):
            await holdings.move(work, november, "submit")
    async with house.work(now=_noon("2026-10-31")) as work:
        with pytest.raises(rules.NotOver):
            await holdings.move(work, october, "submit")
    await hand_in(house, october, "2026-11-03")
    # What comes late for a month that was handed in stands in the next one.
    numbers = await house.rows("SELECT number FROM instance ORDER BY created_at LIMIT 1")

    async def late(work: Any) -> None:
        await add_item(work, number=numbers[0][0], barcode="D00009", location=HERE, call_number="D10/1", price_cents=100)

    await in_month(house, "2026-10-20", late)
    async with house.work() as work:
        await holdings.move(work, november, "compute")
    assert flow((await lines(house, november, "all"))[""]["copies"])["added"] == 2
    await hand_in(house, november, "2026-12-02")
    facts = await house.said("resources.holdings.reported")
    assert [(fact["period"], fact["total"]["opening"], fact["total"]["copies"]) for _n, fact in facts] == [(OCT, 0, 4), (NOV, 4, 5)]
    assert {place["location"] for place in facts[1][1]["locations"]} == {HERE, THERE}
    for change in ("UPDATE holdings_line SET copies = copies", "DELETE FROM holdings_line", "DELETE FROM holding_move",
                   "UPDATE holding_move SET copies = 0"):
        with pytest.raises(DBAPIError):
            async with house.work() as work:
                await work.session.execute(text(change))


def _noon(day: str) -> Any:
    return datetime.fromisoformat(f"{day}T04:00:00").replace(tzinfo=UTC)


async def hand_in(house: House, number: str, day: str, **asked: str) -> None:
    async with house.work(now=_noon(day)) as work:
        await holdings.move(work, number, "submit", **asked)
    async with house.work(now=_noon(day)) as work:
        with pytest.raises(SamePerson):
            await holdings.move(work, number, "close")
    async with house.work(LEADER, now=_noon(day)) as work:
        await holdings.move(work, number, "close")


async def test_a_difference_is_shown_and_explained_before_anybody_signs(house: House, tmp_path: Path) -> None:
    await autumn(house, tmp_path)
    number = await report(house, NOV)
    async with house.work() as work:  # a row nobody can account for, as a restored backup would leave one
        await work.session.execute(text(
            "INSERT INTO holding_move (day, kind, item_id, instance_id, location, clc, language, source, copies, value_cents) "
            "SELECT '2026-11-20', 'added', gen_random_uuid(), id, :here, 'D', language, 'other', 1, 700 FROM instance LIMIT 1"
        ), {"here": HERE})
        await holdings.move(work, number, "compute")
    assert (await house.rows("SELECT differences FROM holdings_month WHERE no = :no", no=number))[0][0] == 2
    page = await get(house, f"/resources/holdings/{number}/table?by=cell&only=1")
    assert page.text.count("<tr data-row") == 1
    async with house.work(now=_noon("2026-12-02")) as work:
        with pytest.raises(rules.Unexplained):
            await holdings.move(work, number, "submit")
    await hand_in(house, number, "2026-12-02", explanation="恢复备份所致，已核实")


async def test_every_way_in_and_out_leaves_its_row(house: House, tmp_path: Path) -> None:
    numbers = await shelf(house, tmp_path, D=2)
    async with house.work() as work:  # from the workroom: stock only when it is handed over
        await add_item(work, number=numbers["D"], barcode="D00003", location=HERE, call_number="D10/1", price_cents=100, in_process=True)
        await work.session.flush()
        await move_life(work, "D00003", "release")
        for action in ("lose", "replace", "readmit"):
            await move_life(work, "D00001", action)
            await work.session.flush()
    async with house.work() as work:  # the record gets another class: all its copies change their cell
        await work.session.execute(text("UPDATE instance SET clc = 'TP311', language = 'eng'"))
        await work.session.execute(text("DELETE FROM item WHERE barcode = 'D00002'"))
    rows = await house.rows("SELECT kind, copies, location || '/' || clc || '/' || language FROM holding_move ORDER BY id")
    assert [tuple(r)[:2] for r in rows if not r[0].startswith("moved")] == [
        ("added", 1), ("added", 1), ("added", 1), ("lost", -1), ("recovered", 1), ("corrected", -1),
    ]
    moves = [tuple(r) for r in rows if r[0].startswith("moved")]
    assert len(moves) == 6
    assert {m[2] for m in moves if m[0] == "moved_in"} == {f"{HERE}/TP/eng"}
    number = await report(house, rules.period_of(await today(house)))
    total = (await lines(house, number, "all"))[""]
    assert total["copies"][-1] == total["actual"][1] == 2
    assert set(await lines(house, number, "language")) >= {"eng"}


async def test_screens_lead_from_every_number_to_its_rows(house: House, tmp_path: Path) -> None:
    await autumn(house, tmp_path)
    await report(house, OCT)
    number = await report(house, NOV)
    for lang in ("zh", "en"):
        for path in ("", "/table?by=cell", "/table?by=clc&unit=titles", "/table?by=source&unit=value", "/rows?by=all&column=closing",
                     f"/rows?by=cell&column=moved_out&location={HERE}&clc=D"):
            page = await get(house, f"/resources/holdings/{number}{path}", KEEPER, lang)
            assert page.status_code == 200, (path, page.text[:500])
            assert lang == "zh" or not han_in(page.text), (path, han_in(page.text))
    for column, codes in (("opening", {"D00001", "D00002", "D00003", "F00001"}), ("closing", {"D00001", "D00002", "D00003", "D00004"}),
                          ("withdrawn", {"F00001"}), ("moved_out", {"D00001"})):
        page = await get(house, f"/resources/holdings/{number}/rows?by=all&column={column}")
        assert {code for code in ("D00001", "D00002", "D00003", "D00004", "F00001") if code in page.text} == codes, column
    book = load_workbook(io.BytesIO((await get(house, f"/resources/holdings/{number}/report.xlsx")).content))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert len(rows[0]) == 3 + 27
    assert rows[-1][0] == "合计"
    assert rows[-1][3 + 9 + 8] == 4
    assert rows[-1][-1] == 45.0
    assert (await get(house, f"/resources/holdings/{number}", LEADER)).status_code == 200


async def test_the_first_of_the_month_opens_the_month_before_once(house: House) -> None:
    for _ in range(2):
        async with house.work(now=_noon("2026-12-01")) as work:
            await open_last_month(work, None)
    assert [tuple(r) for r in await house.rows("SELECT period, state FROM holdings_month")] == [(NOV, "draft")]


async def test_the_register_keeps_its_promises(house: House) -> None:
    # Backwards: no earlier month waits to be handed in.
    months = iter(f"20{year}-{month:02d}" for year in range(25, 20, -1) for month in range(12, 0, -1))

    async def ready(_work: Any, month: Any, _action: str) -> None:
        month.submitted_by = "T-else"

    await keeps_its_promises(
        holdings, house.app, lambda: {"period": next(months)}, ask={"send_back": {"explanation": "重算"}}, prepare=ready,
    )


def test_what_left_is_written_without_a_sign_and_taken_off() -> None:
    line = [10, 5, 2, 1, 3, 4, 1, -2, 0]
    assert rules.closing(line) == 10 + 5 + 2 + 1 - 3 - 4 - 1 - 2
    assert rules.signed(Kind.withdrawn.value, -4) == 4
    assert rules.signed(Kind.corrected.value, -2) == -2
    assert rules.balanced([([0, 0, 2, 0, 1, 0, 0, 0, 1], [0] * 9), ([0, 0, 0, 0, 1, 0, 0, 0, -1], [0] * 9)])
    assert rules.month_before(date(2026, 1, 1)) == date(2025, 12, 1)
    assert rules.next_month(date(2025, 12, 1)) == date(2026, 1, 1)
    for bad in ("2026", "2026-13", "x", "1999-01"):
        with pytest.raises(Invalid):
            rules.first_of(bad)
