"""Deposits of union cards: held, banked apart, given back by the office, never lost. covers: RDR-LED-FRD-04, RDR-DSK-BAS-06"""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError

from services.reader.desk.books import proof
from services.reader.desk.books.proof import verify
from services.reader.desk.cash import commands as cash
from services.reader.desk.charges import commands as charges
from services.reader.desk.charges.model import Kind, Method
from services.reader.desk.clearance import commands as clearance
from services.reader.desk.consortium import handlers, lending, rules
from services.reader.desk.patrons import commands as patrons
from services.reader.desk.patrons.model import CardState
from services.reader.desk.patrons.rules import IdentityNeeded, StillOwing
from shared.events.office import PaymentPaid, PaymentReturned
from shared.identity import Actor
from shared.refusals import Invalid, NotAllowed, Refusal, SamePerson
from shared.states import NotFromHere
from tests.reader.desk.conftest import CLERK, COLLEAGUE, HEAD
from tests.reader.desk.test_consortium import READER, city

SECOND = Actor(id="R0009", name="吴", posts=("RDR-LED",), dept="reader")


async def issued(desk, card: str = "U001", **more: object) -> None:
    await desk.do(lending.issue, **{**READER, "card": card, **more})


async def paid(desk, number: str) -> None:
    await desk.heed(handlers.handlers, PaymentPaid(
        voucher="PZ2026-0001", reference=number, amount_cents=10000, paid_on=desk.today
    ))


async def balance(desk) -> None:
    """What the patrons show, what was posted, and no card closed over money: always the same."""
    wrong = await desk.rows(
        "SELECT card FROM patron p WHERE deposit_fen <> (SELECT COALESCE(sum(amount_fen), 0) FROM union_deposit d"
        " WHERE d.patron_id = p.id) OR deposit_fen NOT IN (0, 10000) OR (state = 'closed' AND deposit_fen <> 0)"
    )
    assert wrong == []


async def test_a_deposit_is_held_and_goes_back_through_a_second_person_and_the_office_once(desk) -> None:
    await city(desk)
    with pytest.raises(IdentityNeeded):
        await issued(desk, last4="1")
    await issued(desk)
    found = await desk.find_patron("U001")
    assert (found.debt_fen, found.deposit_fen) == (0, 10000)  # held, not owed
    with pytest.raises(rules.NoDeposit):
        await desk.do(lending.approve_refund, HEAD, card="U001")
    await desk.do(charges.charge, card="U001", kind=Kind.damage, amount_fen=500)
    with pytest.raises(rules.NotClear):
        await desk.do(lending.ask_refund, card="U001")
    await desk.do(charges.pay, card="U001")
    await desk.do(lending.ask_refund, HEAD, card="U001")
    assert (await desk.find_patron("U001")).state is CardState.suspended  # lends nothing from now on
    with pytest.raises(rules.NoDeposit):
        await desk.do(lending.ask_refund, card="U001")
    with pytest.raises(SamePerson):
        await desk.do(lending.approve_refund, HEAD, card="U001")
    with pytest.raises(NotAllowed):
        await desk.do(lending.approve_refund, COLLEAGUE, card="U001")
    with pytest.raises(rules.WrongState):
        await desk.do(lending.renew, card="U001", valid_to=date(2029, 1, 1))
    tries = await asyncio.gather(*(desk.do(lending.approve_refund, SECOND, card="U001") for _ in range(2)), return_exceptions=True)
    assert sum(isinstance(one, Refusal) for one in tries) == 1
    ((_name, asked, _case),) = await desk.said("reader.union-refund.requested")
    assert (asked["deposit_cents"], asked["receipt"]) == (10000, "YJ2026-0001")
    assert (await desk.find_patron("U001")).deposit_fen == 10000  # until the office has paid
    for _told_twice in range(2):
        await paid(desk, asked["number"])
    assert await desk.rows("SELECT sum(amount_fen), count(*) FROM union_deposit") == [(0, 2)]
    assert (await desk.find_patron("U001")).state is CardState.closed
    with pytest.raises(NotFromHere):
        await desk.do(patrons.change_card, card="U001", action="reopen")
    await balance(desk)


async def test_whoever_issued_the_card_does_not_approve_its_refund(desk) -> None:
    await city(desk)
    await desk.do(lending.issue, HEAD, **READER)
    await desk.do(lending.ask_refund, card="U001")
    with pytest.raises(SamePerson):
        await desk.do(lending.approve_refund, HEAD, card="U001")


