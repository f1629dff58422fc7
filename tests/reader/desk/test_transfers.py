"""Transfer lists: a scan at each end, and the location changes. covers: RDR-LED-FRD-06, RDR-STK-CST-03"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from services.reader.app import service
from services.reader.demo import transfers as demo_transfers
from services.reader.demo.supply import Supply
from services.reader.desk.circulation.rules import LoanRefused
from services.reader.desk.condition import commands as condition
from services.reader.desk.condition.model import DamageKind, Grade
from services.reader.desk.holds import commands as holds
from services.reader.desk.items.model import Circulation
from services.reader.desk.items.rules import UnknownBarcode
from services.reader.desk.transfers import approving, commands, rules
from services.reader.desk.transfers.model import LineState, TransferState
from services.reader.desk.transfers.queries import month_of
from services.reader.rooms.service_points import commands as points
from services.reader.rooms.service_points.rules import UnknownPoint
from shared.identity import Actor
from shared.refusals import NotAllowed
from tests.reader.desk.conftest import CLERK, COLLEAGUE, HEAD, OUTSIDER
from tests.support.departments import client, opened

STACKS = Actor(id="R0009", name="尤静", posts=("RDR-STK",), dept="reader")
OLD = {"location": "OLD", "location_name": "密集书库", "location_name_en": "Compact stacks"}


@pytest.fixture
async def house(desk):
    """LIT is kept by the main desk, OLD by the stacks; one item stands in OLD already."""
    await desk.do(points.save, HEAD, code="MAIN", name="总服务台", main=True, new=True)
    await desk.do(points.save, HEAD, code="STK", name="密集书库", new=True)
    await desk.do(points.assign, HEAD, code="MAIN", locations=["LIT"])
    await desk.do(points.assign, HEAD, code="STK", locations=["OLD"])
    await desk.item(**OLD)
    return desk


async def opened_list(desk, *codes: str, **more: str) -> str:
    transfer, _done = await desk.do(
        commands.open_transfer, **{"origin": "MAIN", "location": "OLD", "reason": "十年未借", **more}, codes=codes
    )
    return transfer.number


async def approved(desk, *codes: str, **more: str) -> str:
    """A list of a clerk that a head has allowed."""
    number = await opened_list(desk, *codes, **more)
    await desk.do(approving.submit, number=number)
    await desk.do(approving.approve, HEAD, number=number)
    return number


async def on_its_way(desk, *codes: str) -> str:
    number = await approved(desk, *codes)
    for code in codes:
        await desk.do(commands.scan_out, number=number, barcode=code)
    await desk.do(commands.send, number=number)
    return number


async def test_a_book_goes_from_scan_to_scan_and_belongs_there_then(house) -> None:
    code = await house.item()
    number = await approved(house, code)
    assert number.startswith("DB2026-")
    assert (await house.find_item(code)).circulation is Circulation.available  # listed only
    await house.do(commands.scan_out, number=number, barcode=code)
    out = await house.find_item(code)
    assert (out.circulation, out.location) == (Circulation.relocating, "LIT")
    sent = await house.do(commands.send, number=number)
    assert (rules.holder(sent), sent.to, sent.due_on.isoformat()) == ("MAIN", "STK", "2026-11-25")
    line, again = await house.do(commands.scan_in, STACKS, number=number, barcode=code)
    assert (line.state, line.went, again) == (LineState.received, "shelve", False)
    item = await house.find_item(code)
    assert (item.circulation, item.location, item.location_name) == (Circulation.available, "OLD", "密集书库")
    (_n, fact, _c), = await house.said("reader.item.transferred")
    assert (fact["from_location"], fact["to_location"], fact["number"]) == ("LIT", "OLD", number)
    (_n, closed, _c), = await house.said("reader.transfer.closed")
    assert (closed["sent"], closed["received"], closed["missing"]) == (1, 1, 0)
    assert [r[0] for r in await house.rows("SELECT cause FROM label_job")] == ["moved"]


async def test_on_the_way_a_book_is_lent_to_nobody(house, reasons) -> None:
    code = await house.item()
    await on_its_way(house, code)
    with pytest.raises(LoanRefused) as refusal:
        await house.lend(await house.patron(), code)
    assert reasons(refusal) == ["item-relocating"]


async def test_whoever_waits_for_the_title_gets_the_book_on_arrival(house) -> None:
    code = await house.item(instance="t")
    number = await on_its_way(house, code)
    hold, _place = await house.do(holds.place, card=await house.patron(), instance_id="t")
    line, _again = await house.do(commands.scan_in, number=number, barcode=code)
    assert line.went == "hold_shelf"
    (_n, ready, _c), = await house.said("reader.hold.ready")
    assert (ready["hold_id"], ready["point"]) == (str(hold.id), "STK")


async def test_every_reason_is_given_at_once_and_a_list_goes_on_without_what_cannot_go(house, reasons) -> None:
    lent, damaged, wanted, fine = [await house.item() for _ in range(4)]
    await house.lend(await house.patron(), lent)
    await house.do(condition.report, barcode=damaged, kind=DamageKind.spine, grade=Grade.medium)
    await house.do(holds.place, HEAD, card=await house.patron(), barcode=wanted, override=True, note="指定此册")
    there = (await house.rows("SELECT barcode FROM item WHERE location = 'OLD'"))[0][0]
    transfer, done = await house.do(
        commands.open_transfer, origin="MAIN", location="OLD", codes=[lent, damaged, wanted, fine, there, "NOBODY"]
    )
    assert done.added == [fine]
    said = {code: [r.code for r in no.reasons] for code, no in done.refused}
    assert said == {
        lent: ["item-on-loan"], damaged: ["item-damaged"], wanted: ["wanted"], there: ["already-there"],
        "NOBODY": ["unknown-barcode"],
    }
    await house.do(approving.submit, number=transfer.number)
    await house.do(approving.approve, HEAD, number=transfer.number)
    await house.lend(await house.patron(), fine)
    with pytest.raises(rules.NotMoved) as refusal:  # lent between listing and fetching
        await house.do(commands.scan_out, number=transfer.number, barcode=fine)
    assert reasons(refusal) == ["item-on-loan"]


async def test_a_book_stands_on_one_list_only_however_many_desks_try(house) -> None:
    code = await house.item()
    one, two = await opened_list(house), await opened_list(house)
    tried = await asyncio.gather(
        *(house.do(commands.list_one, who, number=n, barcode=code) for n, who in ((one, CLERK), (two, COLLEAGUE))),
        return_exceptions=True,
    )
    refused = [t for t in tried if isinstance(t, rules.NotMoved)]
    assert len(refused) == 1
    assert {r.code for r in refused[0].reasons} == {"on-another-list"}


async def test_nothing_leaves_its_shelf_before_another_person_has_allowed_it(house) -> None:
    code = await house.item()
    with pytest.raises(rules.NothingListed):
        await house.do(approving.submit, number=await opened_list(house))
    number = await opened_list(house, code)
    with pytest.raises(rules.NotInState):
        await house.do(commands.scan_out, number=number, barcode=code)
    await house.do(approving.submit, number=number)
    with pytest.raises(rules.NotInState):  # what is decided about does not change meanwhile
        await house.do(commands.list_one, number=number, barcode=await house.item())
    with pytest.raises(NotAllowed):
        await house.do(approving.approve, COLLEAGUE, number=number)
    (_n, asked, _c), = await house.said("reader.transfer.submitted")
    assert (asked["count"], asked["purpose"], asked["submitted_by"]) == (1, "十年未借", CLERK.id)
    with pytest.raises(rules.SentBackWhy):
        await house.do(approving.send_back, HEAD, number=number, reason=" ")
    back = await house.do(approving.send_back, HEAD, number=number, reason="先补一册")
    assert (back.state, back.sent_back) == (TransferState.draft, "先补一册")
    second = await house.item()
    await house.do(commands.list_one, number=number, barcode=second)
    await house.do(approving.submit, number=number)
    done = await house.do(approving.approve, HEAD, number=number)
    assert (done.state, done.approved_by, done.sent_back) == (TransferState.approved, HEAD.id, "")
    with pytest.raises(rules.NotApproved):  # not what was allowed
        await house.do(commands.scan_out, number=number, barcode=await house.item())
    for one in (code, second):
        await house.do(commands.scan_out, number=number, barcode=one)
    assert (await house.do(commands.send, number=number)).state is TransferState.sent


async def test_who_made_or_handed_in_a_list_decides_nothing_about_it(house) -> None:
    from sqlalchemy.exc import IntegrityError

    code, other = await house.item(), await house.item()
    transfer, _done = await house.do(commands.open_transfer, HEAD, origin="MAIN", location="OLD", codes=[code])
    await house.do(approving.submit, number=transfer.number)
    for verb, more in ((approving.approve, {}), (approving.send_back, {"reason": "不妥"})):
        with pytest.raises(rules.ApprovedOwn):
            await house.do(verb, HEAD, number=transfer.number, **more)
    number = await opened_list(house, other)
    await house.do(approving.submit, HEAD, number=number)
    with pytest.raises(rules.ApprovedOwn):
        await house.do(approving.approve, HEAD, number=number)
    with pytest.raises(IntegrityError):  # nor would the database have it
        await house.rows("UPDATE transfer SET approved_by = made_by WHERE number = :n RETURNING 1", n=number)
    second = Actor(id="R0010", name="潘责任", posts=("head-reader",), dept="reader")
    tried = await asyncio.gather(*(house.do(approving.approve, second, number=number) for _ in range(2)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in tried) == ["NotInState", "Transfer"]


async def test_the_same_scan_again_does_nothing_at_either_end(house) -> None:
    code, other = await house.item(), await house.item()
    number = await approved(house, code, other)
    for expected in (False, True):
        assert (await house.do(commands.scan_out, number=number, barcode=code))[1] is expected
    await house.do(commands.scan_out, number=number, barcode=other)
    await house.do(commands.send, number=number)
    done = await asyncio.gather(*(house.do(commands.scan_in, number=number, barcode=code) for _ in range(3)))
    assert sorted(again for _line, again in done) == [False, True, True]
    assert len(await house.said("reader.item.transferred")) == 1


async def test_the_demonstration_has_a_list_under_way_and_tells_it_once(house) -> None:
    for _ in range(8):
        await house.item()
    kit = SimpleNamespace(works=house.works, sessions=house.works.sessions)
    await house.do(points.save, HEAD, code="EAST", name="东区服务点", new=True)
    for _again in range(2):
        await demo_transfers.seed(Supply(kit))
    assert [tuple(r) for r in await house.rows("SELECT state, origin, \"to\" FROM transfer ORDER BY number")] == [
        ("sent", "MAIN", "EAST"), ("submitted", "MAIN", "EAST"),
    ]
    assert sorted(r[0] for r in await house.rows("SELECT state FROM transfer_line")) == ["listed"] * 3 + ["out"] * 4 + ["unsent"]


async def test_what_never_came_is_looked_for_and_the_difference_is_said(house) -> None:
    came, gone, left = [await house.item() for _ in range(3)]
    number = await approved(house, left, came, gone)
    for code in (came, gone):
        await house.do(commands.scan_out, number=number, barcode=code)
    await house.do(commands.send, number=number)
    assert (await house.find_item(left)).circulation is Circulation.available
    await house.do(commands.scan_in, number=number, barcode=came)
    with pytest.raises(rules.WordsMissing):
        await house.do(commands.close, number=number, reason=" ")
    done = await house.do(commands.close, number=number, reason="箱内与车上都没有")
    assert done.state is TransferState.differed
    assert (await house.find_item(gone)).circulation is Circulation.missing
    (_n, closed, _c), = await house.said("reader.transfer.closed")
    assert (closed["sent"], closed["received"], closed["missing_barcodes"]) == (2, 1, [gone])
    states = dict(await house.rows("SELECT barcode, state FROM transfer_line"))
    assert states == {came: "received", gone: "missing", left: "unsent"}
    with pytest.raises(rules.NotInState):
        await house.do(commands.scan_in, number=number, barcode=gone)


async def test_a_book_left_behind_that_came_all_the_same_is_received(house) -> None:
    code, other = await house.item(), await house.item()
    number = await approved(house, code, other)
    await house.do(commands.scan_out, number=number, barcode=other)
    await house.do(commands.send, number=number)
    line, _again = await house.do(commands.scan_in, number=number, barcode=code)
    assert (line.state, line.sent_at) == (LineState.received, None)
    assert (await house.find_item(code)).location == "OLD"
    stranger = await house.item()
    with pytest.raises(rules.NotOnList):
        await house.do(commands.scan_in, number=number, barcode=stranger)
    with pytest.raises(UnknownBarcode):
        await house.do(commands.scan_in, number=number, barcode="NOBODY")


async def test_a_list_given_up_or_a_book_taken_out_goes_back_to_its_shelf(house) -> None:
    stays, goes = await house.item(), await house.item()
    number = await approved(house, stays, goes)
    with pytest.raises(rules.NothingToSend):
        await house.do(commands.send, number=number)
    for code in (stays, goes):
        await house.do(commands.scan_out, number=number, barcode=code)
    await house.do(commands.take_out, number=number, barcode=stays)
    assert (await house.find_item(stays)).circulation is Circulation.available
    await house.do(commands.cancel, number=number)
    assert (await house.find_item(goes)).circulation is Circulation.available
    assert await on_its_way(house, goes) != number


async def test_a_list_needs_a_place_and_somebody_to_receive_it(house) -> None:
    with pytest.raises(rules.UnknownLocation):
        await opened_list(house, location="NOWHERE")
    with pytest.raises(UnknownPoint):
        await opened_list(house, origin="NOBODY")
    await house.do(points.assign, HEAD, code="STK", locations=[])
    with pytest.raises(rules.WhereTo):
        await opened_list(house)
    assert await opened_list(house, to="STK")
    with pytest.raises(NotAllowed):
        await house.do(commands.open_transfer, OUTSIDER, origin="MAIN", location="OLD")


def test_a_month_that_cannot_be_read_is_this_one() -> None:
    today = datetime(2026, 11, 23, tzinfo=UTC).date()
    assert [month_of(text, today).isoformat() for text in ("2026-02", "x", "")] == ["2026-02-01", "2026-11-01", "2026-11-01"]


@pytest.fixture
async def app(database, house, tmp_path) -> AsyncIterator[object]:
    house.now = datetime.now(UTC)
    async with opened(service, database("reader"), tmp_path) as made:
        yield made


async def test_a_transfer_through_its_doors(app, house) -> None:
    code, other = await house.item(), await house.item()
    async with client(app, CLERK) as api, client(app, STACKS) as stacks, client(app, OUTSIDER) as out:
        assert (await out.get("/api/reader/transfers")).status_code == 403
        made = (await api.post("/api/reader/transfers", json={"origin": "main", "location": "OLD", "barcodes": [code, "X"]})).json()
        url = f"/api/reader/transfers/{made['number']}"
        assert (made["added"], made["refused"][0]["barcode"], made["holder"]) == ([code], "X", "MAIN")
        assert (await api.post(f"{url}/items", json={"barcodes": [other]})).json()["added"] == [other]
        assert (await api.post(f"{url}/take-out", json={"barcode": other})).json()["count"] == 1
        assert (await api.post(f"{url}/submit")).json()["state"] == "submitted"
        assert (await api.post(f"{url}/approve")).status_code == 403
        async with client(app, HEAD) as head:
            back = await head.post(f"{url}/send-back", json={"reason": "写明去向"})
            assert (back.json()["state"], back.json()["sent_back"]) == ("draft", "写明去向")
            await api.post(f"{url}/submit")
            assert (await head.post(f"{url}/approve")).json()["approved_by"] == HEAD.id
        assert (await api.post(f"{url}/sent-scans", json={"barcode": code})).json()["state"] == "out"
        assert (await api.post(f"{url}/send")).json()["state"] == "sent"
        assert (await api.post(f"{url}/send")).json()["code"] == "transfer-state"
        assert (await stacks.get("/api/reader/transfers?state=sent&point=STK")).json()["total"] == 1
        assert (await stacks.post(f"{url}/received-scans", json={"barcode": code})).json()["state"] == "received"
        assert (await api.get(url)).json()["state"] == "received"
        month = (await api.get("/api/reader/transfers/month")).json()
        assert (month["count"], month["routes"][0]["to"], month["value_cents"]) == (1, "密集书库", 2000)


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_the_screens_of_a_transfer(app, house, lang) -> None:
    code, other = await house.item(), await house.item()
    async with client(app, CLERK, cookie=f"lang={lang}") as web, client(app, OUTSIDER) as out:
        assert (await out.get("/reader/transfers")).status_code == 403
        form = await web.get("/reader/transfers/new")
        assert "OLD" in form.text
        wrong = await web.post("/reader/transfers", data={"origin": "MAIN", "location": "", "codes": code})
        assert (wrong.status_code, code in wrong.text) == (422, True)
        partly = await web.post("/reader/transfers", data={"origin": "MAIN", "location": "OLD", "codes": f"{code} NOBODY"})
        assert (partly.status_code, "NOBODY" in partly.text) == (200, True)
        ((number,),) = await house.rows("SELECT number FROM transfer")
        page = f"/reader/transfers/{number}"
        assert (await web.post(f"{page}/scan", data={"code": other}, headers={"hx-request": "true"})).status_code == 200
        assert (await web.post(f"{page}/list", data={"codes": "NOBODY"})).status_code == 200
        assert (await web.post(f"{page}/submit")).status_code == 303
        assert f"{page}/approve" not in (await web.get(page)).text
        async with client(app, HEAD, cookie=f"lang={lang}") as head:
            assert f"{page}/approve" in (await head.get(page)).text
            assert (await head.post(f"{page}/send-back", data={"reason": "请核对复本数"})).status_code == 303
            assert "请核对复本数" in (await web.get(page)).text
            assert (await web.post(f"{page}/submit")).status_code == 303
            assert (await head.post(f"{page}/approve")).status_code == 303
        for scanned in (code, other):
            row = await web.post(f"{page}/scan", data={"code": scanned}, headers={"hx-request": "true"})
            assert (row.headers["x-sound"], "hx-partial" in row.text) == ("ok", True)
        refused = await web.post(f"{page}/scan", data={"code": "NOBODY"}, headers={"hx-request": "true"})
        assert refused.status_code == 404
        assert (await web.post(f"{page}/send")).status_code == 303
        assert number in (await web.get(f"/reader/transfers?q={code}")).text
        assert (await web.post(f"{page}/scan", data={"code": code}, headers={"hx-request": "true"})).status_code == 200
        shown = await web.get(page)
        assert all(word in shown.text for word in (code, other, "data-scan"))
        assert (await web.post(f"{page}/close", data={"reason": ""})).status_code == 422
        assert (await web.post(f"{page}/close", data={"reason": "找过了"})).status_code == 303
        assert number in (await web.get("/reader/transfers?state=differed")).text
        month = await web.get("/reader/transfers/month")
        assert code in month.text
        sheet = await web.get("/reader/transfers/month.xlsx")
        assert sheet.content[:2] == b"PK"
