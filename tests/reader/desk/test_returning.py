"""Returning, renewing, undoing. covers: RDR-DSK-BAS-02, RDR-DSK-BAS-04, RDR-LED-FRD-01"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from services.reader.desk.calendar import commands as calendar
from services.reader.desk.charges import commands as charges
from services.reader.desk.circulation import asking_back
from services.reader.desk.circulation import commands as circulation
from services.reader.desk.circulation.rules import NotOnLoan, RenewalRefused, UndoRefused
from services.reader.desk.circulation.undo import undo
from services.reader.desk.condition.model import DamageKind, Grade
from services.reader.desk.holds import commands as holds
from services.reader.desk.items.model import Circulation, Condition
from services.reader.desk.items.rules import UnknownBarcode
from shared.identity import Actor
from shared.refusals import NotAllowed
from tests.reader.desk.conftest import CLERK, COLLEAGUE, HEAD


async def test_a_return_in_time_costs_nothing_and_shelves_the_item(desk) -> None:
    card, barcode = await desk.patron(), await desk.item()
    await desk.lend(card, barcode)
    desk.days_later(30)
    done = await desk.take_back(barcode)
    assert (done.next, done.fine_fen, done.loan.card) == ("shelve", 0, card)
    item = await desk.find_item(barcode)
    assert (item.circulation, item.strip_on, item.patron_id) == (Circulation.available, True, None)
    assert (await desk.find_patron(card)).open_loans == 0
    assert [n for n, *_ in await desk.said()][-2:] == ["reader.item.returned", "reader.item.shelved"]


async def test_ten_days_late_costs_one_yuan_and_closed_days_are_free(desk) -> None:
    card, first, second = await desk.patron(), await desk.item(), await desk.item()
    done = await desk.lend(card, first)
    await desk.lend(card, second)
    desk.days_later(40)
    assert (await desk.take_back(first)).fine_fen == 100
    for n in (2, 5):
        await desk.do(calendar.close, HEAD, day=done.loan.due_on + timedelta(days=n), reason="校庆")
    late = await desk.take_back(second)
    assert late.fine_fen == 80
    assert (late.fine["closed_days"], late.fine["charged_days"]) == (2, 8)
    assert (await desk.find_patron(card)).debt_fen == 180


async def test_a_fine_never_exceeds_the_price(desk) -> None:
    card, barcode = await desk.patron(), await desk.item(price_cents=500)
    await desk.lend(card, barcode)
    desk.days_later(30 + 200)
    done = await desk.take_back(barcode)
    assert done.fine_fen == 500
    assert done.fine["capped"]


async def test_an_item_that_was_not_lent_is_put_in_order(desk) -> None:
    barcode = await desk.item()
    done = await desk.take_back(barcode)
    assert (done.loan, done.next) == (None, "shelve")
    assert (await desk.find_item(barcode)).circulation is Circulation.available


async def test_an_unknown_barcode_is_said_plainly(desk) -> None:
    with pytest.raises(UnknownBarcode, match="NOPE"):
        await desk.take_back("NOPE")


async def test_two_desks_return_one_item_once(desk) -> None:
    card, barcode = await desk.patron(), await desk.item()
    await desk.lend(card, barcode)
    desk.days_later(40)
    ended = await asyncio.gather(desk.take_back(barcode), desk.take_back(barcode, COLLEAGUE))
    assert sorted(done.fine_fen for done in ended) == [0, 100]
    assert (await desk.find_patron(card)).debt_fen == 100


async def test_a_damage_at_return_keeps_the_item_from_the_shelf(desk) -> None:
    card, barcode = await desk.patron(), await desk.item()
    await desk.lend(card, barcode)
    done = await desk.take_back(barcode, damage=(DamageKind.spine, Grade.medium))
    assert (done.next, done.slip.grade) == ("repair", Grade.medium)
    item = await desk.find_item(barcode)
    assert (item.circulation, item.condition) == (Circulation.to_shelve, Condition.damaged)
    assert done.slip.loan_id == done.loan.id


async def test_a_renewal_counts_from_the_due_date_and_ends_at_the_limit(desk) -> None:
    card, barcode = await desk.patron(), await desk.item()
    due = (await desk.lend(card, barcode)).loan.due_on
    loan, _patron = await desk.do(circulation.renew, barcode=barcode)
    assert loan.due_on == due + timedelta(days=30)
    with pytest.raises(RenewalRefused) as refusal:
        await desk.do(circulation.renew, barcode=barcode)
    assert [r.code for r in refusal.value.reasons] == ["renewal-limit"]


async def test_overdue_or_awaited_loans_are_not_renewed(desk) -> None:
    card, other, barcode = await desk.patron(), await desk.patron(), await desk.item(instance="t")
    await desk.lend(card, barcode)
    await desk.do(holds.place, card=other, instance_id="t")
    desk.days_later(31)
    with pytest.raises(RenewalRefused) as refusal:
        await desk.do(circulation.renew, barcode=barcode)
    assert [r.code for r in refusal.value.reasons] == ["loan-overdue", "others-wait"]


async def test_what_is_not_lent_cannot_be_renewed(desk) -> None:
    with pytest.raises(NotOnLoan):
        await desk.do(circulation.renew, barcode=await desk.item())


async def test_patrons_renew_their_own_loans_only(desk) -> None:
    card, barcode = await desk.patron(), await desk.item()
    await desk.lend(card, barcode)
    own = Actor(id=card, kind="patron", card=card)
    stranger = Actor(id="S", kind="patron", card="S")
    with pytest.raises(NotAllowed):
        await desk.do(circulation.renew, stranger, barcode=barcode)
    loan, _patron = await desk.do(circulation.renew, own, barcode=barcode)
    assert loan.renewals == 1


async def test_an_undone_loan_leaves_everything_as_before_and_stays_on_record(desk) -> None:
    card, barcode = await desk.patron(), await desk.item()
    done = await desk.lend(card, barcode)
    assert (await desk.do(undo, loan_id=done.loan.id))[0] == "lend"
    item, patron = await desk.find_item(barcode), await desk.find_patron(card)
    assert (item.circulation, item.loans, patron.open_loans) == (Circulation.available, 0, 0)
    assert await desk.said("reader.loan.undone")
    assert (await desk.lend(card, barcode)).loan.id != done.loan.id


async def test_an_undone_return_brings_back_loan_fine_and_queue(desk) -> None:
    card, other, barcode = await desk.patron(), await desk.patron(), await desk.item(instance="t")
    done = await desk.lend(card, barcode)
    await desk.do(holds.place, card=other, instance_id="t")
    desk.days_later(40)
    assert (await desk.take_back(barcode)).next == "hold_shelf"
    assert (await desk.do(undo, loan_id=done.loan.id))[0] == "return"
    item, patron, waiting = (
        await desk.find_item(barcode), await desk.find_patron(card), await desk.find_patron(other)
    )
    assert (item.circulation, patron.open_loans, patron.debt_fen) == (Circulation.on_loan, 1, 0)
    assert (waiting.holds_waiting, waiting.holds_ready) == (1, 0)
    assert await desk.said("reader.hold.postponed", "reader.return.undone")


async def test_a_paid_fine_stands_in_the_way_of_undoing_a_return(desk) -> None:
    card, barcode = await desk.patron(), await desk.item()
    done = await desk.lend(card, barcode)
    desk.days_later(40)
    await desk.take_back(barcode)
    await desk.do(charges.pay, card=card)
    with pytest.raises(charges.rules.FineWasPaid):
        await desk.do(undo, loan_id=done.loan.id)


async def test_only_the_same_hand_in_the_same_shift_undoes_and_a_head_any_time(desk) -> None:
    card, barcode = await desk.patron(), await desk.item()
    done = await desk.lend(card, barcode)
    with pytest.raises(UndoRefused):
        await desk.do(undo, COLLEAGUE, loan_id=done.loan.id)
    desk.days_later(1)
    with pytest.raises(UndoRefused):
        await desk.do(undo, CLERK, loan_id=done.loan.id)
    assert (await desk.do(undo, HEAD, loan_id=done.loan.id))[0] == "lend"


async def test_reminders_go_out_before_and_after_the_day(desk) -> None:
    await desk.lend(await desk.patron(), await desk.item())
    told = []
    for day in (26, 27, 30, 31, 37, 60, 90):
        desk.now += timedelta(days=day) - timedelta(days=sum(told[-1:] and [0]) or 0)
        told.append(await desk.do(asking_back.remind))
        desk.now -= timedelta(days=day)
    assert told == [0, 1, 0, 1, 1, 1, 1]