async def test_what_the_office_or_a_colleague_sends_back_leaves_the_card_as_it_was(desk) -> None:
    await city(desk)
    await issued(desk)
    await desk.do(lending.ask_refund, card="U001")
    await desk.do(lending.refuse_refund, COLLEAGUE, card="U001", reason="读者改变主意")
    assert (await desk.find_patron("U001")).state is CardState.active
    await desk.do(lending.ask_refund, card="U001")
    number = await desk.do(lending.approve_refund, HEAD, card="U001")
    with pytest.raises(rules.NoDeposit):  # the office has it now
        await desk.do(lending.refuse_refund, card="U001", reason="晚了")
    await desk.heed(handlers.handlers, PaymentReturned(voucher="PZ1", reference=number, reason="收据不符"))
    await paid(desk, number)  # an answer to a number that is over changes nothing
    found = await desk.find_patron("U001")
    assert (found.state, found.deposit_fen) == (CardState.active, 10000)
    assert await desk.rows("SELECT refund_refused FROM union_card") == [("收据不符",)]
    await desk.do(lending.ask_refund, card="U001")
    assert await desk.do(lending.approve_refund, HEAD, card="U001") != number


@pytest.mark.parametrize("door", ["close", "clearance"])
async def test_no_door_closes_a_card_over_its_deposit(desk, reasons, door) -> None:
    await city(desk)
    await issued(desk)
    if door == "close":
        with pytest.raises(StillOwing) as refusal:
            await desk.do(patrons.change_card, card="U001", action="close")
        assert reasons(refusal) == ["open-deposit"]
        assert "100.00" in str(refusal.value.reasons[0])
        assert "退押金" in str(refusal.value.reasons[0])
    else:
        case = await desk.do(clearance.open_case, card="U001", leaving_on=date(2026, 11, 20))
        await desk.do(clearance.check_all)
        await desk.do(clearance.close_due)
        assert await desk.rows("SELECT state FROM clearance WHERE number = :n", n=case.number) == [("waiting",)]
        await desk.do(lending.ask_refund, card="U001")
        await paid(desk, await desk.do(lending.approve_refund, HEAD, card="U001"))
        assert await desk.do(clearance.check_all) == 1
        assert await desk.rows("SELECT state FROM clearance") == [("closed",)]
    with pytest.raises(DBAPIError):
        async with desk.engine.begin() as link:  # nor does the database
            await link.exec_driver_sql("UPDATE patron SET state = 'closed', deposit_fen = 10000")
    await balance(desk)


async def test_a_late_fine_keeps_the_card_but_not_the_money(desk) -> None:
    await city(desk)
    await issued(desk)
    await desk.do(lending.ask_refund, card="U001")
    number = await desk.do(lending.approve_refund, HEAD, card="U001")
    await desk.do(charges.charge, card="U001", kind=Kind.damage, amount_fen=500)
    await paid(desk, number)
    found = await desk.find_patron("U001")
    assert (found.state, found.deposit_fen) == (CardState.suspended, 0)
    await desk.do(charges.pay, card="U001")
    await desk.do(patrons.change_card, card="U001", action="close")


async def test_deposits_lie_in_the_till_and_are_banked_apart_from_income(desk) -> None:
    await city(desk)
    await issued(desk, "U001")
    await issued(desk, "U002", method=Method.mobile)
    await desk.do(charges.charge, card="U001", kind=Kind.overdue, amount_fen=300)
    await desk.do(charges.pay, card="U001")
    ((no,),) = await desk.rows("SELECT no FROM cash_shift WHERE cashier = :c", c=CLERK.id)
    shift = await desk.do(cash.count, COLLEAGUE, no=no, counted_fen=10300)
    assert shift.difference_fen == 0
    async with desk.works.sessions() as session:
        assert all(check.ok for check in await proof.verify(session)), "deposits in the till are no surplus"
    await desk.do(cash.bank, COLLEAGUE, slip_no="YH0001")
    ((_n, said, _c),) = await desk.said("reader.cash.banked")
    assert {k: said[k] for k in ("amount_cents", "fines_cents", "deposits_cents", "cashless_cents", "expected_cents")} == {
        "amount_cents": 10300, "fines_cents": 300, "deposits_cents": 20000, "cashless_cents": 10000, "expected_cents": 10300,
    }
    again = (
        "INSERT INTO union_deposit (id, patron_id, posting, amount_fen, method, receipt, shift_id, voucher, actor, at)"
        " SELECT gen_random_uuid(), patron_id, posting, amount_fen, method, 'X', shift_id, '', actor, at FROM union_deposit LIMIT 1"
    )
    for sql in ("UPDATE union_deposit SET amount_fen = 1", "DELETE FROM union_deposit", again):
        with pytest.raises(DBAPIError):
            async with desk.engine.begin() as link:
                await link.exec_driver_sql(sql)


