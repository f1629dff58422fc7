"""Lost, searched, replaced, found, refunded. covers: RDR-DSK-BAS-04, RDR-DSK-BAS-06, RDR-LED-FRD-03"""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
from sqlalchemy import select

from services.reader.desk.charges import commands as charges
from services.reader.desk.charges.model import Kind
from services.reader.desk.circulation import commands as circulation
from services.reader.desk.circulation import losing
from services.reader.desk.circulation.rules import LoanRefused
from services.reader.desk.condition import handlers as condition_handlers
from services.reader.desk.condition.model import DamageKind, Grade
from services.reader.desk.holds import commands as holds
from services.reader.desk.items import handlers as item_handlers
from services.reader.desk.losses import commands, handlers, refunds, rules
from services.reader.desk.losses.model import Loss, LossState
from shared.events.office import PaymentPaid, PaymentReturned, VoucherMoved
from shared.events.resources import ItemReadmitted, ItemWithdrawn, WeedingKept
from shared.messaging.handlers import Handlers
from shared.refusals import Conflict, Invalid, NotAllowed, Refusal, SamePerson
from shared.states import NotFromHere
from tests.reader.desk.conftest import CLERK, COLLEAGUE, HEAD, OUTSIDER


async def case(desk, no: str) -> Loss:
    async with desk.works.sessions() as session:
        return (await session.scalars(select(Loss).where(Loss.no == no))).one()


async def lost(desk, *, copies: int = 3, price: int = 3800, **facts) -> tuple[str, str, Loss]:
    barcode = await desk.item(instance="t", price_cents=price, **facts)
    for _ in range(copies - 1):
        await desk.item(instance="t", price_cents=price)
    card = await desk.patron()
    await desk.lend(card, barcode)
    return card, barcode, await desk.do(losing.declare_lost, barcode=barcode)


async def paid(desk, **more) -> tuple[str, str, Loss, str]:
    card, barcode, loss = await lost(desk, **more)
    await desk.do(commands.compensate, no=loss.no)
    receipt, _rows = await desk.do(charges.pay, card=card)
    return card, barcode, loss, receipt


async def test_a_loss_ends_the_loan_and_the_fine_on_the_day_of_the_report(desk) -> None:
    barcode, card = await desk.item(price_cents=3800), await desk.patron()
    await desk.lend(card, barcode)
    desk.days_later(40)
    loss = await desk.do(losing.declare_lost, barcode=barcode)
    patron, item = await desk.find_patron(card), await desk.find_item(barcode)
    assert (patron.open_loans, patron.debt_fen, item.circulation.value, item.patron_id) == (0, 100, "lost", None)
    (said,) = await desk.said("reader.item.lost")
    assert (said[1]["number"], said[1]["last_copy"], str(said[2])) == (loss.no, True, str(loss.correlation))
    with pytest.raises(LoanRefused):
        await desk.lend(await desk.patron(), barcode)


