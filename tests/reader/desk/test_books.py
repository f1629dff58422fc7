"""Receipts without a gap, waivers by month, and a ledger that proves itself. covers: RDR-DSK-BAS-04, RDR-LED-FRD-03"""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import pytest
from openpyxl import load_workbook

from services.reader.app import service
from services.reader.desk.books import commands as books
from services.reader.desk.books import proof, queries, rules
from services.reader.desk.cash import commands as cash
from services.reader.desk.cash import handlers as cash_handlers
from services.reader.desk.charges import commands as charges
from services.reader.desk.charges import receipts
from services.reader.desk.charges.model import Kind, Method, Posting
from services.reader.ledger_verify import walk
from shared.events.office import VoucherMoved
from shared.identity import Actor
from shared.refusals import Invalid, NotFound
from shared.settings import Settings
from tests.reader.desk.conftest import CLERK, COLLEAGUE, HEAD, OUTSIDER
from tests.support.departments import client, opened

AUDITOR = Actor("U0001", "审计", posts=("auditor",))
FIN = Actor("F0001", "财务", posts=("OFF-FIN",), dept="office")


async def owe(desk, *amounts: int, kind: Kind = Kind.overdue, actor: Actor = CLERK) -> tuple[str, list]:
    card = await desk.patron()
    return card, [await desk.do(charges.charge, actor, card=card, kind=kind, amount_fen=fen) for fen in amounts]


async def day(desk) -> dict[str, str]:
    """Two receipts of money, a waiver, a reversal, and a refund: five numbers."""
    card, rows = await owe(desk, 1000, 500)
    paid, _ = await desk.do(charges.pay, card=card)
    other, _ = await owe(desk, 2000, kind=Kind.lost)
    coded, _ = await desk.do(charges.pay, card=other, method=Method.mobile)
    let, (entry,) = await owe(desk, 300)
    waived = await desk.do(charges.waive, HEAD, charge_id=entry.id, reason="住院")
    wrong, (entry,) = await owe(desk, 700)
    await desk.do(charges.drop, charge_id=entry.id, card=wrong, reason="误计")
    back = await desk.do(
        charges.refund, charge_id=rows[0].id, voucher="PZ2026-0001", reason="YS2026-0001",
        people={"asked_by": "R0002", "approved_by": "R0003", "paid_by": "F0001"},
    )
    return {"card": card, "paid": paid, "coded": coded, "waived": waived.receipt, "back": back.receipt, "let": let}


async def test_the_register_has_every_number_and_its_sums_are_those_of_the_cash_up(desk) -> None:
    made = await day(desk)
    async with desk.works.sessions() as session:
        found, total = await queries.lines(session, rules.Asked())
        assert [one.receipt for one in found] == [f"SJ2026-000{n}" for n in (5, 4, 3, 2, 1)]
        assert [(one.what, one.amount_fen) for one in found] == [
            (Posting.refund, 1000), (Posting.reversal, 700), (Posting.waiver, 300), (Posting.payment, 2000), (Posting.payment, 1500),
        ]
        shift = found[-1].shift
        ((expected,),) = (await desk.rows("SELECT -sum(amount_fen) FROM ledger WHERE shift_id IS NOT NULL AND method = 'cash'"))
        sums = await queries.totals(session, rules.Asked(shift=shift))
        assert (total, sums["payment"], sums["cash"], sums["waiver"]) == (5, 3500, int(expected), 0)
        for ask, numbers in (
            (rules.Asked(first="SJ2026-0002", last="SJ2026-0004"), 3), (rules.Asked(what=Posting.waiver), 1),
            (rules.Asked(kind=Kind.lost), 1), (rules.Asked(since=date(2026, 11, 24)), 0), (rules.Asked(until=date(2026, 11, 23)), 5),
            (rules.Asked(shift="SK2026-9999"), 0),
        ):
            assert (await queries.lines(session, ask))[1] == numbers, ask
        (year,) = await queries.gaps(session)
        assert (year.year, year.given, year.missing) == (2026, 5, ())
    assert made["paid"] == "SJ2026-0001"


