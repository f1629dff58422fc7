"""Processed items leave for a service point in checked batches. covers: RES-MGT-01, RES-ACQ-01"""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest

from services.resources.cataloguing.handover import commands, rules
from services.resources.cataloguing.handover.printing import listed
from services.resources.cataloguing.handover.queries import batch_of, lines_of
from services.resources.cataloguing.items.commands import add_item
from shared.events.reader import (
    CountedItem,
    ExtraItem,
    HandoverAwaited,
    HandoverConfirmed,
    HandoverDisputed,
    ItemTransferred,
    ReturnedItem,
    ServicePointSaved,
)
from shared.refusals import NotAllowed
from shared.states import NotFromHere
from tests.resources.conftest import BINDER, CATALOGUER, CLERK, EXPERT, RECORDS, House


@pytest.fixture
async def room(house: House) -> House:
    """Records, places, and a main desk that keeps sk-2f."""
    await house.places()
    await house.read(RECORDS / "bnu.mrc")
    await house.heed(ServicePointSaved(code="MAIN", point_name="总服务台", point_name_en="Main Desk", locations=("sk-2f",)))
    return house


async def new_book(house: House, code: str, **more: Any) -> str:
    """A book in the workroom."""
    ((number,),) = await house.rows("SELECT number FROM instance ORDER BY number LIMIT 1")
    facts = {"location": "sk-2f", "call_number": "TP1/1", "price_cents": 3000, "in_process": True, **more}
    async with house.work() as work:
        item = await add_item(work, number=number, barcode=code, **facts)
        return item.barcode


async def do(house: House, verb: Any, actor: Any = CATALOGUER, **facts: Any) -> Any:
    async with house.work(actor) as work:
        return await verb(work, **facts)


async def sent(house: House, *codes: str, fresh: bool = True) -> str:
    if fresh:
        for code in codes:
            await new_book(house, code)
    batch, _done = await do(house, commands.open_batch, point="MAIN", codes=codes)
    for code in codes:
        await do(house, commands.check, number=batch.number, barcode=code)
    await do(house, commands.send, number=batch.number)
    return batch.number


async def ids(house: House) -> dict[str, str]:
    return {code: str(key) for code, key in await house.rows("SELECT barcode, id FROM item")}


async def life(house: House, code: str) -> tuple[str, str]:
    return tuple((await house.rows("SELECT life, custodian FROM item WHERE barcode = :c", c=code))[0])  # type: ignore[return-value]


def about(number: str) -> dict[str, str]:
    return {"number": number, "point": "MAIN", "point_name": "总服务台"}


async def test_a_new_book_is_told_as_in_process_and_an_old_one_as_stock(room: House) -> None:
    await new_book(room, "N0001")
    await new_book(room, "N0002", in_process=False)
    told = {p["barcode"]: p["life"] for _n, p in await room.said("resources.item.catalogued") if p["barcode"] in {"N0001", "N0002"}}
    assert told == {"N0001": "in_process", "N0002": "in_stock"}
    assert (await life(room, "N0001"), await life(room, "N0002")) == (("in_process", "resources"), ("in_stock", "reader"))


async def test_a_file_of_new_books_brings_items_in_process(house: House) -> None:
    await house.places()
    await house.read(RECORDS / "bnu.mrc", in_process=True)
    assert {r[0] for r in await house.rows("SELECT life FROM item")} == {"in_process"}


async def test_every_reason_against_a_book_is_given_at_once_and_the_others_go_in(room: House) -> None:
    good, bare, other = [await new_book(room, code) for code in ("N0001", "N0002", "N0003")]
    async with room.work() as work:
        for code, call, place in ((bare, "", "sk-2f"), (other, "TP1/1", "ww-4f")):
            item = await commands.items.by_barcode(work.session, code)
            item.call_number, item.location = call, place
    old = await new_book(room, "N0004", in_process=False, location="ww-4f")
    batch, done = await do(room, commands.open_batch, point="MAIN", codes=[good, bare, other, old, "NOBODY"])
    assert done.added == [good]
    assert {no.params["barcode"]: [r.code for r in no.reasons] for no in done.refused} == {
        bare: ["no-call-number"], other: ["not-of-this-point"], old: ["not-in-process", "not-of-this-point"],
        "NOBODY": ["unknown"],
    }
    again = await do(room, commands.gather, number=batch.number, codes=[good])
    assert (again.added, again.already) == ([], [good])
    second, refused = await do(room, commands.open_batch, point="MAIN", codes=[good])
    assert [r.code for r in refused.refused[0].reasons] == ["in-another-batch"]
    await do(room, commands.cancel, number=batch.number)
    assert (await do(room, commands.gather, number=second.number, codes=[good])).added == [good]