async def test_only_what_is_lent_can_be_lost_and_only_once(desk) -> None:
    barcode = await desk.item()
    for verb in (losing.declare_lost, losing.claim_returned):
        with pytest.raises(rules.NotToLose):
            await desk.do(verb, barcode=barcode)
        with pytest.raises(NotAllowed):
            await desk.do(verb, OUTSIDER, barcode=barcode)
    await desk.lend(await desk.patron(), barcode)
    done = await asyncio.gather(
        *(desk.do(losing.declare_lost, who, barcode=barcode) for who in (CLERK, COLLEAGUE)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in done) == ["Loss", "NotToLose"]


async def test_with_the_last_copy_gone_the_queue_is_told(desk) -> None:
    one, two = await desk.item(instance="t"), await desk.item(instance="t")
    a, b, waits = await desk.patron(), await desk.patron(), await desk.patron()
    await desk.lend(a, one)
    await desk.lend(b, two)
    await desk.do(holds.place, card=waits, instance_id="t")
    await desk.do(losing.declare_lost, barcode=one)
    assert not await desk.said("reader.hold.ended")
    await desk.do(losing.declare_lost, barcode=two)
    (said,) = await desk.said("reader.hold.ended")
    assert (said[1]["card"], said[1]["how_label"]) == (waits, "最后一册遗失")


async def test_a_claim_costs_nothing_when_the_book_is_found_on_the_shelf(desk) -> None:
    barcode, card = await desk.item(), await desk.patron()
    await desk.lend(card, barcode)
    desk.days_later(40)
    loss = await desk.do(losing.claim_returned, barcode=barcode)
    assert (await desk.find_patron(card)).debt_fen == 0
    desk.days_later(3)
    await desk.do(losing.found, COLLEAGUE, barcode=barcode)
    assert (await case(desk, loss.no)).state is LossState.found
    assert ((await desk.find_patron(card)).debt_fen, (await desk.find_item(barcode)).circulation.value) == (0, "available")


async def test_a_claim_that_fails_costs_the_fine_up_to_the_claim(desk) -> None:
    barcode, card = await desk.item(), await desk.patron()
    await desk.lend(card, barcode)
    desk.days_later(40)
    loss = await desk.do(losing.claim_returned, barcode=barcode)
    desk.days_later(20)
    await desk.do(losing.declare_lost, barcode=barcode)
    assert ((await case(desk, loss.no)).state, (await desk.find_patron(card)).debt_fen) == (LossState.open, 100)


async def test_half_a_year_overdue_counts_as_lost(desk) -> None:
    barcode, fresh, card = await desk.item(price_cents=500), await desk.item(), await desk.patron()
    await desk.lend(card, barcode)
    desk.days_later(100)
    await desk.lend(await desk.patron(), fresh)
    desk.days_later(30 + 180 - 100)
    assert await desk.do(losing.lose_overdue, HEAD) == 0
    desk.days_later(1)
    assert await desk.do(losing.lose_overdue, HEAD) == 1
    assert await desk.do(losing.lose_overdue, HEAD) == 0
    (row,) = await desk.rows("SELECT how, card FROM loss")
    assert tuple(row) == ("overdue", card)
    assert (await desk.find_patron(card)).debt_fen == 500  # the price is the cap


async def test_money_by_the_table_with_the_copies_counted(desk) -> None:
    card, _barcode, loss = await lost(desk, copies=3)
    done = await desk.do(commands.compensate, no=loss.no)
    assert (done.explain["line"], done.explain["copies"], done.explain["amount_cents"]) == ("few", 3, 15200)
    assert (await desk.find_patron(card)).debt_fen == 15200
    with pytest.raises(NotFromHere):
        await desk.do(commands.compensate, no=loss.no)


async def test_without_a_price_the_desk_is_asked_for_one(desk) -> None:
    _card, _barcode, loss = await lost(desk, copies=1, price=0)
    with pytest.raises(Invalid):
        await desk.do(commands.compensate, no=loss.no)
    done = await desk.do(commands.compensate, no=loss.no, given={"price_fen": 2000})
    assert done.explain["amount_cents"] == 10000


async def test_a_copy_is_processed_step_by_step_and_stands_for_the_lost_one(desk) -> None:
    card, barcode, loss = await lost(desk)
    await desk.do(commands.replace, no=loss.no, title="活着", year=2020)
    assert (await desk.find_patron(card)).debt_fen == 500
    with pytest.raises(Invalid):
        await desk.do(commands.tick, no=loss.no, step="barcode", barcode=barcode)
    with pytest.raises(Invalid):
        await desk.do(commands.tick, no=loss.no, step="gold")
    for who, step in ((CLERK, "stamp"), (CLERK, "barcode"), (COLLEAGUE, "label"), (CLERK, "strip"), (COLLEAGUE, "strip")):
        await desk.do(commands.tick, who, no=loss.no, step=step, barcode="N000001")
        assert not await desk.said("reader.item.replaced")
    done = await desk.do(commands.tick, no=loss.no, step="record")
    assert [(s["step"], s["by"]) for s in done.steps] == [
        ("stamp", "R0001"), ("barcode", "R0001"), ("label", "R0002"), ("strip", "R0001"), ("record", "R0001"),
    ]
    (said,) = await desk.said("reader.item.replaced")
    assert (said[1]["barcode"], said[1]["new_barcode"]) == (barcode, "N000001")
    assert (await desk.find_item(barcode)).circulation.value == "replaced"
    with pytest.raises(NotFromHere):
        await desk.do(commands.tick, no=loss.no, step="record")
    back = await desk.take_back(barcode)  # found again: no refund, and not quietly back on the shelf
    assert (back.next, back.loss.state.value) == ("transit", "extra")


async def test_who_chose_money_may_bring_a_copy_until_it_is_paid(desk) -> None:
    card, _barcode, loss = await lost(desk)
    await desk.do(commands.compensate, no=loss.no)
    await desk.do(commands.reconsider, no=loss.no)
    assert (await desk.find_patron(card)).debt_fen == 0
    await desk.do(commands.compensate, no=loss.no)
    await desk.do(charges.pay, card=card)
    with pytest.raises(rules.AlreadyPaid):
        await desk.do(commands.reconsider, no=loss.no)


async def test_found_before_paying_the_compensation_falls_and_the_fine_stays(desk) -> None:
    barcode, card = await desk.item(price_cents=3800), await desk.patron()
    await desk.lend(card, barcode)
    desk.days_later(40)
    loss = await desk.do(losing.declare_lost, barcode=barcode)
    await desk.do(commands.compensate, no=loss.no)
    await desk.take_back(barcode)  # a plain return scan is enough
    assert ((await case(desk, loss.no)).state, (await desk.find_patron(card)).debt_fen) == (LossState.found, 100)


async def test_a_refund_is_asked_approved_by_another_and_paid_by_the_office(desk) -> None:
    card, barcode, loss, receipt = await paid(desk)
    desk.days_later(20)
    await desk.take_back(barcode)
    with pytest.raises(Invalid):
        await desk.do(refunds.ask, HEAD, no=loss.no, receipt="SJ2026-9999")
    await desk.do(refunds.ask, HEAD, no=loss.no, receipt=receipt.lower())
    with pytest.raises(NotAllowed):
        await desk.do(refunds.approve, COLLEAGUE, no=loss.no)
    with pytest.raises(SamePerson):
        await desk.do(refunds.approve, HEAD, no=loss.no)
    second = HEAD.__class__(id="R0009", name="许", posts=("head-reader",), dept="reader")
    await desk.do(refunds.approve, second, no=loss.no)
    (said,) = await desk.said("reader.refund.requested")
    assert (said[1]["amount_cents"], said[1]["receipt"], str(said[2])) == (15200, receipt, str(loss.correlation))
    fact = PaymentPaid(voucher="PZ2026-0001", reference=loss.no, amount_cents=15200, paid_on=date(2026, 12, 20))
    await desk.heed(handlers.handlers, fact)
    await desk.heed(handlers.handlers, fact)  # told twice, paid once
    done = await case(desk, loss.no)
    assert (done.state, done.refund_voucher) == (LossState.refunded, "PZ2026-0001")
    rows = await desk.rows("SELECT posting, amount_fen FROM ledger ORDER BY at, array_position(ARRAY['charge','payment','credit','refund'], posting)")
    assert [tuple(r) for r in rows] == [("charge", 15200), ("payment", -15200), ("credit", -15200), ("refund", 15200)]
    assert (await desk.find_patron(card)).debt_fen == 0


async def test_the_cashier_never_approves_the_refund_of_an_own_receipt(desk) -> None:
    card, barcode, loss = await lost(desk)
    await desk.do(commands.compensate, no=loss.no)
    receipt, _rows = await desk.do(charges.pay, HEAD, card=card)
    await desk.take_back(barcode)
    await desk.do(refunds.ask, no=loss.no, receipt=receipt)
    with pytest.raises(SamePerson):
        await desk.do(refunds.approve, HEAD, no=loss.no)


async def test_a_refund_the_office_returns_is_open_again_with_the_reason(desk) -> None:
    _card, barcode, loss, receipt = await paid(desk)
    await desk.take_back(barcode)
    await desk.do(refunds.ask, no=loss.no, receipt=receipt)
    await desk.do(refunds.approve, HEAD, no=loss.no)
    await desk.heed(handlers.handlers, PaymentReturned(voucher="PZ1", reference=loss.no, reason="缺收据原件"))
    again = await case(desk, loss.no)
    assert (again.state, again.refused) == (LossState.refundable, "缺收据原件")
    await desk.do(refunds.ask, no=loss.no, receipt=receipt)
    await desk.do(refunds.refuse, HEAD, no=loss.no, reason="收据是复印件")
    await desk.do(refunds.forgo, no=loss.no)
    assert (await case(desk, loss.no)).state is LossState.found


@pytest.mark.parametrize(("days", "damage"), [(40, None), (5, (DamageKind.water, Grade.medium))])
async def test_too_late_or_not_intact_and_the_money_stays(desk, days, damage) -> None:
    _card, barcode, loss, receipt = await paid(desk)
    desk.days_later(days)
    await desk.do(losing.found, barcode=barcode, damage=damage)
    assert (await case(desk, loss.no)).state is LossState.found
    assert (await desk.find_item(barcode)).condition.value == ("damaged" if damage else "sound")
    with pytest.raises(Refusal):
        await desk.do(refunds.ask, no=loss.no, receipt=receipt)


async def test_two_desks_that_compensate_at_once_charge_once(desk) -> None:
    card, _barcode, loss = await lost(desk)
    done = await asyncio.gather(
        desk.do(commands.compensate, no=loss.no), desk.do(commands.replace, COLLEAGUE, no=loss.no, title="活着"),
        desk.do(commands.compensate, COLLEAGUE, no=loss.no), return_exceptions=True,
    )
    assert sum(isinstance(one, Loss) for one in done) == 1
    assert all(isinstance(one, Loss | NotFromHere | Conflict) for one in done)
    assert (await desk.find_patron(card)).debt_fen in {15200, 500}


async def test_an_undone_step_does_not_bring_a_lost_book_back(desk) -> None:
    from services.reader.desk.circulation.undo import undo

    _card, barcode, loss = await lost(desk)
    with pytest.raises(Refusal):
        await desk.do(undo, loan_id=loss.loan_id)
    assert (await desk.find_item(barcode)).circulation.value == "lost"
    with pytest.raises(Refusal):
        await desk.do(circulation.renew, barcode=barcode)


async def test_a_waiver_covers_every_kind_and_needs_a_second_person(desk) -> None:
    card = await desk.patron()
    for kind in Kind:
        entry = await desk.do(charges.charge, card=card, kind=kind, amount_fen=100)
        await desk.do(charges.waive, HEAD, charge_id=entry.id, reason="减免试办")
    own = await desk.do(charges.charge, HEAD, card=card, kind=Kind.disc, amount_fen=100)
    with pytest.raises(SamePerson):
        await desk.do(charges.waive, HEAD, charge_id=own.id, reason="自己的")
    assert (await desk.find_patron(card)).debt_fen == 100


async def replaced(desk, **more) -> tuple[str, str, Loss]:
    """A loss that ended with a copy."""
    card, barcode, loss = await lost(desk, **more)
    await desk.do(commands.replace, no=loss.no, title="活着", year=2020)
    for step in rules.STEPS:
        await desk.do(commands.tick, no=loss.no, step=step, barcode=f"N{loss.no[-4:]}")
    return card, barcode, loss


HEARD = Handlers().include(item_handlers.handlers, condition_handlers.handlers, handlers.handlers)


def about(item, **more) -> dict[str, str]:
    return {
        "item_id": str(item.id), "barcode": item.barcode, "title": item.title, "number": "YS", "instance_id": item.instance_id, **more,
    }


async def test_the_original_of_a_replaced_book_goes_to_resources_and_nothing_is_paid_back(desk) -> None:
    card, barcode, loss = await replaced(desk)
    before = (await desk.find_patron(card)).debt_fen
    for who in (CLERK, COLLEAGUE):  # scanned twice
        back = await desk.take_back(barcode, who)
        assert (back.next, back.loss.no) == ("transit", loss.no)
    found, item = await case(desk, loss.no), await desk.find_item(barcode)
    assert (found.state, item.circulation.value, item.custodian.value) == (LossState.extra, "replaced", "resources")
    (said,) = await desk.said("reader.original.found")
    assert (said[1]["number"], said[1]["new_barcode"], str(said[2])) == (loss.no, found.new_barcode, str(loss.correlation))
    assert (await desk.find_patron(card)).debt_fen == before
    with pytest.raises(Refusal):
        await desk.lend(await desk.patron(), barcode)
    with pytest.raises(Refusal):
        await desk.do(refunds.ask, no=loss.no, receipt="SJ2026-0001")


async def test_two_desks_that_scan_the_original_at_once_report_it_once(desk) -> None:
    _card, barcode, loss = await replaced(desk)
    await asyncio.gather(*(desk.take_back(barcode, who) for who in (CLERK, COLLEAGUE, HEAD)))
    assert len(await desk.said("reader.original.found")) == 1
    assert (await case(desk, loss.no)).state is LossState.extra


async def test_kept_by_resources_the_original_is_lent_like_any_other(desk) -> None:
    _card, barcode, loss = await replaced(desk)
    await desk.take_back(barcode)
    item = await desk.find_item(barcode)
    for _ in range(2):  # told twice
        await desk.heed(HEARD, ItemReadmitted(**about(item), reason="需要复本"))
    item = await desk.find_item(barcode)
    assert (item.circulation.value, item.custodian.value, item.stock.value) == ("available", "reader", "in_stock")
    assert (await case(desk, loss.no)).state is LossState.kept_both
    (said,) = await desk.said("reader.original.settled")
    assert said[1]["kept"] is True
    await desk.lend(await desk.patron(), barcode)


@pytest.mark.parametrize("fact", [ItemWithdrawn, WeedingKept])
async def test_what_the_weeding_register_decides_about_the_original_ends_the_case(desk, fact) -> None:
    _card, barcode, loss = await replaced(desk)
    await desk.take_back(barcode)
    item = await desk.find_item(barcode)
    facts = about(item)
    if fact is WeedingKept:
        facts.pop("instance_id")
    await desk.heed(HEARD, fact(**facts))
    done, item = await case(desk, loss.no), await desk.find_item(barcode)
    assert (done.state.value, item.circulation.value) == (
        ("let_go", "replaced") if fact is ItemWithdrawn else ("kept_both", "available")
    )


async def test_found_while_the_copy_is_still_processed_both_are_ours(desk) -> None:
    card, barcode, loss = await lost(desk)
    await desk.do(commands.replace, no=loss.no, title="活着", year=2020)
    back = await desk.take_back(barcode, damage=(DamageKind.water, Grade.light))
    assert (back.next, (await case(desk, loss.no)).state) == ("transit", LossState.processing)
    for step in rules.STEPS:
        await desk.do(commands.tick, no=loss.no, step=step, barcode="N000001")
    done = await case(desk, loss.no)
    assert (done.state, done.original_damaged) == (LossState.extra, True)
    assert (await desk.find_patron(card)).debt_fen == 500  # the processing fee stays


async def test_a_refunded_book_that_is_scanned_again_is_a_book_like_any_other(desk) -> None:
    _card, barcode, loss, receipt = await paid(desk)
    await desk.take_back(barcode)
    await desk.do(refunds.ask, no=loss.no, receipt=receipt)
    await desk.do(refunds.approve, HEAD, no=loss.no)
    await desk.heed(handlers.handlers, VoucherMoved(voucher="PZ1", reference=loss.no, state="prepared", direction="spending", amount_cents=15200))
    waiting = await case(desk, loss.no)
    assert (waiting.refund_voucher, waiting.voucher_state, waiting.voucher_fen) == ("PZ1", "prepared", 15200)
    await desk.heed(handlers.handlers, PaymentPaid(voucher="PZ1", reference=loss.no, amount_cents=15200, paid_on=date(2026, 12, 1)), actor="F1")
    back = await desk.take_back(barcode)
    assert (back.loss, (await case(desk, loss.no)).state) == (None, LossState.refunded)
    again = await desk.patron()
    await desk.lend(again, barcode)
    second = await desk.do(losing.declare_lost, barcode=barcode)
    assert (second.no != loss.no, (await case(desk, second.no)).state) == (True, LossState.open)


@pytest.mark.parametrize(("paid_on", "last"), [
    (date(2026, 1, 31), date(2026, 2, 28)), (date(2028, 1, 31), date(2028, 2, 29)), (date(2026, 12, 15), date(2027, 1, 15)),
    (date(2026, 11, 30), date(2026, 12, 30)),
])
def test_a_month_ends_on_the_same_day_or_the_last_one_there_is(paid_on, last) -> None:
    assert rules.last_day(paid_on) == last


@pytest.mark.parametrize(("days", "state"), [(30, "refundable"), (31, "found")])
async def test_the_last_day_of_the_month_still_counts(desk, days, state) -> None:
    _card, barcode, loss, _receipt = await paid(desk)  # on 23 November: until 23 December
    desk.days_later(days)
    await desk.take_back(barcode)
    assert (await case(desk, loss.no)).state.value == state
