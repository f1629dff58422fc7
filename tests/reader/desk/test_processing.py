"""A worn barcode gives way to a new one and goes on answering; labels wait until somebody printed them.

covers: RDR-DSK-BAS-05, RDR-CIR-OTH-05
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from services.reader.app import service
from services.reader.desk.items import commands as items
from services.reader.desk.processing import commands, rules
from services.reader.desk.processing.model import Cause
from shared.barcodes import DESK_SERIAL, is_barcode, serial_of
from shared.database import uuid7
from shared.events.resources import ItemCatalogued, ItemRelocated, ItemWithdrawn
from shared.identity import SYSTEM
from shared.refusals import NotAllowed
from tests.reader.desk.conftest import CLERK, COLLEAGUE, OUTSIDER
from tests.reader.desk.sip2 import Machine, listening, terminal
from tests.support.departments import client, opened

HX = {"hx-request": "true"}


@pytest.fixture
async def app(database, desk, tmp_path) -> AsyncIterator[object]:
    async with opened(service, database("reader"), tmp_path) as made:
        yield made


async def test_the_old_barcode_goes_on_lending_and_returning(desk) -> None:
    card, old = await desk.patron(), await desk.item()
    item = await desk.do(commands.replace_barcode, barcode=old)
    assert is_barcode(item.barcode)
    assert (serial_of(item.barcode) or 0) >= DESK_SERIAL
    lent = await desk.lend(card, old)
    assert lent.item.barcode == item.barcode
    assert (await desk.take_back(old)).loan.id == lent.loan.id
    ((_name, told, _chain),) = await desk.said("reader.item.barcode-replaced")
    assert (told["former"], told["barcode"], told["item_id"]) == (old, item.barcode, str(item.id))


async def test_a_book_that_is_out_keeps_its_loan_over_two_new_barcodes(desk) -> None:
    card, old = await desk.patron(), await desk.item()
    lent = await desk.lend(card, old)
    await desk.do(commands.replace_barcode, barcode=old, new="B000777")
    await desk.do(commands.replace_barcode, barcode=old, new="B000778")
    assert (await desk.take_back("B000777")).loan.id == lent.loan.id
    rows = await desk.rows("SELECT barcode FROM former_barcode ORDER BY ended_at, barcode")
    assert sorted(r[0] for r in rows) == sorted([old, "B000777"])


async def test_a_barcode_is_never_given_twice_not_even_a_former_one(desk) -> None:
    old, other = await desk.item(), await desk.item()
    await desk.do(commands.replace_barcode, barcode=old, new="B000777")
    for used in (old, other, "B000777"):
        with pytest.raises(rules.BarcodeUsed):
            await desk.do(commands.replace_barcode, barcode=other, new=used)
    with pytest.raises(IntegrityError, match="used before"):
        await desk.do(items.take_up, SYSTEM, fact=ItemCatalogued(
            item_id=str(uuid7()), barcode=old, title="另一册", instance_id="x"
        ))


async def test_two_desks_give_the_same_roll_barcode_to_one_item_only(desk) -> None:
    one, two = await desk.item(), await desk.item()
    answers = await asyncio.gather(*(
        desk.do(commands.replace_barcode, who, barcode=code, new="B000900")
        for who, code in ((CLERK, one), (COLLEAGUE, two))
    ), return_exceptions=True)
    assert sorted(type(a).__name__ for a in answers) == ["BarcodeUsed", "Item"]


async def test_own_numbers_go_on_after_one_scanned_from_the_roll(desk) -> None:
    from shared.barcodes import barcode

    one, two, three = [await desk.item() for _ in range(3)]
    await desk.do(commands.replace_barcode, barcode=one, new=barcode("A", DESK_SERIAL + 50))
    given = [(await desk.do(commands.replace_barcode, barcode=code)).barcode for code in (two, three)]
    assert [serial_of(code) for code in given] == [DESK_SERIAL + 51, DESK_SERIAL + 52]


async def test_who_spoiled_the_barcode_owes_one_yuan_and_wear_costs_nothing(desk) -> None:
    card, spoiled, worn = await desk.patron(), await desk.item(), await desk.item()
    await desk.do(commands.replace_barcode, barcode=spoiled, card=card, reason="撕去")
    await desk.do(commands.replace_barcode, barcode=worn)
    assert [tuple(r) for r in await desk.rows("SELECT kind, amount_fen FROM ledger")] == [("barcode", 100)]


async def test_bad_barcodes_other_hands_and_other_people_are_refused(desk, reasons) -> None:
    code = await desk.item()
    with pytest.raises(rules.BadBarcode):
        await desk.do(commands.replace_barcode, barcode=code, new="条码")
    with pytest.raises(NotAllowed):
        await desk.do(commands.replace_barcode, OUTSIDER, barcode=code)
    await desk.do(items.learn_stock, SYSTEM, barcode=code, action="withdraw")
    with pytest.raises(rules.NotToRelabel) as refusal:
        await desk.do(commands.replace_barcode, barcode=code)
    assert reasons(refusal) == ["item-withdrawn"]


async def test_what_others_say_of_the_old_barcode_reaches_the_item(desk) -> None:
    old = await desk.item()
    item = await desk.do(commands.replace_barcode, barcode=old, new="B000777")
    await desk.heed(service.handlers, ItemWithdrawn(
        item_id=str(item.id), barcode=old, title="活着", number="TJ2026-0001", instance_id=item.instance_id
    ))
    assert (await desk.find_item("B000777")).stock.value == "withdrawn"


async def test_a_new_call_number_queues_one_label_and_a_new_title_none(desk) -> None:
    code = await desk.item()
    item = await desk.find_item(code)
    facts = {"item_id": str(item.id), "barcode": code, "location": "LIT", "location_name": "二层文学库"}
    await desk.heed(service.handlers, ItemRelocated(**facts, title="改正题名", call_number=item.call_number))
    assert await desk.rows("SELECT 1 FROM label_job") == []
    for call in ("I247/1", "I247/2"):
        await desk.heed(service.handlers, ItemRelocated(**facts, title="活着", call_number=call))
    ((job, cause),) = await desk.rows("SELECT id, cause FROM label_job")
    assert cause == Cause.moved
    done = await asyncio.gather(*(desk.do(commands.mark_printed, jobs=[job]) for _ in range(2)))
    assert sorted(done) == [0, 1]


async def test_labels_are_drawn_on_a_sheet_and_words_are_never_markup(app, desk, tmp_path) -> None:
    if not Path("dist/fonts").is_dir():
        from deploy.local.assets import fonts

        fonts()
    code = await desk.item(title='#panic("x") *粗* $ \\ "引号"')
    await desk.do(commands.order_label, barcode=code)
    async with client(app, CLERK) as web, client(app, OUTSIDER) as outside:
        for asked in ("", f"?codes={code}&skip=3"):
            drawn = await web.get(f"/reader/processing/labels.pdf{asked}")
            assert (drawn.status_code, drawn.content[:5]) == (200, b"%PDF-")
        assert (await web.get("/reader/processing/labels.pdf?codes=NOSUCH1")).status_code == 404
        many = "%0A".join(f"A{n:06d}" for n in range(241))
        assert (await web.get(f"/reader/processing/labels.pdf?codes={many}")).status_code == 422
        assert (await web.get("/reader/processing/labels.pdf?skip=24")).status_code == 422
        assert (await outside.get("/reader/processing/labels.pdf")).status_code == 403


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_the_screens_of_barcodes_and_labels(app, desk, lang) -> None:
    old = await desk.item()
    async with client(app, CLERK, cookie=f"lang={lang}") as web:
        assert (await web.get("/reader/processing")).status_code == 200
        made = await web.post("/reader/processing/replace", data={"barcode": old, "new": "b000777"})
        assert (made.status_code, made.headers["location"].split("?")[0]) == (303, "/reader/items/B000777")
        assert (await web.get(f"/reader/items/{old}")).status_code == 200
        assert (await web.get(f"/api/reader/items/{old}")).json()["barcode"] == "B000777"
        queue = await web.get("/reader/processing")
        assert "B000777" in queue.text
        assert "B000777" in (await web.get("/reader/processing/roll")).text
        drawn = await web.get("/reader/processing/bars/B000777.svg")
        assert (drawn.status_code, drawn.text.startswith("<svg")) == (200, True)
        ((job,),) = await desk.rows("SELECT id FROM label_job")
        assert (await web.post("/reader/processing/printed", data={"jobs": str(job)})).status_code == 303
        assert "B000777" in (await web.get("/reader/processing?state=done")).text
        s = uuid7()
        back = await web.post("/reader/desk/scan", data={"sitting": str(s), "code": old, "mode": "return"}, headers=HX)
        assert (back.status_code, "活着" in back.text) == (200, True)


async def test_an_old_barcode_serves_and_says_which_one_holds_now(app, desk) -> None:
    desk.now = datetime.now(UTC)
    card, old = await desk.patron(), await desk.item()
    await desk.do(commands.replace_barcode, barcode=old, new="B000777", reason="磨损")
    s = str(uuid7())
    async with client(app, CLERK) as web:
        for code, mode in ((card, "lend"), (old, "lend"), (old, "renew"), (old, "return")):
            shown = await web.post("/reader/desk/scan", data={"sitting": s, "code": code, "mode": mode}, headers=HX)
            assert shown.status_code == 200
            if code == old:
                assert f"旧条码 {old} 已停用，现用 B000777" in shown.text, mode
                assert shown.headers["x-sound"] in {"look", "stop"}
        page_ = await web.get(f"/reader/items?q={old.lower()}", follow_redirects=True)
        assert f"旧条码 {old} 已停用，现用 B000777" in page_.text
        assert "磨损" in page_.text
        now = await web.get("/reader/items/B000777")
        assert "已停用" not in now.text
        assert 'action="/reader/processing/replace"' in now.text
        found = (await web.get(f"/api/reader/search?q={old}")).json()
        assert "B000777" in str(found)
        lent = (await web.post("/api/reader/loans", json={"card": card, "barcode": old})).json()
        back = (await web.post("/api/reader/returns", json={"barcode": old})).json()
        again = (await web.post("/api/reader/returns", json={"barcode": "B000777"})).json()
    assert lent["renamed"] == back["renamed"]
    assert (back["renamed"]["former"], back["renamed"]["current"], again["renamed"]) == (old, "B000777", None)


async def test_machines_are_told_of_an_old_label(desk) -> None:
    card, old = await desk.patron(), await desk.item()
    await desk.do(commands.replace_barcode, barcode=old, new="B000777")
    await terminal(desk)
    async with listening(desk) as server:
        machine = await Machine(server.port).connect()
        answers = [
            await machine.checkout(card, old), await machine.checkin(old), await machine.say(f"1720261123    120000AO|AB{old}|"),
        ]
        plain = await machine.checkin("B000777")
    for answer in answers:
        assert f"旧条码 {old} 已停用，现用 B000777" in answer["AF"]
    assert "旧条码" not in plain["AF"]


async def test_the_interface_of_barcodes_and_labels(app, desk) -> None:
    old, other, card = await desk.item(), await desk.item(), await desk.patron()
    async with client(app, CLERK) as api, client(app, OUTSIDER) as outside:
        url = f"/api/reader/items/{old.lower()}/barcodes"
        assert (await outside.post(url, json={})).status_code == 403
        made = await api.post(url, json={"new": "b000777", "card": card, "reason": "撕去"})
        assert (made.status_code, made.json()["barcode"], made.json()["former_barcodes"]) == (201, "B000777", [old])
        assert (await api.post(url, json={"new": other})).json()["code"] == "barcode-used"
        assert (await api.post(url, json={"new": "条码"})).status_code == 422
        history = (await api.get(url)).json()
        assert (history["current"], [f["barcode"] for f in history["former"]], history["former"][0]["reason"]) == ("B000777", [old], "撕去")
        assert history["renamed"]["current"] == "B000777"
        told = (await api.get(f"/api/reader/items/{old}")).json()
        assert (told["former_barcodes"], told["renamed"]["former"]) == ([old], old)
        first = await api.post("/api/reader/labels", json={"barcode": other})
        twice = await api.post("/api/reader/labels", json={"barcode": other})
        assert (first.status_code, first.json()["id"]) == (201, twice.json()["id"])
        waiting = (await api.get("/api/reader/labels")).json()
        assert waiting["total"] == 2
        jobs = [one["id"] for one in waiting["items"]]
        assert (await api.post("/api/reader/labels/printed", json={"jobs": jobs})).json() == {"printed": 2}
        assert (await api.post("/api/reader/labels/printed", json={"jobs": jobs})).json() == {"printed": 0}
        assert (await api.get("/api/reader/labels?state=printed")).json()["total"] == 2
        assert (await api.post("/api/reader/labels", json={"barcode": "NOSUCH"})).status_code == 404
        assert (await outside.get("/api/reader/labels")).status_code == 403
        back = await api.post("/reader/processing/labels", data={"barcode": old, "back": "item"})
        assert back.headers["location"] == "/reader/items/B000777"


def test_call_numbers_break_as_a_spine_is_read() -> None:
    assert rules.spine_lines("I247.57/Y835 v.2") == ["I247.57", "Y835", "v.2"]
    assert rules.spine_lines("TP311.138SQ/1") == ["TP311.138S", "Q", "1"]
    assert rules.spine_lines("") == []
