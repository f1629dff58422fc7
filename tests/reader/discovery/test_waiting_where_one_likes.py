"""A patron says where to fetch a book, and which part, when they begin to wait. covers: RDR-DSK-BAS-02"""

from __future__ import annotations

import re

import pytest

from services.reader.rooms.service_points import commands as points
from shared.identity import Actor
from tests.reader.discovery.conftest import Library

HEAD = Actor(id="R0003", name="陈责任", posts=("RDR-LED",), dept="reader")


@pytest.fixture
async def two_points(library: Library) -> Library:
    async with library.work(HEAD) as work:
        await points.save(work, code="MAIN", name="总服务台", main=True, new=True)
        await points.save(work, code="EAST", name="东区分馆", name_en="East Branch", new=True)
        await points.assign(work, code="MAIN", locations=["wy-2f"])
    return library


def chosen(page: str) -> list[str]:
    """The points offered, the preselected one marked."""
    form = page[page.index('id="hold-pickup"'):]
    return [code + ("*" if on else "") for code, on in re.findall(r'value="(\w+)"( selected)?', form[: form.index("</select>")])]


async def place_of(library: Library, patron: Actor) -> tuple[str, str]:
    (hold,) = (await library.get("/api/reader/my", patron)).json()["holds"]
    return hold["pickup"], hold["wanted"]


async def test_the_point_is_chosen_and_the_next_time_it_is_the_last_choice(two_points: Library) -> None:
    library, patron, holder = two_points, await two_points.patron(), await two_points.patron()
    book, other = await library.book("活着"), await library.book("兄弟")
    for one in (book, other):
        await library.lend(holder, one.barcodes[0])
    assert chosen((await library.get(f"/reader/catalogue/{book.number}", patron)).text) == ["MAIN*", "EAST"]
    placed = await library.post(f"/reader/catalogue/{book.number}/hold", patron, data={"pickup": "EAST"})
    assert placed.status_code == 303
    assert await place_of(library, patron) == ("EAST", "")
    assert chosen((await library.get(f"/reader/catalogue/{other.number}", patron)).text) == ["MAIN", "EAST*"]
    await library.post(f"/reader/catalogue/{other.number}/hold", patron)  # a button without a choice
    holds = (await library.get("/api/reader/my", patron)).json()["holds"]
    assert [hold["pickup"] for hold in holds] == ["EAST", "EAST"]


async def test_a_book_on_the_shelf_is_fetched_to_another_point_and_not_held_at_its_own(two_points: Library) -> None:
    library, patron = two_points, await two_points.patron()
    book = await library.book("活着")
    assert chosen((await library.get(f"/reader/catalogue/{book.number}", patron)).text) == ["EAST*"]
    refused = await library.post(f"/reader/catalogue/{book.number}/hold", patron, data={"pickup": "MAIN"})
    assert refused.status_code == 409
    assert (await library.post(f"/reader/catalogue/{book.number}/hold", patron, data={"pickup": "EAST"})).status_code == 303


async def test_a_point_that_is_closed_or_unknown_is_refused_and_a_closed_one_is_no_default(two_points: Library) -> None:
    library, patron, holder = two_points, await two_points.patron(), await two_points.patron()
    book, other = await library.book("活着"), await library.book("兄弟")
    for one in (book, other):
        await library.lend(holder, one.barcodes[0])
    for code in ("MOON", "'"):
        assert (await library.post(f"/reader/catalogue/{book.number}/hold", patron, data={"pickup": code})).status_code == 404
    await library.post(f"/reader/catalogue/{book.number}/hold", patron, data={"pickup": "EAST"})
    async with library.work(HEAD) as work:
        await points.save(work, code="EAST", name="东区分馆", open_=False)
    assert (await library.post(f"/reader/catalogue/{other.number}/hold", patron)).status_code == 303
    pickups = {hold["title"]: hold["pickup"] for hold in (await library.get("/api/reader/my", patron)).json()["holds"]}
    assert pickups == {"活着": "EAST", "兄弟": ""}


async def test_one_copy_is_asked_for_only_if_it_is_of_this_title(two_points: Library) -> None:
    library, patron, holder = two_points, await two_points.patron(), await two_points.patron()
    book, other = await library.book("资治通鉴", copies=2), await library.book("兄弟")
    for barcode in (*book.barcodes, *other.barcodes):
        await library.lend(holder, barcode)
    strange = await library.post(
        f"/reader/catalogue/{book.number}/hold", patron, data={"pickup": "MAIN", "barcode": other.barcodes[0]}
    )
    assert strange.status_code == 404
    placed = await library.post(
        f"/reader/catalogue/{book.number}/hold", patron, data={"pickup": "MAIN", "barcode": book.barcodes[1]}
    )
    assert placed.status_code == 303
    assert await place_of(library, patron) == ("MAIN", book.barcodes[1])
