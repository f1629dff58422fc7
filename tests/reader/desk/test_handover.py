"""New books are counted in at the point they were sent to. covers: RDR-LED-FRD-02"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.reader.app import service
from services.reader.desk.circulation.rules import LoanRefused
from services.reader.desk.handover import closing, commands, rules
from services.reader.desk.handover.handlers import handlers
from services.reader.desk.handover.model import Verdict
from services.reader.desk.holds import commands as holds
from services.reader.desk.items.handlers import handlers as items_handlers
from services.reader.desk.items.model import Circulation, Custodian, Item
from services.reader.rooms.service_points import commands as points
from shared.database import uuid7
from shared.events.resources import HandedItem, ItemCatalogued, ItemsHandedOver
from shared.refusals import NotAllowed, SamePerson
from shared.states import NotFromHere
from tests.reader.desk.conftest import CLERK, COLLEAGUE, HEAD, OUTSIDER, SYSTEM
from tests.support.departments import client, opened

V = Verdict


def handed(barcode: str, item_id: str = "", **facts: Any) -> HandedItem:
    return HandedItem(**{
        "item_id": item_id or str(uuid7()), "barcode": barcode, "title": f"新书 {barcode}", "instance_id": f"i-{barcode}",
        "call_number": "TP311/1", "location": "LIT", "location_name": "二层文学库", "price_cents": 4500, **facts,
    })


def batch(*lines: HandedItem, number: str = "JJ2026-0001", **facts: Any) -> ItemsHandedOver:
    return ItemsHandedOver(**{
        "number": number, "point": "MAIN", "point_name": "总服务台", "count": len(lines), "lines": lines,
        "sent_by": "S001", "due_on": date(2026, 11, 25), **facts,
    })


@pytest.fixture
async def hall(desk):
    """A main desk that keeps LIT."""
    await desk.do(points.save, HEAD, code="MAIN", name="总服务台", main=True, new=True)
    await desk.do(points.save, HEAD, code="EAST", name="东区分馆", new=True)
    await desk.do(points.assign, HEAD, code="MAIN", locations=["LIT"])
    return desk


async def known(desk, line: HandedItem) -> HandedItem:
    """The catalogue told of the item before: it is in process."""
    await desk.heed(items_handlers, ItemCatalogued(**line.model_dump(), life="in_process"))
    return line


async def arrived(desk, *lines: HandedItem, **facts: Any) -> None:
    for line in lines:
        await known(desk, line)
    await desk.heed(handlers, batch(*lines, **facts), actor="S001")


async def count(desk, code: str, verdict: Verdict = V.ok, *, actor=CLERK, number: str = "JJ2026-0001", note: str = ""):
    return await desk.do(commands.count, actor, number=number, barcode=code, verdict=verdict, note=note)


async def test_an_item_in_process_is_lent_to_nobody_but_can_be_waited_for(hall, reasons) -> None:
    await known(hall, handed("N1"))
    item = await hall.find_item("N1")
    assert (item.circulation, item.custodian) == (Circulation.in_process, Custodian.resources)
    with pytest.raises(LoanRefused) as refusal:
        await hall.lend(await hall.patron(), "N1")
    assert reasons(refusal) == ["item-in-process"]
    with pytest.raises(NotFromHere):
        await hall.take_back("N1")
    _hold, place = await hall.do(holds.place, card=await hall.patron(), instance_id="i-N1")
    assert place == 1


async def test_a_batch_that_agrees_is_confirmed_and_its_books_are_ours(hall) -> None:
    await arrived(hall, handed("N1"), handed("N2"))
    assert (await hall.find_item("N1")).circulation is Circulation.in_handover
    for code in ("N1", "N2"):
        await count(hall, code)
    await hall.do(closing.confirm, number="JJ2026-0001")
    (_n, fact, _c), = await hall.said("reader.handover.confirmed")
    assert (fact["count"], fact["received_by"], {x["barcode"] for x in fact["accepted"]}) == (2, CLERK.id, {"N1", "N2"})
    for code in ("N1", "N2"):
        item = await hall.find_item(code)
        assert (item.circulation, item.custodian) == (Circulation.available, Custodian.reader)
    assert await hall.lend(await hall.patron(), "N1")


async def test_whoever_waits_gets_the_new_book_and_is_told(hall) -> None:
    await arrived(hall, handed("N1"))
    card = await hall.patron()
    hold, _place = await hall.do(holds.place, card=card, instance_id="i-N1")
    await count(hall, "N1")
    await hall.do(closing.confirm, number="JJ2026-0001")
    assert (await hall.find_item("N1")).circulation is Circulation.hold_shelf
    (_n, ready, _c), = await hall.said("reader.hold.ready")
    assert (ready["hold_id"], ready["point"]) == (str(hold.id), "MAIN")
    assert [r[0] for r in await hall.rows("SELECT went FROM handover_line")] == ["hold_shelf"]
    assert (await hall.lend(card, "N1")).filled.id == hold.id


async def test_whoever_waits_elsewhere_gets_it_by_transit(hall) -> None:
    await arrived(hall, handed("N1"))
    await hall.do(holds.place, card=await hall.patron(), instance_id="i-N1", pickup="EAST")
    await count(hall, "N1")
    await hall.do(closing.confirm, number="JJ2026-0001")
    assert (await hall.find_item("N1")).circulation is Circulation.in_transit
    assert [r[0] for r in await hall.rows("SELECT went FROM handover_line")] == ["send_hold"]


async def test_differences_go_back_with_their_reasons_and_the_rest_stays(hall) -> None:
    await arrived(hall, *(handed(f"N{n}") for n in range(1, 5)))
    await count(hall, "N1")
    await count(hall, "N2", V.label_wrong, note="书标是 TP312")
    await count(hall, "N3", V.damaged)
    await count(hall, "ZZZ999")
    with pytest.raises(rules.Differs) as refusal:
        await hall.do(closing.confirm, number="JJ2026-0001")
    assert [r.code for r in refusal.value.reasons] == ["line-label-wrong", "line-damaged", "line-expected", "line-extra"]
    await hall.do(closing.dispute, number="JJ2026-0001", note="缺一册")
    (_n, fact, _c), = await hall.said("reader.handover.disputed")
    assert (fact["count"], fact["back"], fact["more"], fact["note"]) == (1, 3, 1, "缺一册")
    assert {x["barcode"]: (x["verdict"], x["note"]) for x in fact["returned"]} == {
        "N2": ("label_wrong", "书标是 TP312"), "N3": ("damaged", ""), "N4": ("missing", ""),
    }
    assert [x["barcode"] for x in fact["extras"]] == ["ZZZ999"]
    states = {code: (await hall.find_item(code)).circulation for code in ("N1", "N2", "N3", "N4")}
    assert states == {
        "N1": Circulation.available, "N2": Circulation.in_process, "N3": Circulation.in_process, "N4": Circulation.in_process,
    }
    with pytest.raises(rules.Done):
        await count(hall, "N4")
    with pytest.raises(rules.Done):
        await hall.do(closing.dispute, number="JJ2026-0001")


async def test_what_came_back_may_come_again_in_a_later_batch(hall) -> None:
    line = handed("N1")
    await arrived(hall, line)
    await hall.do(closing.dispute, number="JJ2026-0001")
    await hall.heed(handlers, batch(line, number="JJ2026-0002"))
    await count(hall, "N1", number="JJ2026-0002")
    await hall.do(closing.confirm, number="JJ2026-0002")
    assert (await hall.find_item("N1")).circulation is Circulation.available


async def test_a_batch_that_agrees_cannot_be_disputed(hall) -> None:
    await arrived(hall, handed("N1"))
    await count(hall, "N1")
    with pytest.raises(rules.NothingDiffers):
        await hall.do(closing.dispute, number="JJ2026-0001")


async def test_two_signatures_are_of_two_people(hall) -> None:
    await arrived(hall, handed("N1"), sent_by=CLERK.id)
    await count(hall, "N1")
    for verb in (closing.confirm, closing.dispute):
        with pytest.raises(SamePerson):
            await hall.do(verb, number="JJ2026-0001")
    await hall.do(closing.confirm, COLLEAGUE, number="JJ2026-0001")


async def test_the_same_scan_again_only_says_what_was_counted(hall) -> None:
    await arrived(hall, handed("N1"))
    first = await count(hall, "N1")
    again = await count(hall, "N1", actor=COLLEAGUE)
    assert (first.again, again.again) == (False, True)
    assert again.line.counted_by == CLERK.id
    assert not (await count(hall, "OTHER")).again
    assert (await count(hall, "OTHER")).again
    assert [r[0] for r in await hall.rows("SELECT count(*) FROM handover_extra")] == [1]


async def test_a_plain_scan_never_softens_what_a_colleague_saw_but_a_person_may(hall) -> None:
    await arrived(hall, handed("N1"))
    await count(hall, "N1")
    closer = await count(hall, "N1", V.damaged, note="书脊开裂", actor=COLLEAGUE)
    assert (closer.again, closer.line.verdict) == (False, V.damaged)
    with pytest.raises(rules.CountedOtherwise):
        await count(hall, "N1")
    line = await hall.do(commands.judge, line_id=closer.line.id, verdict=V.ok)
    assert (line.verdict, line.note) == (V.ok, "")
    back = await hall.do(commands.judge, line_id=closer.line.id, verdict=V.expected)
    assert (back.verdict, back.counted_at, back.counted_by) == (V.expected, None, "")


async def test_a_book_of_another_batch_is_named_with_its_batch_and_can_be_put_aside(hall) -> None:
    await arrived(hall, handed("N1"))
    await arrived(hall, handed("N2"), number="JJ2026-0002")
    lost = await hall.item()
    assert (await count(hall, "N2")).extra.other == "JJ2026-0002"
    strange, ours = (await count(hall, "NOBODY")).extra, (await count(hall, lost)).extra
    assert (strange.title, strange.state_label, ours.title, ours.state_label) == ("", "", "活着", "在架")
    await count(hall, "N1")
    for code in ("N2", "NOBODY", lost):
        await hall.do(commands.put_aside, number="JJ2026-0001", barcode=code)
    await hall.do(closing.confirm, number="JJ2026-0001")
    assert (await hall.find_item("N2")).circulation is Circulation.in_handover


async def test_two_desks_count_one_batch_at_once_and_one_of_them_ends_it(hall) -> None:
    await arrived(hall, *(handed(f"N{n:02d}") for n in range(12)))
    done = await asyncio.gather(*(
        count(hall, f"N{n:02d}", actor=who) for n in range(12) for who in (CLERK, COLLEAGUE)
    ))
    assert sorted(d.again for d in done) == [False] * 12 + [True] * 12
    ends = await asyncio.gather(
        *(hall.do(closing.confirm, who, number="JJ2026-0001") for who in (CLERK, COLLEAGUE, HEAD)), return_exceptions=True
    )
    assert sum(isinstance(end, rules.Done) for end in ends) == 2
    assert len(await hall.said("reader.handover.confirmed")) == 1
    assert len(await hall.said("reader.item.shelved")) == 12


async def test_a_list_heard_twice_is_one_batch_and_one_task(hall) -> None:
    line = handed("N1")
    await arrived(hall, line)
    await count(hall, "N1")
    await hall.heed(handlers, batch(line))
    assert len(await hall.said("reader.handover.awaited")) == 1
    assert [r[0] for r in await hall.rows("SELECT verdict FROM handover_line")] == ["ok"]
    await hall.do(closing.confirm, number="JJ2026-0001")
    await hall.heed(handlers, batch(line))
    assert (await hall.find_item("N1")).circulation is Circulation.available


async def test_a_list_may_come_before_its_items_are_known(hall) -> None:
    line = handed("N1")
    await hall.heed(handlers, batch(line))
    item = await hall.find_item("N1")
    assert (item.circulation, item.title, item.price_fen) == (Circulation.in_handover, "新书 N1", 4500)
    await hall.heed(items_handlers, ItemCatalogued(**{**line.model_dump(), "title": "新书（改）"}, life="in_process"))
    item = await hall.find_item("N1")
    assert (item.circulation, item.title) == (Circulation.in_handover, "新书（改）")
    await count(hall, "N1")
    await hall.do(closing.confirm, number="JJ2026-0001")
    assert (await hall.find_item("N1")).circulation is Circulation.available


async def test_a_book_that_got_a_new_barcode_on_the_way_is_the_same_line(hall) -> None:
    await arrived(hall, handed("N1"))
    item = await hall.find_item("N1")
    async with hall.work(SYSTEM) as work:
        (await work.get(Item, item.id)).barcode = "M1"
    assert (await count(hall, "M1")).line.item_id == item.id


async def test_the_target_is_two_working_days_on_which_the_library_is_open(hall) -> None:
    friday = date(2026, 11, 27)
    assert rules.due_on(friday, set()) == date(2026, 12, 1)
    assert rules.due_on(friday, {date(2026, 11, 30)}) == date(2026, 12, 2)
    await arrived(hall, handed("N1"))
    (_n, fact, _c), = await hall.said("reader.handover.awaited")
    assert fact["due_on"] == "2026-11-25"
    hall.days_later(4)
    await count(hall, "N1")
    await hall.do(closing.confirm, number="JJ2026-0001")
    (_n, fact, _c), = await hall.said("reader.handover.confirmed")
    assert fact["late_days"] == 2


async def test_points_are_told_with_the_locations_they_keep_and_lose(hall) -> None:
    await hall.do(points.assign, HEAD, code="EAST", locations=["LIT"])
    told = [(f["code"], f["locations"]) for _n, f, _c in await hall.said("reader.service-point.saved")]
    assert told[-3:] == [("MAIN", ["LIT"]), ("EAST", ["LIT"]), ("MAIN", [])]


async def test_only_the_desk_counts(hall) -> None:
    await arrived(hall, handed("N1"))
    for verb, more in ((commands.count, {"barcode": "N1"}), (closing.confirm, {}), (closing.dispute, {})):
        with pytest.raises(NotAllowed):
            await hall.do(verb, OUTSIDER, number="JJ2026-0001", **more)
    with pytest.raises(rules.UnknownHandover):
        await count(hall, "N1", number="JJ2026-9999")


@pytest.fixture
async def app(database, hall, tmp_path) -> AsyncIterator[object]:
    hall.now = datetime.now(UTC)
    async with opened(service, database("reader"), tmp_path) as made:
        yield made


async def test_the_count_through_its_doors(app, hall) -> None:
    await arrived(hall, handed("N1"), handed("N2"))
    url = "/api/reader/handovers/JJ2026-0001"
    async with client(app, CLERK) as api, client(app, OUTSIDER) as other:
        assert (await other.get(url)).status_code == 403
        assert (await api.get("/api/reader/handovers?state=waiting&point=MAIN")).json()["items"][0]["count"] == 2
        assert (await api.post(f"{url}/scans", json={"barcode": "n1"})).json()["verdict"] == "ok"
        assert (await api.post(f"{url}/scans", json={"barcode": "N1"})).json()["again"] is True
        assert (await api.post(f"{url}/scans", json={"barcode": "X1"})).json()["verdict"] == "extra"
        assert (await api.post(f"{url}/scans", json={"barcode": ""})).status_code == 422
        assert (await api.post(f"{url}/scans", json={"barcode": "N2", "verdict": "missing"})).status_code == 404
        refused = await api.post(f"{url}/confirm")
        assert (refused.status_code, refused.json()["code"], len(refused.json()["reasons"])) == (409, "handover-differs", 2)
        assert (await api.post(f"{url}/aside", json={"barcode": "X1"})).json()["extras"] == []
        done = (await api.post(f"{url}/dispute", json={"note": "缺"})).json()
        assert (done["state"], done["summary"]) == ("disputed", {"ok": 1, "missing": 1})
        assert (await api.get("/api/reader/handovers/JJ0")).status_code == 404


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_the_screens_of_a_count(app, hall, lang) -> None:
    await arrived(hall, handed("N1"), handed("N2"), note="九月到馆")
    page = "/reader/handovers/JJ2026-0001"
    async with client(app, CLERK, cookie=f"lang={lang}; desk_point=EAST") as web, client(app, OUTSIDER) as other:
        assert (await other.get("/reader/handovers")).status_code == 403
        listed = await web.get("/reader/handovers")
        assert all(word in listed.text for word in ("JJ2026-0001", "九月到馆", "0 / 2"))
        shown = await web.get(page)
        assert all(word in shown.text for word in ("N1", "N2", "TP311/1", "data-scan"))
        row = await web.post(f"{page}/scan", data={"code": "N1", "mode": "ok"}, headers={"hx-request": "true"})
        assert row.headers["x-sound"] == "ok"
        assert "hx-partial" in row.text
        look = await web.post(f"{page}/scan", data={"code": "N2", "mode": "damaged"}, headers={"hx-request": "true"})
        assert look.headers["x-sound"] == "look"
        stop = await web.post(f"{page}/scan", data={"code": "N9"}, headers={"hx-request": "true"})
        assert stop.headers["x-sound"] == "stop"
        assert "N9" in stop.text
        assert (await web.post(f"{page}/scan", data={"code": " "})).status_code == 422
        assert (await web.get(f"{page}?verdict=damaged")).text.count("data-row") == 2  # the line and the extra book
        assert (await web.post(f"{page}/aside", data={"barcode": "N9"})).status_code == 303
        ((line,),) = await hall.rows("SELECT id FROM handover_line WHERE barcode = 'N2'")
        assert (await web.post(f"/reader/handovers/lines/{line}", data={"verdict": "ok"})).status_code == 303
        assert (await web.post(f"{page}/confirm")).status_code == 303
        done = await web.get("/reader/handovers?state=confirmed&q=N2")
        assert "JJ2026-0001" in done.text
        assert "JJ2026-0001" not in (await web.get("/reader/handovers?q=nothing")).text


async def test_overdue_batches_stand_out(app, hall) -> None:
    hall.now -= timedelta(days=9)
    await arrived(hall, handed("N1"))
    async with client(app, CLERK) as web:
        page = await web.get("/reader/handovers")
        assert "tone-bad" in page.text
        assert (await web.get("/api/reader/handovers")).json()["items"][0]["days_late"] > 0