async def test_two_people_gather_one_book_and_one_of_them_has_it(room: House) -> None:
    code = await new_book(room, "N0001")
    numbers = [(await do(room, commands.open_batch, point="MAIN"))[0].number for _ in range(2)]
    done = await asyncio.gather(*(
        do(room, commands.gather, who, number=number, codes=[code])
        for number, who in zip(numbers, (CATALOGUER, EXPERT), strict=True)
    ))
    assert sorted(len(one.added) for one in done) == [0, 1]


async def test_nothing_leaves_unchecked(room: House) -> None:
    await new_book(room, "N0001")
    await new_book(room, "N0002")
    batch, _done = await do(room, commands.open_batch, point="MAIN")
    with pytest.raises(rules.NotReady) as refusal:
        await do(room, commands.send, number=batch.number)
    assert [r.code for r in refusal.value.reasons] == ["empty"]
    await do(room, commands.gather, number=batch.number, codes=["N0001"], scanned=True)
    await do(room, commands.gather_ready, number=batch.number)
    with pytest.raises(rules.NotReady) as refusal:
        await do(room, commands.send, number=batch.number)
    assert sorted(r.code for r in refusal.value.reasons) == ["barcode-unread", "label-unchecked", "label-unchecked"]
    await do(room, commands.check, number=batch.number, barcode="N0002")
    with pytest.raises(rules.NotOnList):
        await do(room, commands.check, number=batch.number, barcode="NOBODY")
    assert await do(room, commands.check_labels, number=batch.number) == 1
    await do(room, commands.send, number=batch.number)
    assert await life(room, "N0001") == ("in_handover", "resources")
    (_n, fact), = await room.said("resources.item.handed-over")
    assert (fact["count"], fact["point"], len(fact["lines"])) == (2, "MAIN", 2)
    assert {"barcode", "title", "call_number", "location", "price_cents"} <= fact["lines"][0].keys()
    for verb in (commands.send, commands.cancel, commands.gather_ready):
        with pytest.raises(NotFromHere):
            await do(room, verb, number=batch.number)


async def test_what_the_point_confirms_is_stock_in_its_hands(room: House) -> None:
    number = await sent(room, "N0001", "N0002")
    await room.heed(HandoverAwaited(**about(number), count=2, due_on=date(2027, 1, 5)))
    known = await ids(room)
    fact = HandoverConfirmed(
        **about(number), count=2, received_by="S020",
        accepted=tuple(CountedItem(item_id=known[c], barcode=c) for c in ("N0001", "N0002")),
    )
    for _again in range(2):
        await room.heed(fact)
        assert await life(room, "N0001") == ("in_stock", "reader")
    rows = await room.rows("SELECT state, received_by, due_on::text FROM handover")
    assert [tuple(r) for r in rows] == [("confirmed", "S020", "2027-01-05")]
    assert {r[0] for r in await room.rows("SELECT outcome FROM handover_line")} == {"accepted"}


async def test_disputed_lines_come_back_with_their_reason_and_go_again(room: House) -> None:
    number = await sent(room, "N0001", "N0002")
    known = await ids(room)
    await room.heed(HandoverDisputed(
        **about(number), count=1, back=1, more=1, received_by="S020", note="一册书标不符",
        accepted=(CountedItem(item_id=known["N0001"], barcode="N0001"),),
        returned=(ReturnedItem(item_id=known["N0002"], barcode="N0002", verdict="label_wrong", verdict_label="x", note="是 TP2"),),
        extras=(ExtraItem(barcode="X1"),),
    ))
    assert (await life(room, "N0001"), await life(room, "N0002")) == (("in_stock", "reader"), ("in_process", "resources"))
    async with room.client() as api, room.client(lang="en") as english:
        whole = (await api.get(f"/api/resources/handovers/{number}")).json()
        assert (whole["state"], whole["remark"], whole["extras"][0]["barcode"]) == ("disputed", "一册书标不符", "X1")
        ready = await api.get("/resources/handovers?state=ready")
        assert all(word in ready.text for word in ("N0002", "是 TP2", number))
        assert "Label wrong" in (await english.get(f"/resources/handovers/{number}")).text
        assert (await api.post(f"/api/resources/handovers/{number}/settle", json={"note": " "})).status_code == 422
        assert (await api.post(f"/api/resources/handovers/{number}/settle", json={"note": "已换书标"})).json()["state"] == "settled"
    second = await sent(room, "N0002", fresh=False)
    await room.heed(HandoverConfirmed(
        **about(second), count=1, received_by="S020", accepted=(CountedItem(item_id=known["N0002"], barcode="N0002"),),
    ))
    assert await life(room, "N0002") == ("in_stock", "reader")


