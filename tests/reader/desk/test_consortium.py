"""The union: foreign returns, boxes, cards with deposits, settlements. covers: RDR-LED-FRD-04"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy.exc import DBAPIError

from services.reader.app import service
from services.reader.desk.charges import commands as charges
from services.reader.desk.charges.model import Kind
from services.reader.desk.consortium import commands, lending, rules, settling
from services.reader.desk.consortium.model import LineKind, Member
from services.reader.desk.patrons.model import CardState, Document
from services.reader.desk.patrons.rules import IdentityNeeded
from shared.database import uuid7
from shared.refusals import Invalid, NotAllowed, Refusal, SamePerson
from tests.reader.desk.conftest import CLERK, COLLEAGUE, HEAD, OUTSIDER
from tests.support.departments import client, opened

CITY = {"code": "ZJT", "name": "镇江市图书馆", "short": "市图", "pattern": "ZJT####", "rate_fen": 50, "compensation_fen": 3000}
READER = {"card": "U001", "name": "李晓", "member": "ZJT", "document": Document.id_card, "last4": "123X", "valid_to": date(2027, 11, 1)}


async def city(desk) -> None:
    await desk.do(commands.save_member, HEAD, **CITY)


def test_the_closest_pattern_wins_and_a_tie_is_said() -> None:
    broad, near = Member(code="A", short="甲", pattern="ZJ*", active=True), Member(code="B", short="乙", pattern="ZJT####", active=True)
    twin, gone = Member(code="C", short="丙", pattern="ZJT####", active=True), Member(code="D", short="丁", pattern="QQ*", active=False)
    assert rules.owner([broad, near], "ZJT0001") is near
    assert rules.owner([broad, near], "ZJ9") is broad
    with pytest.raises(rules.SeveralMembers):
        rules.owner([near, twin], "ZJT0001")
    with pytest.raises(rules.UnknownForeign):
        rules.owner([gone], "QQ1")


@pytest.mark.parametrize("pattern", ["*", "#####", "A*", "ZJ*9", "ZJ T#", "(.*)", "A" + "#" * 5])
def test_a_pattern_that_could_swallow_anything_is_refused(pattern: str) -> None:
    assert not rules.legal(pattern)


async def test_an_unknown_barcode_of_ours_is_never_sent_away(desk) -> None:
    await city(desk)
    ours = await desk.item()
    with pytest.raises(rules.OwnItem):
        await desk.do(commands.receive_foreign, barcode=ours)
    with pytest.raises(rules.UnknownForeign) as refusal:
        await desk.do(commands.receive_foreign, barcode="A999999")
    assert "A999999" in str(refusal.value)
    assert await desk.rows("SELECT 1 FROM union_box") == []


async def test_two_desks_fill_one_box_and_one_item_is_in_it_once(desk) -> None:
    await city(desk)
    codes = ["ZJT0001", "zjt0001", "ZJT0002", "ZJT0003"]
    got = await asyncio.gather(*(desk.do(commands.receive_foreign, barcode=c) for c in codes))
    assert len({box.number for box, _member, _again in got}) == 1
    assert sorted(again for _box, _member, again in got) == [False, False, False, True]
    assert len(await desk.said("reader.foreign-item.received")) == 3


async def test_a_box_goes_open_sent_received_and_only_so(desk) -> None:
    await city(desk)
    box, _member, _again = await desk.do(commands.receive_foreign, barcode="ZJT0001")
    with pytest.raises(rules.WrongState):
        await desk.do(commands.received, number=box.number, signed_by="王")
    with pytest.raises(Invalid):
        await desk.do(commands.send, number=box.number, carrier=" ")
    sent = await asyncio.gather(*(desk.do(commands.send, number=box.number, carrier="赵") for _ in range(2)), return_exceptions=True)
    assert sum(isinstance(one, rules.WrongState) for one in sent) == 1
    with pytest.raises(rules.InSentBox):
        await desk.do(commands.receive_foreign, barcode="ZJT0001")
    await desk.do(commands.received, number=box.number, signed_by="王")
    fresh, _member, again = await desk.do(commands.receive_foreign, barcode="ZJT0001")
    assert (fresh.number != box.number, again) == (True, False)
    await desk.do(commands.take_out, number=fresh.number, barcode="ZJT0001")
    with pytest.raises(rules.EmptyBox):
        await desk.do(commands.send, number=fresh.number, carrier="赵")
    assert [p["items"] for _n, p, _c in await desk.said("reader.transit-box.sent")] == [1]


async def test_the_fine_runs_to_the_day_of_the_return_elsewhere(desk) -> None:
    await city(desk)
    card, barcode = await desk.patron(), await desk.item()
    lent = await desk.lend(card, barcode)
    desk.days_later(60)
    with pytest.raises(rules.ReturnDate):
        await desk.do(commands.come_home, member="ZJT", barcode=barcode, returned_on=date(2026, 11, 1))
    back = await desk.do(commands.come_home, member="ZJT", barcode=barcode, returned_on=lent.loan.due_on)
    assert back.fine_fen == 0
    assert (await desk.find_patron(card)).open_loans == 0
    with pytest.raises(Refusal):
        await desk.do(commands.come_home, member="ZJT", barcode=barcode, returned_on=lent.loan.due_on)


async def test_a_deposit_is_held_and_goes_back_by_a_second_person_once(desk) -> None:
    await city(desk)
    with pytest.raises(IdentityNeeded):
        await desk.do(lending.issue, **{**READER, "last4": "1"})
    await desk.do(lending.issue, **READER)
    assert (await desk.find_patron("U001")).debt_fen == 0  # held, not owed
    assert await desk.rows("SELECT sum(amount_fen) FROM union_deposit") == [(10000,)]
    with pytest.raises(rules.NoDeposit):
        await desk.do(lending.refund, HEAD, card="U001")
    owed = await desk.do(charges.charge, card="U001", kind=Kind.damage, amount_fen=500)
    with pytest.raises(rules.NotClear):
        await desk.do(lending.ask_refund, card=owed.card)
    await desk.do(charges.pay, card="U001")
    await desk.do(lending.ask_refund, HEAD, card="U001")
    with pytest.raises(SamePerson):
        await desk.do(lending.refund, HEAD, card="U001")
    with pytest.raises(NotAllowed):
        await desk.do(lending.refund, COLLEAGUE, card="U001")
    second = HEAD.__class__(id="R0009", name="吴", posts=("RDR-LED",), dept="reader")
    tries = await asyncio.gather(*(desk.do(lending.refund, second, card="U001") for _ in range(2)), return_exceptions=True)
    assert sum(isinstance(one, Refusal) for one in tries) == 1
    assert await desk.rows("SELECT sum(amount_fen), count(*) FROM union_deposit") == [(0, 2)]
    assert (await desk.find_patron("U001")).state is CardState.closed
    with pytest.raises(DBAPIError):
        async with desk.engine.begin() as link:
            await link.exec_driver_sql("UPDATE union_deposit SET amount_fen = 1")


async def test_a_month_is_counted_checked_by_another_and_then_final(desk) -> None:
    await city(desk)
    await desk.do(lending.issue, **READER)
    await desk.lend("U001", await desk.item())
    await desk.lend("U001", await desk.item())
    box, _member, _again = await desk.do(commands.receive_foreign, barcode="ZJT0001")
    await desk.do(commands.send, number=box.number, carrier="赵")
    november = date(2026, 11, 1)
    with pytest.raises(rules.MonthNotOver):
        await desk.do(settling.draft, member="ZJT", month=november)
    desk.days_later(10)
    made = await desk.do(settling.draft, member="ZJT", month=november)
    with pytest.raises(rules.MonthExists):
        await desk.do(settling.draft, member="ZJT", month=november)
    await desk.do(settling.add_line, number=made.number, kind=LineKind.loans_there, quantity=5)
    await desk.do(settling.add_line, number=made.number, kind=LineKind.lost_ours, quantity=1)
    await desk.do(settling.add_line, number=made.number, kind=LineKind.correction, amount_fen=-120, note="GJ2026-0000 多计")
    await desk.do(settling.recount, number=made.number)
    with pytest.raises(Invalid):
        await desk.do(settling.add_line, number=made.number, kind=LineKind.loans_here, quantity=5)
    found = dict(await desk.rows("SELECT kind, amount_fen FROM union_settlement_line"))
    assert found == {
        "cards": 0, "loans_here": 100, "returns_here": 50, "returns_there": 0, "sent_home": 0, "debts": 0,
        "loans_there": -250, "lost_ours": 3000, "correction": -120,
    }
    with pytest.raises(SamePerson):
        await desk.do(settling.check, number=made.number)
    await desk.do(settling.check, COLLEAGUE, number=made.number)
    with pytest.raises(NotAllowed):
        await desk.do(settling.close, number=made.number)
    await desk.do(settling.close, HEAD, number=made.number)
    assert [p["amount_cents"] for _n, p, _c in await desk.said("reader.settlement.closed")] == [2780]
    for sql in ("UPDATE union_settlement_line SET quantity = 9", "DELETE FROM union_settlement_line",
                "UPDATE union_settlement SET state = 'draft'"):
        with pytest.raises(DBAPIError):
            async with desk.engine.begin() as link:
                await link.exec_driver_sql(sql)


@pytest.fixture
async def app(database, desk, tmp_path) -> AsyncIterator[object]:
    from datetime import UTC, datetime

    desk.now = datetime.now(UTC)
    async with opened(service, database("reader"), tmp_path) as made:
        yield made


async def test_the_screens_from_member_to_settlement(app, desk) -> None:
    form = {"code": "zjt", "name": "镇江市图书馆", "short": "市图", "pattern": "ZJT####", "rate": "0.50", "compensation": "30", "active": "true"}
    async with client(app, CLERK) as web:
        assert (await web.post("/reader/union/members", data=form)).status_code == 403
    async with client(app, OUTSIDER) as web:
        assert (await web.get("/reader/union")).status_code == 403
    async with client(app, HEAD) as web:
        assert (await web.post("/reader/union/members", data={**form, "rate": "x"})).status_code == 422
        assert (await web.post("/reader/union/members", data=form)).status_code == 303
        assert "ZJT####" in (await web.get("/reader/union/members")).text
    async with client(app, CLERK) as web:
        for path in ("", "/cards", "/settlements", "/members"):
            assert (await web.get(f"/reader/union{path}")).status_code == 200
        assert (await web.post("/reader/union/foreign", data={"barcode": "A777777"})).status_code == 404
        assert (await web.post("/reader/union/foreign", data={"barcode": "ZJT0001"})).status_code == 303
        number = (await desk.rows("SELECT number FROM union_box"))[0][0]
        assert "ZJT0001" in (await web.get(f"/reader/union/boxes/{number}")).text
        assert (await web.post(f"/reader/union/boxes/{number}/send", data={"carrier": "赵"})).status_code == 303
        assert (await web.post(f"/reader/union/boxes/{number}/received", data={"signed_by": "王"})).status_code == 303
        assert "王" in (await web.get(f"/reader/union/boxes/{number}")).text
        until = f"{desk.now.year + 1}-06-30"
        made = await web.post("/reader/union/cards", data={
            "card": "u001", "name": "李晓", "member": "ZJT", "document": "id_card", "last4": "123X", "valid_to": until})
        assert "100.00" in (await web.get(made.headers["location"])).text
        assert (await web.post("/reader/union/cards/U001/renew", data={"valid_to": f"{desk.now.year + 2}-06-30"})).status_code == 303
        assert (await web.post("/reader/union/cards/U001/ask-refund")).status_code == 303
        assert "U001" in (await web.get("/reader/union/cards")).text
        assert (await web.post("/reader/union/settlements", data={"member": "ZJT", "month": "soon"})).status_code == 422
        made = await web.post("/reader/union/settlements", data={"member": "ZJT", "month": f"{desk.now.year - 1}-12"})
        page = made.headers["location"]
        assert (await web.post(f"{page}/lines", data={"kind": "lost_theirs", "quantity": "2"})).status_code == 303
        assert "-60.00" in (await web.get(page)).text.replace("−", "-").replace("¥", "")
        sheet = load_workbook(BytesIO((await web.get(f"{page}/export.xlsx")).content)).active
        assert [row[3].value for row in sheet.iter_rows(min_row=2)][-1] == -60


async def test_the_return_scan_knows_foreign_books_and_leaves_unknown_ones_refused(app, desk) -> None:
    await city(desk)
    async with client(app, CLERK) as web:
        sitting = str(uuid7())
        for code in ("ZJT0001", "A888888"):
            await web.post("/reader/desk/scan", data={"sitting": sitting, "mode": "return", "code": code})
    assert dict(await desk.rows("SELECT code, outcome FROM sitting_line")) == {"ZJT0001": "foreign", "A888888": "refused"}
    assert await desk.rows("SELECT barcode FROM union_box_item") == [("ZJT0001",)]
