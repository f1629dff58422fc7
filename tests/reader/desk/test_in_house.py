"""Reading in the house is counted, and closed stock goes out against a card. covers: RDR-DSK-BAS-02, RDR-CIR-OTH-05"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.reader.app import service
from services.reader.desk.inhouse import commands as inhouse
from services.reader.desk.inhouse.rules import UseRefused
from services.reader.desk.items.model import Circulation
from shared.identity import Actor
from shared.refusals import NotAllowed, Refusal
from tests.reader.desk.conftest import CLERK, COLLEAGUE, OUTSIDER
from tests.support.departments import client, opened


async def test_what_is_for_reading_only_is_handed_out_and_comes_back_to_its_shelf(desk) -> None:
    book = await desk.item(use="reference")
    await desk.do(inhouse.use, barcode=book)
    assert (await desk.find_item(book)).circulation is Circulation.in_house_use
    back = await desk.take_back(book)
    assert (back.loan, back.next) == (None, "shelve")
    assert (await desk.find_item(book)).circulation is Circulation.available
    assert (await desk.rows("SELECT count(*), count(ended_at) FROM house_use"))[0] == (1, 1)
    assert len(await desk.said("reader.item.used")) == 1


async def test_closed_stock_wants_a_card_and_the_card_is_forgotten_afterwards(desk, reasons) -> None:
    card, book = await desk.patron(), await desk.item(use="closed")
    with pytest.raises(UseRefused) as refused:
        await desk.do(inhouse.use, barcode=book)
    assert reasons(refused) == ["card-needed"]
    await desk.do(inhouse.use, barcode=book, card=card)
    assert (await desk.rows("SELECT card FROM house_use"))[0][0] == card
    await desk.take_back(book)
    assert (await desk.rows("SELECT card FROM house_use"))[0][0] == ""


async def test_a_book_left_on_a_table_is_counted_and_stands_on_its_shelf_at_once(desk) -> None:
    book = await desk.item()
    for _n in range(2):
        used = await desk.do(inhouse.use, barcode=book, left=True)
        assert used.ended_at is not None
    assert (await desk.find_item(book)).circulation is Circulation.available


async def test_what_is_lent_or_read_already_is_not_handed_out_and_two_rooms_never_both_have_it(desk, reasons) -> None:
    card, lent, free = await desk.patron(), await desk.item(), await desk.item()
    await desk.lend(card, lent)
    with pytest.raises(UseRefused) as refused:
        await desk.do(inhouse.use, barcode=lent)
    assert reasons(refused) == ["item-on-loan"]
    both = await asyncio.gather(
        desk.do(inhouse.use, barcode=free), desk.do(inhouse.use, COLLEAGUE, barcode=free), return_exceptions=True,
    )
    assert sorted(isinstance(one, Refusal) for one in both) == [False, True]
    with pytest.raises(NotAllowed):
        await desk.do(inhouse.use, OUTSIDER, barcode=free)


@pytest.fixture
async def app(database, desk, tmp_path) -> AsyncIterator[object]:
    from datetime import UTC, datetime

    desk.now = datetime.now(UTC)
    async with opened(service, database("reader"), tmp_path) as made:
        yield made


async def test_the_doors_of_the_reading_room(app, desk) -> None:
    from shared.database import uuid7

    book, other = await desk.item(use="reference"), await desk.item()
    async with client(app, CLERK) as api, client(app, Actor(id="p", kind="patron", card="p")) as patron:
        assert (await patron.post("/api/reader/in-house", json={"barcode": book})).status_code == 403
        assert (await api.post("/api/reader/in-house", json={"barcode": book.lower()})).status_code == 201
        again = await api.post("/api/reader/in-house", json={"barcode": book})
        assert (again.status_code, again.json()["reasons"][0]["code"]) == (409, "item-in-house-use")
        assert "阅览中" in (await api.get("/reader/in-house")).text
        assert (await api.post(f"/reader/in-house/{book}/back")).status_code == 303
        assert (await api.post("/reader/in-house", data={"barcode": other, "left": "true"})).status_code == 303
        sitting = str(uuid7())
        row = await api.post("/reader/desk/scan", data={"sitting": sitting, "code": other, "mode": "use"}, headers={"hx-request": "true"})
        assert (row.headers["x-sound"], "馆内阅览" in row.text) == ("ok", True)
        assert '<b>3</b>' in (await api.get("/reader/desk/day")).text
