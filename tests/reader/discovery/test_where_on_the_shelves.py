"""The table of shelf ranges and what a record says from it. covers: RDR-CIR-OTH-04, RDR-CIR-BAS-03"""

from __future__ import annotations

import asyncio
import itertools

import pytest

from services.reader.discovery.shelves.model import ShelfRange, Side
from services.reader.discovery.shelves.register import shelf_ranges
from services.reader.discovery.shelves.rules import keys, plan
from shared.identity import Actor
from shared.refusals import Invalid
from shared.testing.registers import keeps_its_promises
from tests.reader.discovery.conftest import CLERK, Library

KEEPER = Actor(id="R0002", name="陈立群", posts=("RDR-CIR",), dept="reader")


def form(**facts: object) -> dict[str, object]:
    return {
        "location": "wy-2f", "from_call": "I247.5", "to_call": "I247.59", "floor": "二层", "hall": "文学库", "rack": 3,
        "side": "A", **facts,
    }


async def test_the_register_keeps_its_promises(library: Library) -> None:
    numbers = itertools.count(10)

    def fill() -> dict[str, object]:
        n = next(numbers)
        return form(from_call=f"T{n}", to_call=f"T{n}", location="zk-3f")

    await keeps_its_promises(shelf_ranges, library.app, fill)


async def test_a_record_says_where_to_fetch_it(library: Library) -> None:
    assert (await library.post("/reader/shelf-ranges", KEEPER, data=form())).status_code == 303
    assert (await library.post("/reader/shelf-ranges", KEEPER, data=form(from_call="I25", to_call="I26", rack=4, side="B"))).status_code == 303
    book = await library.book("活着", call_number="I247.57/12")
    page = (await library.get(f"/reader/catalogue/{book.number}")).text
    assert "二层 文学库 3 排 A 面" in page
    assert '<svg class="plan data"' in page
    assert page.count('rx="2" class="side"') == 1
    elsewhere = await library.book("论语", call_number="B222/1", clc="B222")
    assert "在哪里取书" not in (await library.get(f"/reader/catalogue/{elsewhere.number}")).text


async def test_ranges_of_a_location_cannot_cross_even_written_at_once(library: Library) -> None:
    answers = await asyncio.gather(*(
        library.post("/reader/shelf-ranges", KEEPER, data=form(to_call=to)) for to in ("I247.59", "I247.58", "I247.7")
    ))
    assert sorted(a.status_code for a in answers) == [303, 422, 422]
    refused = next(a for a in answers if a.status_code == 422)
    assert "同一馆藏地的号段不能交叉" in refused.text
    assert 'value="二层"' in refused.text  # nothing typed is lost
    assert (await library.post("/reader/shelf-ranges", KEEPER, data=form(location="sk-2f"))).status_code == 303


async def test_who_may_write(library: Library) -> None:
    assert (await library.post("/reader/shelf-ranges", CLERK, data=form())).status_code == 403
    assert (await library.get("/reader/shelf-ranges", CLERK)).status_code == 200
    assert (await library.get("/reader/shelf-ranges", await library.patron())).status_code == 403


@pytest.mark.parametrize(("low", "high"), [("", "I2"), ("I2", " "), ("I3", "I2")])
def test_a_range_has_two_ends_in_order(low: str, high: str) -> None:
    with pytest.raises(Invalid):
        keys(low, high)


def test_both_ends_belong_to_the_range_with_everything_below() -> None:
    low, high = keys("G250", "G259")
    assert low <= "G250" < high
    assert high > "G2592/000001"
    assert not high > "G26"


def test_racks_stand_in_rows_of_ten_and_ours_is_marked() -> None:
    drawn = plan(range(1, 13), ShelfRange(rack=12, side=Side.both))
    assert [rack.number for rack in drawn.racks] == list(range(1, 13))
    assert [rack.here for rack in drawn.racks if rack.here] == ["AB"]
    assert drawn.racks[0].y > drawn.racks[10].y  # the first row is nearest to the entrance
    assert all(rack.x + 22 <= drawn.wide and rack.y + 88 <= drawn.high for rack in drawn.racks)