async def test_numbers_sort_as_numbers_and_a_missing_one_is_named(desk) -> None:
    card, _rows = await owe(desk, 1000)
    await desk.do(charges.pay, card=card)
    async with desk.works.open(CLERK, now=desk.now) as work:
        await work.session.execute(queries.text("UPDATE number_sequence SET last = 9999 WHERE kind = 'SJ'"))
    card, _rows = await owe(desk, 1000)
    receipt, _ = await desk.do(charges.pay, card=card)
    assert receipt == "SJ2026-10000"
    async with desk.works.sessions() as session:
        found, _total = await queries.lines(session, rules.Asked(last="SJ2026-9999"))
        assert [one.receipt for one in found] == ["SJ2026-0001"]
        (year,) = await queries.gaps(session)
        assert (year.given, year.missing[0], len(year.missing)) == (10000, "SJ2026-0002", 100)
        broken = {check.code: check for check in await proof.verify(session) if not check.ok}
    assert list(broken) == ["gaps"]
    assert (broken["gaps"].found[0]["about"], broken["gaps"].more > 0) == ("SJ2026-0002", True)


async def test_a_refund_says_what_was_paid_back_on_which_receipt_and_by_whom(desk) -> None:
    made = await day(desk)
    async with desk.works.sessions() as session:
        found = receipts.of(await queries_lines(session, made["back"]))
    assert found is not None
    assert (found.what, found.total_fen, found.paid_back, len(found.rows)) == (Posting.refund, 1000, True, 1)
    assert {k: found.facts[k] for k in ("original", "voucher", "paid_by", "approved_by", "received_by")} == {
        "original": made["paid"], "voucher": "PZ2026-0001", "paid_by": "F0001", "approved_by": "R0003", "received_by": CLERK.id,
    }
    assert {"F0001", "R0002", "R0003", CLERK.id} <= found.people()
    assert receipts.of([]) is None


async def queries_lines(session, number: str):
    from services.reader.desk.charges.queries import receipt_lines

    return await receipt_lines(session, number)


@pytest.mark.parametrize(("text", "is_"), [
    ("SJ2026-0001", (2026, 1)), (" sj2026-12345 ", (2026, 12345)), ("SJ2026-1", None), ("SK2026-0001", None), ("", None),
])
def test_what_a_receipt_number_is(text: str, is_) -> None:
    assert receipts.serial(text) == is_


def test_what_the_register_cannot_be_asked_is_said() -> None:
    with pytest.raises(Invalid) as refusal:
        rules.asked({"first": "一号", "last": "SJ"})
    assert set(refusal.value.errors) == {"first", "last"}
    with pytest.raises(Invalid):
        rules.asked({"since": "2026-13-40"})
    kept = rules.asked({"first": "sj2026-0001", "what": "nonsense", "kind": "lost", "shift": "sk2026-0001"})
    assert kept.params() == {"first": "SJ2026-0001", "kind": "lost", "shift": "SK2026-0001"}
    assert (rules.month_of("x", date(2026, 11, 23)), rules.next_month(date(2026, 12, 1))) == (date(2026, 11, 1), date(2027, 1, 1))


async def test_two_desks_that_print_at_once_hold_one_original_and_one_copy(desk) -> None:
    made = await day(desk)
    done = await asyncio.gather(*(desk.do(books.note_print, who, receipt=made["paid"]) for who in (CLERK, COLLEAGUE, HEAD)))
    assert sorted(one.copy for one in done) == [1, 2, 3]
    with pytest.raises(NotFound):
        await desk.do(books.note_print, receipt="SJ2026-9999")


async def banked(desk) -> str:
    """The clerk's shift, counted by a colleague and carried to the bank."""
    ((no,),) = await desk.rows("SELECT no FROM cash_shift WHERE state = 'open'")
    await desk.do(cash.count, COLLEAGUE, no=no, counted_fen=1400, reason="找零误差")
    return (await desk.do(cash.bank, slip_no="YH0001")).no


