"""A class is found in the tree or among similar titles, its next number is given once, and the shelf list stands as the books do.

covers: RES-MGT-01, RES-MGT-04
"""

from __future__ import annotations

import asyncio

import pytest

from services.resources.cataloguing.classing import commands, queries, rules
from services.resources.cataloguing.items.commands import add_item
from services.resources.cataloguing.records.queries import by_key
from services.resources.cataloguing.versions.queries import working
from shared.refusals import NotAllowed
from shared.testing.registers import han_in
from tests.resources.conftest import BINDER, CATALOGUER, EXPERT, RECORDS, House


def test_the_tree_is_browsed_and_searched():
    tree = rules.tree()
    assert [one.code for one in tree.below("")][:4] == ["A", "B", "C", "D"]
    assert [one.code for one in tree.path("TP312")][:3] == ["T", "TP", "TP3"]
    codes = [one.code for one in tree.below("TP3")]
    assert codes.index("TP31") < codes.index("TP32")
    assert tree.search("章回小说")[0].name == "章回小说"
    assert tree.search("tp31")[0].code == "TP31"
    assert tree.search("  ") == []
    near = tree.nearest("I242.47-53")
    assert near is not None
    assert near.code.startswith("I242.4")
    assert tree.nearest("??") is None


@pytest.mark.parametrize("text", ["", "823.914", "I242/1", "文学", "X" * 50])
def test_what_is_no_class_is_refused(text: str):
    with pytest.raises(rules.NoClass):
        rules.checked(text)


async def test_numbers_are_given_once_however_many_ask(house: House):
    await house.places()
    await house.read(RECORDS / "bnu.mrc")
    async with house.work() as work:
        before = await queries.highest(work.session, "F124")
    assert before > 10

    async def one(turn: int) -> str:
        async with house.work(EXPERT if turn % 2 else CATALOGUER) as work:
            return await commands.take_number(work, "F124")

    taken = await asyncio.gather(*(one(turn) for turn in range(8)))
    assert sorted(taken) == sorted(f"F124/{before + n}" for n in range(1, 9))
    async with house.work() as work:
        assert await commands.take_number(work, "TP999.9") == "TP999.9/1"
    with pytest.raises(NotAllowed):
        async with house.work(BINDER) as work:
            await commands.take_number(work, "F124")

    async with house.client() as client:
        page = await client.get("/resources/records/B0000001/class", params={"mark": "F124"})
        assert f"F124/{before + 9}" in page.text
        wrong = await client.post("/resources/records/B0000001/class", data={"mark": "823", "base": "0"})
        assert wrong.status_code == 422
        late = await client.post("/resources/records/B0000001/class", data={"mark": "F124", "base": "7"})
        assert late.status_code == 409
        assert (await client.post("/resources/records/B0000001/class", data={"mark": "F124", "base": "0"})).status_code == 303
    async with house.work() as work:
        record = await by_key(work.session, "B0000001")
        marc = await working(work.session, record)
        # A number that was asked for in vain is not lost: its request was rolled back whole.
        assert (marc.first("690", "a"), marc.first("905", "s")) == ("F124", f"F124/{before + 9}")
        assert (await queries.suggestions(work.session, record))


async def test_the_shelf_list_stands_as_the_books_do_and_pages_without_gaps(house: House):
    await house.places()
    await house.read(RECORDS / "bnu.mrc")
    calls = ["I242.4/9", "I242.4/10", "I242.4/100", "I242.5/1", "I24/2", "I242-53/1"]
    for n, call in enumerate(calls):
        async with house.work() as work:
            await add_item(work, number="B0000001", barcode=f"S{n:09d}", location="mj-b1", call_number=call)
    async with house.work() as work:
        whole = await queries.shelf(work.session, "mj-b1")
        told = [item.call_number for item, _n, _t in whole]
        assert told == ["I24/2", "I242-53/1", "I242.4/9", "I242.4/10", "I242.4/100", "I242.5/1"]
        paged: list[str] = []
        after = None
        while rows := await queries.shelf(work.session, "mj-b1", after=after, limit=2):
            paged += [item.call_number for item, _n, _t in rows]
            after = (rows[-1][0].shelf_key, rows[-1][0].id)
        assert paged == told
        assert [item.call_number for item, _n, _t in await queries.shelf(work.session, "mj-b1", begin="I242.4/10")] == told[3:]
        assert [item.call_number for item, _n, _t in await queries.shelf(work.session, "mj-b1", begin="I242.4")] == told[2:]
    for lang in ("zh", "en"):
        async with house.client(lang=lang) as client:
            for url in ("classes", "classes?code=TP3", "classes?q=小说", "classes?q=zzzz", "shelf-list", "shelf-list?location=mj-b1&begin=I242", "records/B0000001/class"):
                page = await client.get(f"/resources/{url}")
                assert page.status_code == 200, url
                assert lang == "zh" or not han_in(page.text), f"{url}: {han_in(page.text)}"
            assert (await client.get("/resources/classes/lookup", params={"q": "TP31"})).json()[0]["value"] == "TP31"