async def test_a_transferred_item_follows_in_the_catalogue(room: House) -> None:
    code = await new_book(room, "N0001", in_process=False)
    fact = ItemTransferred(
        barcode=code, title="t", call_number="TP1/1", location="外文书库", instance_id="i", number="DB2026-0001",
        item_id=(await ids(room))[code], from_location="sk-2f", from_name="二层社科库", to_location="ww-4f",
    )
    for _again in range(2):
        await room.heed(fact)
    assert [r[0] for r in await room.rows("SELECT location FROM item WHERE barcode = :c", c=code)] == ["ww-4f"]
    assert [p["location"] for _n, p in await room.said("resources.item.relocated")] == ["ww-4f"]
    await room.heed(fact.model_copy(update={"to_location": "nowhere"}))
    assert [r[0] for r in await room.rows("SELECT location FROM item WHERE barcode = :c", c=code)] == ["ww-4f"]


async def test_who_may_and_where_to(room: House) -> None:
    with pytest.raises(NotAllowed):
        await do(room, commands.open_batch, BINDER, point="MAIN")
    await room.heed(ServicePointSaved(code="EAST", point_name="东区", open=False))
    for code in ("EAST", "NOBODY"):
        with pytest.raises(rules.UnknownPoint):
            await do(room, commands.open_batch, point=code)
    assert rules.working_day(date(2026, 11, 27), 2) == date(2026, 12, 1)
    assert rules.codes_in("a1, a2\n\ufeffA1；") == ["A1", "A2"]


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_the_screens_of_a_batch(room: House, lang: str) -> None:
    first, second = await new_book(room, "N0001"), await new_book(room, "N0002")
    hx = {"hx-request": "true"}
    async with room.client(lang=lang) as web, room.client(CLERK) as desk:
        assert (await desk.get("/resources/handovers")).status_code == 403
        assert (await web.get("/resources/handovers")).status_code == 200
        assert "MAIN" in (await web.get("/resources/handovers/new")).text
        wrong = await web.post("/resources/handovers", data={"point": "", "codes": "N0001"})
        assert (wrong.status_code, "N0001" in wrong.text) == (422, True)
        partly = await web.post("/resources/handovers", data={"point": "MAIN", "codes": f"{first} NOBODY", "note": "九月"})
        assert (partly.status_code, "NOBODY" in partly.text) == (200, True)
        ((number,),) = await room.rows("SELECT number FROM handover")
        page = f"/resources/handovers/{number}"
        row = await web.post(f"{page}/scan", data={"code": second, "mode": "add"}, headers=hx)
        assert (row.headers["x-sound"], second in row.text) == ("ok", True)
        assert (await web.post(f"{page}/scan", data={"code": second, "mode": "add"}, headers=hx)).headers["x-sound"] == "look"
        assert (await web.post(f"{page}/scan", data={"code": "NOBODY", "mode": "add"}, headers=hx)).status_code == 409
        assert (await web.post(f"{page}/scan", data={"code": first, "mode": "check"}, headers=hx)).headers["x-sound"] == "ok"
        assert (await web.post(f"{page}/send")).status_code == 409
        assert (await web.post(f"{page}/out", data={"barcode": second})).status_code == 303
        assert (await web.post(f"{page}/gather-ready")).status_code == 200
        assert (await web.post(f"{page}/gather", data={"codes": second})).status_code == 200
        assert (await web.post(f"{page}/labels")).status_code == 303
        assert (await web.post(f"{page}/scan", data={"code": second, "mode": "check"})).status_code == 303
        assert (await web.post(f"{page}/send")).status_code == 303
        shown = await web.get(page)
        assert all(word in shown.text for word in (first, second, "list.pdf"))
        assert number in (await web.get(f"/resources/handovers?q={first}&point=MAIN&state=sent")).text
        assert number not in (await web.get("/resources/handovers?q=nothing")).text


async def test_the_printed_list_names_every_book_and_has_room_for_two_signatures(room: House) -> None:
    number = await sent(room, "N0001", "N0002")
    async with room.kit.reading() as session:
        batch, lines = await batch_of(session, number), await lines_of(session, number)
    data = listed(batch, lines, places={"sk-2f": "二层社科库"}, names={}, point="总服务台")
    assert [row[1] for row in data["rows"]] == ["N0001", "N0002"]
    assert all(len(row) == len(data["heads"]) for row in data["rows"])
    assert (len(data["signatures"]), "¥60.00" in data["foot"]) == (2, True)
    async with room.client() as web:
        drawn = await web.get(f"/resources/handovers/{number}/list.pdf")
    assert (drawn.status_code, drawn.content[:5]) == (200, b"%PDF-")
