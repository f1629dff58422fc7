"""Lending at the desk. covers: RDR-DSK-BAS-02, RDR-LED-FRD-03, RDR-CIR-OTH-05"""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import pytest
from sqlalchemy import event

from services.reader.desk.calendar import commands as calendar
from services.reader.desk.charges import commands as charges
from services.reader.desk.charges.model import Kind
from services.reader.desk.circulation import commands as circulation
from services.reader.desk.circulation.rules import LoanRefused, sentence_of
from services.reader.desk.condition import commands as condition
from services.reader.desk.condition.model import DamageKind, Grade
from services.reader.desk.items.model import Circulation
from services.reader.desk.patrons import commands as patrons
from services.reader.desk.patrons.model import Category
from shared.refusals import NotAllowed
from tests.reader.desk.conftest import CLERK, COLLEAGUE, HEAD, OUTSIDER


async def test_a_loan_moves_the_item_counts_for_the_patron_and_tells_the_house(desk) -> None:
    card, barcode = await desk.patron(), await desk.item()
    done = await desk.lend(card, barcode)
    assert done.loan.due_on == desk.today + timedelta(days=30)
    item, patron = await desk.find_item(barcode), await desk.find_patron(card)
    assert (item.circulation, item.strip_on, item.loans) == (Circulation.on_loan, False, 1)
    assert patron.open_loans == 1
    (_name, said, _case), = await desk.said("reader.item.lent")
    assert (said["card"], said["barcode"], said["due_on"]) == (card, barcode, done.loan.due_on.isoformat())


@pytest.mark.parametrize(("category", "days"), [
    (Category.undergraduate, 30), (Category.graduate, 60), (Category.staff, 90), (Category.union, 30),
])
async def test_the_loan_period_follows_the_category_and_is_explained(desk, category, days) -> None:
    done = await desk.lend(await desk.patron(category), await desk.item())
    assert done.loan.due_on == desk.today + timedelta(days=days)
    assert str(days) in sentence_of(done.loan.explain)


async def test_a_due_date_on_closed_days_moves_on_and_says_so(desk) -> None:
    due = desk.today + timedelta(days=30)
    for n in range(2):
        await desk.do(calendar.close, HEAD, day=due + timedelta(days=n), reason="元旦")
    done = await desk.lend(await desk.patron(), await desk.item())
    assert done.loan.due_on == due + timedelta(days=2)
    assert done.loan.explain["closed"] == [due.isoformat(), (due + timedelta(days=1)).isoformat()]


async def test_unknown_card_and_barcode_are_said_together(desk, reasons) -> None:
    with pytest.raises(LoanRefused) as refusal:
        await desk.lend("X99", "NOPE")
    assert reasons(refusal) == ["unknown-card", "unknown-barcode"]


async def test_a_card_scanned_as_a_book_is_recognised(desk) -> None:
    card = await desk.patron()
    with pytest.raises(LoanRefused, match="是读者证"):
        await desk.lend(card, card)


async def test_the_same_patron_again_is_told_so_and_another_is_told_differently(desk, reasons) -> None:
    card, other, barcode = await desk.patron(), await desk.patron(), await desk.item()
    await desk.lend(card, barcode)
    with pytest.raises(LoanRefused) as again:
        await desk.lend(card, barcode)
    with pytest.raises(LoanRefused) as elsewhere:
        await desk.lend(other, barcode)
    assert reasons(again) == ["already-with-this-patron"]
    assert reasons(elsewhere) == ["item-on-loan"]


async def test_all_reasons_come_at_once(desk, reasons) -> None:
    card = await desk.patron(oriented=False, valid_to=date(2026, 6, 30))
    barcode = await desk.item(use="reference")
    await desk.do(charges.charge, card=card, kind=Kind.damage, amount_fen=1000)
    with pytest.raises(LoanRefused) as refusal:
        await desk.lend(card, barcode)
    assert reasons(refusal) == ["item-reference", "card-expired", "orientation-missing", "debt"]
    assert {r.severity for r in refusal.value.reasons} == {"override"}


async def test_a_debt_under_ten_yuan_does_not_stop_anybody(desk) -> None:
    card = await desk.patron()
    await desk.do(charges.charge, card=card, kind=Kind.damage, amount_fen=999)
    assert (await desk.lend(card, await desk.item())).loan