async def test_balances_add_up_by_kind_and_each_number_opens_its_rows(desk) -> None:
    await day(desk)
    async with desk.works.sessions() as session:
        first, after = date(2026, 11, 1), date(2026, 12, 1)
        found = {one.kind: one for one in await proof.balances(session, first, after)}
        fines = found[Kind.overdue]
        assert (fines.opening, fines.moved[Posting.charge], fines.moved[Posting.payment], fines.closing) == (0, 2500, -1500, 0)
        for kind, one in found.items():
            for posting, fen in one.moved.items():
                _rows, _count, total = await queries.rows(session, first, after, kind=kind, posting=posting)
                assert total == fen
        (debts,) = [tuple(r) for r in await desk.rows("SELECT sum(debt_fen) FROM patron")]
        assert sum(one.closing for one in found.values()) == int(debts[0])
        later = await proof.balances(session, after, date(2027, 1, 1))
        assert [one.opening for one in later] == [one.closing for one in found.values()]
        _rows, count, total = await queries.rows(session, after, after, before=True)
        ((rows,),) = await desk.rows("SELECT count(*) FROM ledger")
        assert (count, total) == (int(rows), 0)


async def test_a_shift_is_proven_down_to_the_office_and_what_disagrees_is_named(desk) -> None:
    await day(desk)
    no = await banked(desk)

    def moved(state: str, fen: int) -> VoucherMoved:
        return VoucherMoved(voucher="PZ2026-0007", reference=no, state=state, direction="income", amount_cents=fen)

    await desk.heed(cash_handlers.handlers, moved("reconciled", 1400))
    async with desk.works.sessions() as session:
        (one,) = await proof.shifts_of(session, date(2026, 11, 1), date(2026, 12, 1))
        assert (one.wrong, one.sums.expected, one.shift.counted_fen, one.deposit.voucher) == ([], 1500, 1400, "PZ2026-0007")
        assert all(check.ok for check in await proof.verify(session))
    await desk.heed(cash_handlers.handlers, moved("prepared", 1399))
    async with desk.works.sessions() as session:
        (one,) = await proof.shifts_of(session, date(2026, 11, 1), date(2026, 12, 1))
        assert one.wrong == ["凭证金额与缴款单不符"]
        assert [(c.code, c.found[0]["says"], c.found[0]["is"]) for c in await proof.verify(session) if not c.ok] == [("vouchers", 1400, 1399)]


async def test_the_command_says_what_does_not_agree(desk, database, capsys) -> None:
    await day(desk)
    settings = Settings(service="reader", database_url=database("reader").url)
    assert all(check.ok for check in await walk(settings))
    async with desk.engine.begin() as link:  # somebody who owns the tables meddles
        await link.execute(queries.text("UPDATE patron SET debt_fen = debt_fen + 1 WHERE debt_fen = 0"))
    broken = [check for check in await walk(settings) if not check.ok]
    assert [check.code for check in broken] == ["debts"]
    assert {row["says"] - row["is"] for row in broken[0].found} == {1}


async def test_waivers_of_a_month_say_who_and_why(desk) -> None:
    made = await day(desk)
    async with desk.works.sessions() as session:
        ((waiver, charge),), count, total = await queries.waivers(session, date(2026, 11, 1), date(2026, 12, 1))
        assert (waiver.actor, charge.actor, waiver.reason, waiver.receipt, count, total) == (
            HEAD.id, CLERK.id, "住院", made["waived"], 1, 300,
        )
        assert await queries.waived_by(session, date(2026, 11, 1), date(2026, 12, 1)) == [(HEAD.id, 1, 300)]
        assert (await queries.waivers(session, date(2026, 12, 1), date(2027, 1, 1)))[1] == 0


@pytest.fixture
async def app(database, desk, tmp_path) -> AsyncIterator[object]:
    desk.now = datetime.now(UTC)
    async with opened(service, database("reader"), tmp_path) as made:
        yield made


