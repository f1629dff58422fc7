"""A disc is catalogued with its book: own barcode, linked, in the book's place. covers: RES-MGT-01, RDR-CIR-MMD-04"""

from __future__ import annotations

import asyncio

import pytest

from services.resources.cataloguing.handover import commands as handover
from services.resources.cataloguing.items import commands, rules
from services.resources.cataloguing.items.accompanying import add_disc
from services.resources.cataloguing.items.queries import counts, next_barcode, of_instance
from services.resources.cataloguing.records.queries import by_key
from shared.barcodes import is_barcode
from shared.events.reader import ServicePointSaved
from shared.refusals import Invalid, NotAllowed, NotFound
from tests.resources.conftest import BINDER, CATALOGUER, CLERK, RECORDS, House

BOOK, DISC = "A009000019", "D009000013"


@pytest.fixture
async def room(house: House) -> House:
    """A released record with one copy in sk-2f."""
    await house.places()
    await house.read(RECORDS / "bnu.mrc")
    async with house.work() as work:
        await commands.add_item(work, number=await number_of(house), barcode=BOOK, location="sk-2f", price_cents=4200)
    return house


async def number_of(house: House) -> str:
    ((number,),) = await house.rows("SELECT number FROM instance ORDER BY number LIMIT 1")
    return str(number)


async def added(house: House, actor=CATALOGUER, **facts):
    async with house.work(actor) as work:
        return await add_disc(work, **{"book": BOOK, "barcode": DISC, **facts})


async def test_a_disc_has_its_own_barcode_and_the_place_of_its_book(room) -> None:
    disc = await added(room, pieces=2)
    ((title, copy_no, key),) = await room.rows(
        "SELECT r.title, i.copy_no, i.id FROM item i JOIN instance r ON r.id = i.instance_id WHERE i.barcode = :b", b=BOOK
    )
    assert (disc.kind, disc.location, disc.copy_no, disc.life.value) == ("disc", "sk-2f", copy_no, "in_stock")
    _name, fact = (await room.said("resources.item.catalogued"))[-1]
    assert (fact["barcode"], fact["kind"], fact["title"]) == (DISC, "disc", f"{title}（随书光盘）")
    assert (fact["book_id"], fact["book_barcode"], fact["pieces"]) == (str(key), BOOK, 2)
    async with room.work() as work:
        record = await by_key(work.session, await number_of(room))
        here = await of_instance(work.session, record.id)
        assert (await counts(work.session, [record.id]))[record.id] == len(here) - 1  # a disc is no copy
        proposed = await next_barcode(work.session, rules.DISC)
    assert proposed.startswith("D")
    assert is_barcode(proposed)


async def test_what_cannot_be_is_refused_with_its_reason(room) -> None:
    await added(room)
    with pytest.raises(rules.BarcodeTaken):
        await added(room)
    with pytest.raises(rules.NotABook):
        await added(room, book=DISC, barcode="D009000021")
    with pytest.raises(NotFound):
        await added(room, book="NOBODY", barcode="D009000021")
    with pytest.raises(rules.UnknownLocation):
        await added(room, barcode="D009000021", location="nowhere")
    with pytest.raises(Invalid):
        await added(room, barcode="D009000021", pieces=0)
    for actor in (CLERK, BINDER):
        with pytest.raises(NotAllowed):
            await added(room, actor, barcode="D009000021")
    async with room.work() as work:
        await commands.move_life(work, BOOK, "lose")
    with pytest.raises(rules.BookGone):
        await added(room, barcode="D009000021")


async def test_two_cataloguers_with_one_barcode_make_one_disc(room) -> None:
    done = await asyncio.gather(*(added(room) for _ in range(2)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["BarcodeTaken", "Item"]


async def test_a_disc_in_the_workroom_travels_with_its_book_and_says_whose_it_is(room) -> None:
    await room.heed(ServicePointSaved(code="MAIN", point_name="总服务台", point_name_en="Main Desk", locations=("sk-2f",)))
    await added(room, in_process=True)
    async with room.work() as work:
        batch, _done = await handover.open_batch(work, point="MAIN", codes=[DISC])
        await handover.check(work, number=batch.number, barcode=DISC)
        await handover.send(work, number=batch.number)
    ((_name, fact),) = await room.said("resources.item.handed-over")
    (line,) = fact["lines"]
    assert (line["barcode"], line["kind"], line["book_barcode"]) == (DISC, "disc", BOOK)
    assert line["title"].endswith("（随书光盘）")


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_the_form_of_a_disc_keeps_what_was_typed(room, lang) -> None:
    number = await number_of(room)
    async with room.client(lang=lang) as web, room.client(CLERK) as out:
        assert (await out.get(f"/resources/items/{BOOK}/disc")).status_code == 403
        form = await web.get(f"/resources/items/{BOOK}/disc")
        assert (form.status_code, 'value="D' in form.text) == (200, True)
        wrong = await web.post(f"/resources/items/{BOOK}/disc", data={
            "barcode": DISC, "location": "sk-2f", "pieces": "99", "note": "双碟",
        })
        assert (wrong.status_code, "双碟" in wrong.text, DISC in wrong.text) == (422, True, True)
        taken = await web.post(f"/resources/items/{BOOK}/disc", data={"barcode": BOOK, "location": "sk-2f", "pieces": "1"})
        assert taken.status_code == 422
        made = await web.post(f"/resources/items/{BOOK}/disc", data={
            "barcode": DISC, "location": "sk-2f", "pieces": "2", "price_cents": "12.50",
        })
        assert made.status_code == 303
        shown = (await web.get(f"/resources/records/{number}")).text
        assert f'id="item-{DISC}"' in shown
        assert f'href="#item-{BOOK}"' in shown
        assert (await web.get(f"/api/resources/items/{BOOK}/discs")).json()["items"][0]["price_cents"] == 1250
        again = await web.post(f"/api/resources/items/{BOOK}/discs", json={"barcode": "D009000021", "pieces": 1})
        assert (again.status_code, again.json()["kind"], again.json()["book_id"] is not None) == (201, "disc", True)