@given(steps=st.lists(st.sampled_from(["issue", "ask", "refuse", "approve", "paid", "returned", "close"]), max_size=12))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
async def test_deposits_balance_whatever_happens_in_whatever_order(desk, steps) -> None:
    await city(desk)
    card = f"UP{next(desk.numbers)}"
    await issued(desk, card)
    for verb in steps:
        (number,) = (await desk.rows(
            "SELECT COALESCE(refund_no, 'TY2026-9999') FROM union_card u JOIN patron p ON p.id = u.patron_id WHERE card = :c", c=card
        ))[0]
        try:
            match verb:
                case "issue":
                    await issued(desk, card)
                case "ask":
                    await desk.do(lending.ask_refund, card=card)
                case "refuse":
                    await desk.do(lending.refuse_refund, card=card, reason="不退了")
                case "approve":
                    await desk.do(lending.approve_refund, HEAD, card=card)
                case "paid":
                    await paid(desk, number)
                case "returned":
                    await desk.heed(handlers.handlers, PaymentReturned(voucher="PZ1", reference=number, reason="退回"))
                case _:
                    await desk.do(patrons.change_card, card=card, action="close")
        except Refusal:
            pass
        await balance(desk)


async def test_what_is_owed_can_be_taken_from_the_deposit_and_both_sides_agree(desk, reasons) -> None:
    await city(desk)
    await issued(desk)
    for fen in (2000, 1000):
        await desk.do(charges.charge, card="U001", kind=Kind.damage, amount_fen=fen, title="活着")
    await desk.do(lending.ask_refund, card="U001", from_deposit=True)
    await desk.do(charges.charge, card="U001", kind=Kind.damage, amount_fen=8000)
    with pytest.raises(rules.NotClear) as refusal:  # more is owed than is held
        await desk.do(lending.approve_refund, HEAD, card="U001")
    assert reasons(refusal) == ["union.debt-over-deposit"]
    big = (await desk.rows("SELECT id FROM ledger WHERE amount_fen = 8000"))[0][0]
    await desk.do(charges.waive, HEAD, charge_id=big, reason="误记")
    tries = await asyncio.gather(*(desk.do(lending.approve_refund, HEAD, card="U001") for _ in range(2)), return_exceptions=True)
    assert sum(isinstance(one, Refusal) for one in tries) == 1
    assert [tuple(row) for row in await desk.rows("SELECT posting, amount_fen, receipt FROM union_deposit ORDER BY at, id")][1:] == [
        ("kept", -3000, "YJ2026-0002"),
    ]
    paid_ = [tuple(row) for row in await desk.rows("SELECT amount_fen, method, reason FROM ledger WHERE posting = 'payment' ORDER BY amount_fen")]
    assert paid_ == [(-2000, "deposit", "YJ2026-0002"), (-1000, "deposit", "YJ2026-0002")]
    found = await desk.find_patron("U001")
    assert (found.debt_fen, found.deposit_fen) == (0, 7000)
    ((_name, kept, _case),) = await desk.said("reader.union-deposit.kept")
    assert (kept["deposit_cents"], kept["left_cents"]) == (-3000, 7000)
    ((_name, asked, _case),) = await desk.said("reader.union-refund.requested")
    assert asked["deposit_cents"] == 7000
    await paid(desk, asked["number"])
    assert await desk.rows("SELECT sum(amount_fen) FROM union_deposit") == [(0,)]
    assert (await desk.find_patron("U001")).state is CardState.closed
    async with desk.works.sessions() as session:
        assert [check.code for check in await verify(session) if not check.ok] == []


async def test_a_debt_as_large_as_the_deposit_closes_the_card_and_sends_nothing_to_the_office(desk) -> None:
    await city(desk)
    await issued(desk)
    await desk.do(charges.charge, card="U001", kind=Kind.lost, amount_fen=10000)
    with pytest.raises(Invalid):  # no till takes a deposit for money
        await desk.do(charges.pay, card="U001", method=Method.deposit)
    with pytest.raises(rules.NotClear):
        await desk.do(lending.ask_refund, card="U001")
    await desk.do(lending.ask_refund, card="U001", from_deposit=True)
    assert await desk.do(lending.approve_refund, HEAD, card="U001") == ""
    assert await desk.said("reader.union-refund.requested") == []
    found = await desk.find_patron("U001")
    assert (found.state, found.debt_fen, found.deposit_fen) == (CardState.closed, 0, 0)
    await balance(desk)