async def test_the_books_through_their_doors(app, desk) -> None:
    made = await day(desk)
    paper = f"/reader/charges/receipts/{made['paid']}"
    async with client(app, CLERK) as web, client(app, AUDITOR) as auditor, client(app, OUTSIDER) as outsider:
        shown = (await web.get(paper)).text
        assert ("副本" not in shown, "¥15.00" in shown, made["back"] in shown) == (True, True, True)
        for n in (1, 2):
            assert (await web.post(paper + "/print")).status_code == 303
            assert f"副本 第 {n + 1} 次打印" in (await web.get(paper)).text
        back = (await web.get(f"/reader/charges/receipts/{made['back']}")).text
        assert all(part in back for part in ("退还 ¥10.00", made["paid"], "PZ2026-0001"))
        assert (await auditor.post(paper + "/print")).status_code == 403
        assert (await web.get("/reader/books/proof")).status_code == 403
        month = f"{desk.today:%Y-%m}"
        for url in (
            "/reader/books/receipts", "/reader/books/receipts?shift=SK1&first=x", f"/reader/books/proof?month={month}",
            f"/reader/books/rows?month={month}&kind=overdue&posting=payment", f"/reader/books/rows?before=1&month={month}",
            f"/reader/books/waivers?month={month}", paper,
        ):
            assert (await auditor.get(url)).status_code == 200, url
            assert (await outsider.get(url)).status_code == 403, url
        listed = (await auditor.get("/reader/books/receipts")).text
        assert "逐号核对，没有缺号" in listed
        verdict = (await auditor.get("/api/reader/books/verify")).json()
        assert (verdict["ok"], len(verdict["checks"])) == (True, len(proof.CHECKS))
        sheet = load_workbook(io.BytesIO((await auditor.get("/reader/books/receipts/export?what=payment")).content)).active
        assert [c.value for c in sheet[1]][:2] == ["收据号", "时间"]
        assert sum(row[6].value for row in list(sheet.rows)[1:]) == 35
        sheet = load_workbook(io.BytesIO((await auditor.get(f"/reader/books/waivers/export?month={month}")).content)).active
        assert (sheet["E2"].value, sheet["F2"].value) == (3, "住院")
        assert str(sheet["C2"].value).startswith("••")
        assert (await auditor.post("/reader/books/waivers/export", data={"reason": "财务处核对"})).status_code == 403


async def test_the_office_reads_deposits_and_cases_but_moves_none(app, desk) -> None:
    await day(desk)
    no = await banked(desk)
    async with client(app, FIN) as web:
        assert (await web.get(f"/reader/cash-ups/deposits/{no}")).status_code == 200
        assert (await web.get("/reader/losses")).status_code == 200
        assert (await web.post("/reader/cash-ups/bank", data={"slip_no": "YH9999"})).status_code == 403
        assert (await web.post("/reader/losses", data={"barcode": "A1"})).status_code == 403


async def test_the_books_speak_english(app, desk) -> None:
    from shared.testing.registers import han_in

    made = await day(desk)
    async with client(app, HEAD, cookie="lang=en") as web:
        for url in (
            "/reader/books/receipts", "/reader/books/proof", "/reader/books/waivers", "/reader/books/rows",
            f"/reader/charges/receipts/{made['back']}",
        ):
            answer = await web.get(url)
            assert answer.status_code == 200
            assert not han_in(answer.text), url


async def test_a_patron_reads_the_own_refund_with_its_sum(app, desk) -> None:
    made = await day(desk)
    patron = Actor(made["card"], "读者", kind="patron", card=made["card"])
    async with client(app, patron) as web:
        shown = await web.get(f"/reader/my/receipts/{made['back']}")
        assert (shown.status_code, "¥10.00" in shown.text, made["paid"] in shown.text) == (200, True, True)
        assert (await web.get(f"/reader/my/receipts/{made['coded']}")).status_code == 404
