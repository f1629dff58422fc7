"""Accompanying discs: a loan of their own, lent with their book, checked before anybody gets them again.

covers: RDR-CIR-MMD-04
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from services.reader.app import service
from services.reader.desk.circulation import losing
from services.reader.desk.circulation import undo as undoing
from services.reader.desk.circulation.rules import LoanRefused, due_date, sentence_of
from services.reader.desk.condition.model import DamageKind, Grade
from services.reader.desk.discs import commands as discs
from services.reader.desk.discs import queries, rules
from services.reader.desk.discs.model import CheckState, Pays
from services.reader.desk.dropbox import commands as dropbox
from services.reader.desk.dropbox.model import Went
from services.reader.desk.holds import commands as holds
from services.reader.desk.items.model import Circulation, Condition
from services.reader.desk.items.rules import availability
from services.reader.desk.patrons.model import Category
from services.reader.desk.policies.rules import STANDARD, Book, Row, resolve
from shared.database import uuid7
from shared.events.resources import ItemCatalogued, RecordChanged
from shared.refusals import Invalid, NotAllowed
from tests.reader.desk.conftest import CLERK, COLLEAGUE, OUTSIDER
from tests.reader.desk.sip2 import Machine, listening, terminal
from tests.support.departments import client, opened

HX = {"hx-request": "true"}
GOOD: dict[str, Any] = {"passed": True, "surface": True, "readable": True, "case": True, "count": 1}
UNREADABLE: dict[str, Any] = {**GOOD, "passed": False, "readable": False}
EMPTY: dict[str, Any] = {**GOOD, "passed": False, "count": 0}


@pytest.fixture
async def app(database, desk, tmp_path) -> AsyncIterator[object]:
    async with opened(service, database("reader"), tmp_path) as made:
        yield made


async def returned(desk, **facts: Any) -> tuple[str, str, str]:
    """A disc that was lent and came back: its card, its barcode, the number of its check."""
    card, code = await desk.patron(), await desk.item(kind="disc", title="随书光盘一张", **facts)
    await desk.lend(card, code)
    return card, code, (await desk.take_back(code)).check.number


@pytest.mark.parametrize("category", list(Category))
def test_every_kind_of_patron_has_a_rule_for_discs_that_beats_the_one_for_books(category) -> None:
    ruling = resolve(STANDARD, category.value, "disc")
    assert 1 <= ruling.terms.items <= 3
    assert ruling.terms.days in {14, 15}
    assert ruling.scope("items").kind == ruling.scope("days").kind == "disc"


async def test_three_discs_for_fifteen_days_beside_the_books(desk, reasons) -> None:
    card = await desk.patron()
    for _ in range(3):
        done = await desk.lend(card, await desk.item(kind="disc"))
        assert done.loan.due_on == desk.today + timedelta(days=15)
    with pytest.raises(LoanRefused) as refusal:
        await desk.lend(card, await desk.item(kind="disc"))
    assert reasons(refusal) == ["loan-limit"]
    assert (await desk.lend(card, await desk.item())).loan.due_on == desk.today + timedelta(days=30)


async def test_a_returned_disc_is_for_nobody_before_its_check(desk, reasons) -> None:
    card, code, number = await returned(desk)
    item = await desk.find_item(code)
    assert (item.circulation, item.condition) == (Circulation.to_shelve, Condition.unchecked)
    assert [r.code for r in availability(item)[1]] == ["item-unchecked", "item-to-shelve"]
    with pytest.raises(LoanRefused) as refusal:
        await desk.lend(card, code)
    assert reasons(refusal) == ["item-unchecked"]
    again = await desk.take_back(code)
    assert (again.check.number, again.next, again.loan) == (number, "check", None)
    done = await desk.do(discs.decide, number=number, **GOOD)
    assert (done.check.state, done.next) == (CheckState.passed, "shelve")
    assert availability(await desk.find_item(code)) == (True, [])
    assert (await desk.lend(card, code)).loan
    assert [name for name, *_ in await desk.said("reader.disc-check.opened", "reader.disc-check.passed")] == [
        "reader.disc-check.opened", "reader.disc-check.passed",
    ]


async def test_a_disc_that_nobody_had_in_hand_needs_no_check(desk) -> None:
    code = await desk.item(kind="disc")
    back = await desk.take_back(code)
    assert (back.check, back.next) == (None, "shelve")
    book = await desk.item()
    await desk.lend(await desk.patron(), book)
    assert (await desk.take_back(book)).check is None


async def test_whoever_waits_gets_the_disc_after_the_check_and_not_before(desk) -> None:
    card, waits = await desk.patron(), await desk.patron()
    code = await desk.item(kind="disc", instance="d")
    await desk.lend(card, code)
    await desk.do(holds.place, card=waits, instance_id="d")
    back = await desk.take_back(code)
    assert (back.next, back.hold) == ("check", None)
    with pytest.raises(holds.rules.NothingWaits):
        await desk.do(holds.fetch, barcode=code)
    done = await desk.do(discs.decide, number=back.check.number, **GOOD)
    assert (done.next, done.hold.card) == ("hold_shelf", waits)
    assert (await desk.find_item(code)).circulation is Circulation.hold_shelf
    told = [name for name, *_ in await desk.said("reader.disc-check.passed", "reader.hold.ready")]
    assert told == ["reader.disc-check.passed", "reader.hold.ready"]


@pytest.mark.parametrize(("wrong", "codes"), [
    ({}, ["not-surface", "not-readable", "not-case"]), ({"surface": True, "readable": True}, ["not-case"]),
    ({"surface": True, "readable": True, "case": True, "count": 0}, ["pieces-missing"]),
])
async def test_a_disc_passes_only_when_all_four_were_looked_at(desk, reasons, wrong, codes) -> None:
    _card, code, number = await returned(desk)
    said = {"passed": True, "surface": False, "readable": False, "case": False, "count": 1, **wrong}
    with pytest.raises(rules.VerdictDoubted) as refusal:
        await desk.do(discs.decide, number=number, **said)
    assert reasons(refusal) == codes
    assert (await desk.find_item(code)).condition is Condition.unchecked


async def test_bad_counts_and_contradictions_are_told_and_change_nothing(desk) -> None:
    _card, code, number = await returned(desk)
    for count in (None, -1, 2, 900_000_123):
        with pytest.raises(Invalid):
            await desk.do(discs.decide, number=number, **{**GOOD, "count": count})
    with pytest.raises(rules.VerdictDoubted):
        await desk.do(discs.decide, number=number, **{**GOOD, "passed": False})
    with pytest.raises(Invalid):
        await desk.do(discs.decide, number=number, **UNREADABLE, pay_for=2)
    with pytest.raises(NotAllowed):
        await desk.do(discs.decide, OUTSIDER, number=number, **GOOD)
    with pytest.raises(rules.UnknownCheck):
        await desk.do(discs.decide, number="YP2026-9999", **GOOD)
    assert (await desk.find_item(code)).condition is Condition.unchecked
    assert await desk.rows("SELECT 1 FROM ledger") == []


async def test_two_desks_decide_one_check_once(desk) -> None:
    _card, code, number = await returned(desk)
    answers = await asyncio.gather(
        desk.do(discs.decide, CLERK, number=number, **GOOD), desk.do(discs.decide, COLLEAGUE, number=number, **UNREADABLE),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in answers) == ["CheckDecided", "Checked"]
    assert len(await desk.rows("SELECT 1 FROM disc_check WHERE item_id = (SELECT id FROM item WHERE barcode = :b)", b=code)) == 1


async def test_two_desks_that_scan_one_disc_open_one_check(desk) -> None:
    card, code = await desk.patron(), await desk.item(kind="disc")
    await desk.lend(card, code)
    backs = await asyncio.gather(*(desk.take_back(code, who) for who in (CLERK, COLLEAGUE)))
    assert len({back.check.number for back in backs}) == 1
    assert len(await desk.said("reader.disc-check.opened")) == 1


async def test_a_spoilt_disc_costs_ten_yuan_and_goes_the_way_of_damaged_items(desk) -> None:
    card, code, number = await returned(desk)
    done = await desk.do(discs.decide, number=number, **UNREADABLE, note="中间有裂纹")
    assert (done.check.state, done.check.amount_fen) == (CheckState.damaged, 1000)
    assert [tuple(r) for r in await desk.rows("SELECT kind, amount_fen, reason FROM ledger")] == [("disc", 1000, number)]
    assert (await desk.find_patron(card)).debt_fen == 1000
    ((slip, grade, note),) = await desk.rows("SELECT number, grade, note FROM damage_slip")
    assert (slip, grade) == (done.check.slip, "heavy")
    assert "中间有裂纹" in note
    assert (await desk.find_item(code)).condition is Condition.irreparable
    assert await desk.said("reader.item.damaged")


async def test_a_broken_case_is_mended_at_the_desk_and_nobody_need_pay(desk) -> None:
    _card, code, number = await returned(desk)
    done = await desk.do(discs.decide, number=number, **{**GOOD, "passed": False, "case": False}, pays=Pays.none)
    assert (done.check.amount_fen, await desk.rows("SELECT 1 FROM ledger")) == (0, [])
    assert (await desk.find_item(code)).condition is Condition.damaged
    assert [tuple(r) for r in await desk.rows("SELECT grade, state FROM damage_slip")] == [("light", "to_mend")]


async def test_by_the_table_for_books_the_price_of_the_book_counts(desk) -> None:
    book = await desk.item(price_cents=3000)
    _card, code, number = await returned(desk, price_cents=0)
    await desk.do(discs.belong, barcode=code, book=book)
    done = await desk.do(discs.decide, number=number, **UNREADABLE, pays=Pays.table)
    assert done.check.amount_fen == 15000  # five times the price of a single copy
    _card, bare, other = await returned(desk, price_cents=0)
    with pytest.raises(Invalid):
        await desk.do(discs.decide, number=other, **UNREADABLE, pays=Pays.table)
    assert (await desk.find_item(bare)).condition is Condition.unchecked


async def test_an_empty_case_is_a_loss_with_a_case_of_its_own(desk) -> None:
    card, code, number = await returned(desk)
    done = await desk.do(discs.decide, number=number, **EMPTY)
    assert (done.check.state, done.next, done.check.amount_fen) == (CheckState.missing, "", 1000)
    assert [tuple(r) for r in await desk.rows("SELECT no, state, card FROM loss")] == [(done.check.loss, "money", card)]
    assert (await desk.find_item(code)).circulation is Circulation.lost
    assert await desk.said("reader.item.lost")
    found = await desk.take_back(code)  # it lay in the drive at home
    assert (found.next, found.check.number != number) == ("check", True)
    assert (await desk.find_patron(card)).debt_fen == 0


async def test_an_empty_case_without_a_charge_waits_for_a_decision(desk) -> None:
    _card, _code, number = await returned(desk)
    done = await desk.do(discs.decide, number=number, **EMPTY, pays=Pays.none)
    assert [tuple(r) for r in await desk.rows("SELECT no, state FROM loss")] == [(done.check.loss, "open")]
    assert await desk.rows("SELECT 1 FROM ledger") == []


async def test_of_a_set_what_is_missing_is_paid_for(desk) -> None:
    _card, code, number = await returned(desk)
    await desk.do(discs.belong, barcode=code, pieces=3)
    done = await desk.do(discs.decide, number=number, **{**GOOD, "passed": False})
    assert (done.check.state, done.check.amount_fen, done.check.expected) == (CheckState.damaged, 2000, 3)
    assert [tuple(r) for r in await desk.rows("SELECT grade FROM damage_slip")] == [("heavy",)]


async def test_a_declared_loss_of_a_disc_costs_the_price_of_a_disc(desk) -> None:
    from services.reader.desk.losses import commands as losses

    card, code = await desk.patron(), await desk.item(kind="disc", price_cents=100)
    await desk.lend(card, code)
    loss = await desk.do(losing.declare_lost, barcode=code)
    settled = await desk.do(losses.compensate, no=loss.no)
    assert (settled.explain["line"], settled.explain["amount_cents"]) == ("disc", 1000)


async def test_without_a_patron_nobody_is_charged(desk) -> None:
    _card, code, number = await returned(desk)
    async with desk.work() as work:
        await work.session.execute(text("UPDATE loan SET patron_id = NULL, card = NULL"))
    with pytest.raises(Invalid):
        await desk.do(discs.decide, number=number, **UNREADABLE)
    assert (await desk.do(discs.decide, number=number, **UNREADABLE, pays=Pays.none)).check.slip
    assert (await desk.find_item(code)).condition is Condition.irreparable


async def test_a_return_taken_back_takes_its_check_back(desk) -> None:
    card, code = await desk.patron(), await desk.item(kind="disc")
    loan = (await desk.lend(card, code)).loan
    number = (await desk.take_back(code)).check.number
    await desk.do(undoing.undo, loan_id=loan.id)
    item = await desk.find_item(code)
    assert (item.circulation, item.condition) == (Circulation.on_loan, Condition.sound)
    assert [tuple(r) for r in await desk.rows("SELECT state FROM disc_check")] == [("dropped",)]
    with pytest.raises(rules.CheckDecided):
        await desk.do(discs.decide, number=number, **GOOD)
    assert (await desk.take_back(code)).check.number != number


async def test_damage_said_at_the_return_needs_no_second_check(desk) -> None:
    card, code = await desk.patron(), await desk.item(kind="disc")
    await desk.lend(card, code)
    back = await desk.take_back(code, damage=(DamageKind.other, Grade.medium))
    assert (back.check, back.next, back.slip.grade) == (None, "repair", Grade.medium)


async def test_the_drop_box_and_machines_put_discs_on_the_list(desk) -> None:
    card = await desk.patron()
    boxed, machined = await desk.item(kind="disc"), await desk.item(kind="disc")
    for code in (boxed, machined):
        await desk.lend(card, code)
    run = await desk.do(dropbox.open_run, on=desk.today)
    line = await desk.do(dropbox.scan, number=run.number, barcode=boxed)
    assert line.went is Went.check
    await terminal(desk)
    async with listening(desk) as server:
        answer = await (await Machine(server.port).connect()).checkin(machined)
    assert (answer.fixed["ok"], answer.fixed["alert"], answer["CV"]) == ("1", "Y", "99")
    assert "验盘" in answer["AF"]
    async with desk.works.sessions() as session:
        found, total = await queries.checks(session, states=[CheckState.waiting])
    assert (total, {one.barcode: one.came.value for one in found}) == (2, {boxed: "drop_box", machined: "selfcheck"})


async def test_a_loan_that_happened_off_line_ends_the_waiting(desk) -> None:
    card, code, number = await returned(desk)
    desk.now += timedelta(hours=2)
    await terminal(desk)
    async with listening(desk) as server:
        answer = await (await Machine(server.port).connect()).checkout(card, code, no_block="Y", date="20261123    130000")
    assert answer.fixed["ok"] == "1"
    assert (await desk.find_item(code)).condition is Condition.sound
    assert [tuple(r) for r in await desk.rows("SELECT state FROM disc_check WHERE number = :n", n=number)] == [("dropped",)]


async def test_a_disc_belongs_to_a_copy_or_to_its_title_or_to_nobody(desk) -> None:
    one, two = await desk.item(instance="t"), await desk.item(instance="t")
    own, any_ = await desk.item(kind="disc"), await desk.item(kind="disc")
    await desk.do(discs.belong, barcode=own, book=one, own_copy=True)
    await desk.do(discs.belong, barcode=any_, book=two)

    async def of(code: str) -> list[str]:
        async with desk.works.sessions() as session:
            return [item.barcode for item in await queries.discs_of(session, await queries.item_by_barcode(session, code))]

    assert (await of(one), await of(two)) == ([own], [any_])
    await desk.do(discs.belong, barcode=any_)
    assert await of(two) == []
    with pytest.raises(rules.NotItsBook):
        await desk.do(discs.belong, barcode=own, book=any_)
    with pytest.raises(rules.NotADisc):
        await desk.do(discs.belong, barcode=one, book=two)
    with pytest.raises(NotAllowed):
        await desk.do(discs.belong, OUTSIDER, barcode=own, book=two)
    with pytest.raises(Invalid):
        await desk.do(discs.belong, barcode=own, book=one, pieces=0)


async def test_a_disc_catalogued_under_the_record_of_a_book_is_its(desk) -> None:
    book = await desk.item(instance="t")
    for n in range(2):  # told twice, known once
        await desk.heed(service.handlers, ItemCatalogued(
            item_id="018f0000-0000-7000-8000-000000000001", barcode="D000001", title=f"光盘 {n}", instance_id="t", kind="disc",
        ))
    await desk.heed(service.handlers, ItemCatalogued(
        item_id=str(uuid7()), barcode="D000002", title="独立光盘", instance_id="x", kind="disc",
    ))
    async with desk.works.sessions() as session:
        owner = await queries.item_by_barcode(session, book)
        assert [item.barcode for item in await queries.discs_of(session, owner)] == ["D000001"]
        assert (await queries.disc_of(session, (await queries.item_by_barcode(session, "D000002")).id)).book_instance == ""


async def test_a_disc_catalogued_with_a_book_is_lent_as_a_disc_and_never_in_place_of_the_book(desk) -> None:
    book = await desk.item(instance="t", title="听力教程")
    book_id, code = str((await desk.find_item(book)).id), "D000003"
    for _twice in range(2):
        await desk.heed(service.handlers, ItemCatalogued(
            item_id="018f0000-0000-7000-8000-000000000003", barcode=code, title="听力教程（随书光盘）", instance_id="t",
            kind="disc", location="LIT", book_id=book_id, book_barcode=book, pieces=2,
        ))
    async with desk.works.sessions() as session:
        owner = await queries.item_by_barcode(session, book)
        assert [item.barcode for item in await queries.discs_of(session, owner)] == [code]
        disc = await queries.disc_of(session, (await queries.item_by_barcode(session, code)).id)
        assert (str(disc.book_id), disc.pieces) == (book_id, 2)
    first, second = await desk.patron(), await desk.patron()
    await desk.lend(first, book)
    assert (await desk.lend(first, code)).loan.due_on == desk.today + timedelta(days=15)
    await desk.do(holds.place, card=second, instance_id="t")  # waits for the book, not for its disc
    back = await desk.take_back(code)
    done = await desk.do(discs.decide, number=back.check.number, **{**GOOD, "count": 2})
    assert (done.next, done.hold) == ("shelve", None)
    await desk.heed(service.handlers, RecordChanged(instance_id="t", number="R1", title="听力教程新编"))
    assert [(await desk.find_item(one)).title for one in (book, code)] == ["听力教程新编", "听力教程新编（随书光盘）"]


def test_a_version_that_says_nothing_of_discs_inherits_the_standard_rules_for_them() -> None:
    silent = Book("GZ2026-0009", (
        Row(1, given={"items": 10, "days": 40}), Row(2, "graduate", given={"items": 20, "days": 60}),
        Row(3, location="MMD", given={"days": 3}),
    ))
    ruling = resolve(silent, "graduate", "disc")
    assert (ruling.terms.days, ruling.terms.items, ruling.scope("items").kind) == (15, 3, "disc")
    why = sentence_of(due_date(ruling.terms, "graduate", date(2026, 11, 23), (), ruling=ruling)[1])
    assert "基准规则第 9 条（GZ2026-0009 没有写光盘，沿用）" in why
    assert resolve(silent, "graduate", "disc", "MMD").terms.days == 3  # what is said of a place comes first
    assert resolve(silent, "graduate", "book").terms.days == 60
    spoken = Book("GZ2026-0010", (*silent.rows, Row(4, "graduate", "disc", given={"days": 7})))
    assert (resolve(spoken, "graduate", "disc").terms.days, resolve(spoken, "staff", "disc").terms.days) == (7, 15)


async def test_a_checked_disc_goes_home_from_another_point(desk) -> None:
    from services.reader.rooms.service_points import commands as points
    from services.reader.rooms.service_points.model import PointKind
    from tests.reader.desk.conftest import HEAD

    for code, locations in (("MAIN", ["LIT"]), ("EAST", [])):
        await desk.do(
            points.save, HEAD, code=code, name=code, name_en="", kind=PointKind.desk, address="", main=code == "MAIN", new=True,
        )
        for location in locations:
            await desk.do(points.assign, HEAD, code=code, locations=[location])
    _card, code, number = await returned(desk)
    done = await desk.do(discs.decide, number=number, **GOOD, at="EAST")
    assert (done.next, done.transit.to) == ("send_home", "MAIN")
    back = await desk.take_back(code, at="MAIN")  # checked already: it only arrives
    assert (back.check, back.next) == (None, "shelve")


async def test_the_month_in_numbers(desk) -> None:
    for said in (GOOD, UNREADABLE, EMPTY):
        _card, _code, number = await returned(desk)
        await desk.do(discs.decide, number=number, **said)
    await returned(desk)
    await desk.lend(await desk.patron(), await desk.item(kind="disc"))
    async with desk.works.sessions() as session:
        told = await queries.figures(session, desk.today.replace(day=1))
        before = await queries.figures(session, (desk.now - timedelta(days=40)).date())
    assert told == {
        "lent": 5, "returned": 4, "passed": 1, "damaged": 1, "missing": 1, "charged_cents": 2000, "waiting": 1,
    }
    assert {k: v for k, v in before.items() if k != "waiting"} == dict.fromkeys(
        ("lent", "returned", "passed", "damaged", "missing", "charged_cents"), 0
    )


# -- doors

async def test_the_counter_lends_both_and_checks_in_the_row(app, desk) -> None:
    from datetime import UTC, datetime

    desk.now = datetime.now(UTC)
    card, book, code = await desk.patron(), await desk.item(), await desk.item(kind="disc", title="配套光盘")
    await desk.do(discs.belong, barcode=code, book=book)
    s = str(uuid7())

    async def scan(web: Any, what: str, mode: str) -> str:
        answer = await web.post("/reader/desk/scan", data={"sitting": s, "code": what, "mode": mode}, headers=HX)
        assert answer.status_code == 200
        return answer.text

    def line(text: str) -> str:
        return re.search(r'id="line-([0-9a-f-]{36})"', text)[1]

    async with client(app, CLERK) as web:
        await scan(web, card, "lend")
        shown = await scan(web, book, "lend")
        assert code in shown
        wrong = await web.post(f"/reader/desk/lines/{line(shown)}/disc", data={"barcode": book}, headers=HX)
        assert wrong.status_code == 404
        both = await web.post(f"/reader/desk/lines/{line(shown)}/disc", data={"barcode": code}, headers=HX)
        assert both.status_code == 200
        assert (await desk.find_item(code)).circulation is Circulation.on_loan
        assert "还在该读者名下" in await scan(web, book, "return")
        back = await scan(web, code, "return")
        at = f"/reader/desk/lines/{line(back)}/check"
        assert f'action="{at}"' in back
        assert "autofocus" in back
        early = await web.post(at, data={"count": "1", "verdict": "pass"}, headers=HX)
        assert early.status_code == 409
        next_book = await web.post(at, data={"count": "A000000123", "verdict": "pass"}, headers=HX)
        assert next_book.status_code == 422
        ticks = ["surface", "readable", "case"]
        done = await web.post(at, data={"count": "1", "verdict": "pass", "checks": ticks}, headers=HX)
        assert done.status_code == 200
        assert f'action="{at}"' not in done.text
        assert availability(await desk.find_item(code))[0]
        assert (await web.post(at, data={"count": "1", "checks": ticks}, headers=HX)).status_code == 404


async def test_a_patron_who_left_is_lent_nothing_more(app, desk) -> None:
    from datetime import UTC, datetime

    desk.now = datetime.now(UTC)
    card, other = await desk.patron(), await desk.patron()
    book, code = await desk.item(), await desk.item(kind="disc")
    await desk.do(discs.belong, barcode=code, book=book)
    s = str(uuid7())
    async with client(app, CLERK) as web:
        for what in (card, book, other):
            shown = await web.post("/reader/desk/scan", data={"sitting": s, "code": what, "mode": "lend"}, headers=HX)
            if what == book:
                line = re.search(r'id="line-([0-9a-f-]{36})"', shown.text)[1]
        gone = await web.post(f"/reader/desk/lines/{line}/disc", data={"barcode": code}, headers=HX)
    assert gone.status_code == 409
    assert (await desk.find_item(code)).circulation is Circulation.available


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_the_screens_of_discs(app, desk, lang) -> None:
    book = await desk.item()
    _card, code, number = await returned(desk)
    _card, spoilt, other = await returned(desk)
    await desk.do(discs.belong, barcode=code, book=book)
    await desk.do(discs.decide, number=other, **UNREADABLE)
    async with client(app, CLERK, cookie=f"lang={lang}") as web, client(app, OUTSIDER) as outside:
        for path in (
            "/reader/discs", "/reader/discs?tab=decided", "/reader/discs?tab=all", "/reader/discs?tab=all&q=没有", "/reader/discs?month=2026-11",
            f"/reader/discs/checks/{number}", f"/reader/discs/checks/{other}", f"/reader/discs/{code}", f"/reader/discs/{spoilt}",
            f"/reader/items/{book}", f"/reader/items/{code}",
        ):
            shown = await web.get(path)
            assert shown.status_code == 200, path
            assert "<h1" in shown.text, path
        assert (await web.get("/reader/discs?month=nie")).status_code == 422
        assert (await web.get(f"/reader/discs/{book}")).status_code == 422
        assert code in (await web.get(f"/reader/items/{book}")).text
        found = await web.get(f"/reader/discs/find?code={code.lower()}")
        assert (found.status_code, found.headers["location"]) == (303, f"/reader/discs/checks/{number}")
        assert (await web.get(f"/reader/discs/find?code={spoilt}")).headers["location"] == f"/reader/discs/{spoilt}"
        assert (await web.post(f"/reader/discs/{code}", data={"book": book, "pieces": "viele"})).status_code == 422
        assert (await web.post(f"/reader/discs/{code}", data={"book": book, "pieces": "2", "own_copy": "true"})).status_code == 303
        early = await web.post(f"/reader/discs/checks/{number}", data={"count": "2", "verdict": "pass"})
        assert early.status_code == 409
        done = await web.post(
            f"/reader/discs/checks/{number}", data={"count": "1", "checks": ["surface", "readable", "case"], "verdict": "fail", "pays": "fixed"},
        )
        assert (done.status_code, done.headers["location"]) == (303, "/reader/discs")
        assert (await outside.get("/reader/discs")).status_code == 403
    assert [tuple(r) for r in await desk.rows("SELECT amount_fen FROM ledger ORDER BY at, id")] == [(1000,), (1000,)]


async def test_the_interface_of_discs(app, desk) -> None:
    from datetime import UTC, datetime

    desk.now = datetime.now(UTC)
    card, book, code = await desk.patron(), await desk.item(), await desk.item(kind="disc")
    async with client(app, CLERK) as api, client(app, OUTSIDER) as outside:
        told = await api.put(f"/api/reader/discs/{code.lower()}", json={"book": book, "pieces": 2})
        assert (told.status_code, told.json()["pieces"], told.json()["book"]["barcode"]) == (200, 2, book)
        assert [d["barcode"] for d in (await api.get(f"/api/reader/discs?book={book}")).json()["items"]] == [code]
        await api.post("/api/reader/loans", json={"card": card, "barcode": code})
        back = (await api.post("/api/reader/returns", json={"barcode": code})).json()
        assert (back["next"], back["check"]["expected"], back["item"]["available"]) == ("check", 2, False)
        number = back["check"]["number"]
        waiting = (await api.get("/api/reader/disc-checks")).json()
        assert (waiting["total"], waiting["items"][0]["number"]) == (1, number)
        url = f"/api/reader/disc-checks/{number}"
        assert (await api.post(url, json={"passed": True, "count": 2})).status_code == 422
        assert (await api.post(url, json={**GOOD, "count": 1})).json()["code"] == "disc-verdict-doubted"
        done = (await api.post(url, json={**GOOD, "count": 2})).json()
        assert (done["state"], done["next"]) == ("passed", "shelve")
        assert (await api.post(url, json={**GOOD, "count": 2})).json()["code"] == "disc-check-decided"
        assert (await api.get(url)).json()["state"] == "passed"
        assert [c["number"] for c in (await api.get(f"/api/reader/discs/{code}")).json()["checks"]] == [number]
        month = (await api.get("/api/reader/discs/figures")).json()
        assert (month["lent"], month["returned"], month["passed"]) == (1, 1, 1)
        assert (await api.get("/api/reader/discs/NOSUCH")).status_code == 404
        for path in ("/api/reader/discs", "/api/reader/disc-checks", url):
            assert (await outside.get(path)).status_code == 403