async def test_an_overdue_book_stops_the_next_loan(desk, reasons) -> None:
    card = await desk.patron()
    await desk.lend(card, await desk.item())
    desk.days_later(31)
    with pytest.raises(LoanRefused) as refusal:
        await desk.lend(card, await desk.item())
    assert reasons(refusal) == ["overdue"]


async def test_the_eleventh_book_of_an_undergraduate_is_refused(desk, reasons) -> None:
    card = await desk.patron()
    for _ in range(10):
        await desk.lend(card, await desk.item())
    with pytest.raises(LoanRefused) as refusal:
        await desk.lend(card, await desk.item())
    assert reasons(refusal) == ["loan-limit"]


@pytest.mark.parametrize(("action", "code"), [
    ("report_loss", "card-loss-blocked"), ("suspend", "card-suspended"), ("close", "card-closed"),
])
async def test_a_card_that_is_not_in_order_lends_nothing(desk, reasons, action, code) -> None:
    card = await desk.patron()
    await desk.do(patrons.change_card, card=card, action=action, reason="测试")
    with pytest.raises(LoanRefused) as refusal:
        await desk.lend(card, await desk.item())
    assert reasons(refusal) == [code]


async def test_only_a_head_may_override_and_only_with_a_note(desk) -> None:
    card, barcode = await desk.patron(oriented=False), await desk.item()
    for actor, note in ((CLERK, "急用"), (HEAD, "")):
        with pytest.raises(LoanRefused):
            await desk.lend(card, barcode, actor, override=True, note=note)
    done = await desk.lend(card, barcode, HEAD, override=True, note="导师担保")
    assert done.loan.override == [{"code": "orientation-missing", "by": HEAD.id, "note": "导师担保"}]


async def test_what_is_impossible_cannot_be_overridden(desk) -> None:
    card, barcode = await desk.patron(), await desk.item()
    await desk.do(condition.report, barcode=barcode, kind=DamageKind.spine, grade=Grade.medium)
    with pytest.raises(LoanRefused):
        await desk.lend(card, barcode, HEAD, override=True, note="急用")


async def test_strangers_to_the_desk_lend_nothing(desk) -> None:
    with pytest.raises(NotAllowed):
        await desk.lend(await desk.patron(), await desk.item(), OUTSIDER)


async def test_twenty_desks_at_once_lend_one_item_once(desk) -> None:
    barcode, cards = await desk.item(), [await desk.patron() for _ in range(20)]
    ended = await asyncio.gather(*(desk.lend(c, barcode) for c in cards), return_exceptions=True)
    assert sum(isinstance(e, circulation.Lent) for e in ended) == 1
    assert all(isinstance(e, circulation.Lent | LoanRefused) for e in ended)
    assert (await desk.rows("SELECT count(*) FROM loan"))[0][0] == 1
    assert (await desk.rows("SELECT sum(open_loans) FROM patron"))[0][0] == 1


async def test_the_same_scan_at_two_desks_lends_once(desk) -> None:
    card, barcode = await desk.patron(), await desk.item()
    ended = await asyncio.gather(
        desk.lend(card, barcode, CLERK), desk.lend(card, barcode, COLLEAGUE), return_exceptions=True
    )
    assert sorted(type(e).__name__ for e in ended) == ["Lent", "LoanRefused"]


async def test_one_patron_at_many_desks_stays_within_the_limit(desk) -> None:
    card, barcodes = await desk.patron(), [await desk.item() for _ in range(14)]
    ended = await asyncio.gather(*(desk.lend(card, b) for b in barcodes), return_exceptions=True)
    assert sum(isinstance(e, circulation.Lent) for e in ended) == 10
    assert (await desk.find_patron(card)).open_loans == 10


async def test_a_loan_costs_few_statements_however_much_the_patron_has(desk) -> None:
    card = await desk.patron(Category.staff)
    barcodes = [await desk.item(instance="same") for _ in range(22)]
    counted: list[int] = []
    statements: list[str] = []
    event.listen(desk.engine.sync_engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    for barcode in barcodes:
        statements.clear()
        await desk.lend(card, barcode)
        counted.append(len(statements))
    assert set(counted[1:]) == {counted[0]}
    assert counted[0] <= 5, statements
