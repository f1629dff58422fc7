"""The union: foreign returns, boxes, cards with deposits, settlements. covers: RDR-LED-FRD-04"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.reader.app import service
from services.reader.desk.circulation import undo
from services.reader.desk.consortium import commands, counting, rules
from services.reader.desk.consortium.model import LineKind, Member
from services.reader.desk.patrons.model import Document
from shared.database import uuid7
from shared.refusals import Invalid, Refusal
from tests.reader.desk.conftest import CLERK, HEAD
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
    with pytest.raises(rules.NotLent) as never_away:
        await desk.do(commands.come_home, member="ZJT", barcode=barcode, returned_on=lent.loan.due_on)
    assert barcode in str(never_away.value)


async def test_an_undone_return_elsewhere_does_not_count(desk) -> None:
    await city(desk)
    card, barcode = await desk.patron(), await desk.item()
    lent = await desk.lend(card, barcode)
    today = desk.today
    for _ in range(2):  # and may be recorded again afterwards
        await desk.do(commands.come_home, member="ZJT", barcode=barcode, returned_on=today)
        assert await counted(desk, LineKind.returns_there) == [barcode]
        await desk.do(undo.undo, loan_id=lent.loan.id)
        assert await counted(desk, LineKind.returns_there) == []
    assert await desk.rows("SELECT undone FROM union_return_there") == [(True,), (True,)]
    assert (await desk.find_patron(card)).open_loans == 1


async def counted(desk, kind: LineKind) -> list[str]:
    async with desk.work() as work:
        member = await commands.member_by_code(work.session, "ZJT")
        return [row["ref"] for row in (await counting.month_rows(work.session, member.id, date(2026, 11, 1)))[kind]]


async def test_a_member_saved_again_keeps_what_is_not_named(desk) -> None:
    await city(desk)
    saved = await desk.do(commands.save_member, HEAD, code="zjt", name="镇江市图书馆（新馆）", short="市图")
    assert (saved.rate_fen, saved.compensation_fen, saved.pattern, saved.active) == (50, 3000, "ZJT####", True)
    cleared = await desk.do(commands.save_member, HEAD, code="ZJT", name="镇江市图书馆", short="市图", rate_fen=0, pattern="")
    assert (cleared.rate_fen, cleared.compensation_fen, cleared.pattern) == (0, 3000, "")
    with pytest.raises(Invalid) as wrong:
        await desk.do(commands.save_member, HEAD, code="镇", name=" ", short="", rate_fen=-1, pattern="*")
    assert set(wrong.value.errors) == {"code", "name", "short", "rate", "pattern"}


@given(steps=st.lists(st.tuples(st.sampled_from(["scan", "out", "send", "receive"]), st.integers(0, 3)), max_size=14))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
async def test_boxes_never_hold_an_item_twice_whatever_happens(desk, steps) -> None:
    await city(desk)
    for verb, n in steps:
        code = f"ZJT000{n}"
        box = (await desk.rows(
            "SELECT b.number FROM union_box b JOIN union_box_item i ON i.box_number = b.number WHERE i.barcode = :c AND NOT i.home",
            c=code,
        ) or [("ZX2026-9999",)])[0][0]
        try:
            match verb:
                case "scan":
                    await desk.do(commands.receive_foreign, barcode=code)
                case "out":
                    await desk.do(commands.take_out, number=box, barcode=code)
                case "send":
                    await desk.do(commands.send, number=box, carrier="赵")
                case _:
                    await desk.do(commands.received, number=box, signed_by="王")
        except Refusal:
            continue
        assert await desk.rows("SELECT barcode FROM union_box_item WHERE NOT home GROUP BY barcode HAVING count(*) > 1") == []
        assert await desk.rows("SELECT member_id FROM union_box WHERE state = 'open' GROUP BY 1 HAVING count(*) > 1") == []
        wrong = "SELECT 1 FROM union_box b JOIN union_box_item i ON i.box_number = b.number WHERE (b.state = 'received') <> i.home"
        assert await desk.rows(wrong) == []


@pytest.fixture
async def app(database, desk, tmp_path) -> AsyncIterator[object]:
    desk.now = datetime.now(UTC)
    async with opened(service, database("reader"), tmp_path) as made:
        yield made


async def test_the_return_scan_knows_foreign_books_and_leaves_unknown_ones_refused(app, desk) -> None:
    await city(desk)
    async with client(app, CLERK) as web:
        sitting = str(uuid7())
        for code in ("ZJT0001", "A888888"):
            await web.post("/reader/desk/scan", data={"sitting": sitting, "mode": "return", "code": code})
    assert dict(await desk.rows("SELECT code, outcome FROM sitting_line")) == {"ZJT0001": "foreign", "A888888": "refused"}
    assert await desk.rows("SELECT barcode FROM union_box_item") == [("ZJT0001",)]
