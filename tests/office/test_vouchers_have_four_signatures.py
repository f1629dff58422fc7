"""Vouchers from the desk's deposits and refunds. covers: OFF-FIN-02, OFF-FIN-05"""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from services.office.money.expenditure.handlers import handlers
from services.office.money.expenditure.model import Suspense, Voucher, VoucherState
from services.office.money.expenditure.register import REGISTER, SUSPENSE, reverse
from services.office.money.expenditure.rules import (
    AboveTier,
    MinutesMissing,
    ReceiptsDisagree,
    check_minutes,
    check_receipts,
    check_tier,
    explain_by,
)
from shared.database import uuid7
from shared.events.base import Envelope
from shared.events.reader import CashBanked, RefundRequested
from shared.identity import SYSTEM, Actor
from shared.messaging.tables import outbox
from shared.refusals import Invalid, NotAllowed, SamePerson
from shared.states import NotFromHere
from shared.testing.registers import keeps_its_promises
from shared.web.register import Upload
from tests.office.conftest import ADM, DESK, DIRECTOR, HEAD

FIN = Actor("S0012", "财务", posts=("OFF-FIN",), rank="mid", dept="office")
FIN2 = Actor("S0013", "财务二", posts=("OFF-FIN",), rank="mid", dept="office")
DEPUTY = Actor("S0004", "分管馆长", posts=("deputy",), rank="senior")
MINUTES = {
    "minutes_no": "联席会〔2026〕12 号", "minutes_on": "2026-11-20",
    "minutes_file": [Upload("纪要.pdf", "application/pdf", 12, "d" * 64)],
}


def banked(amount: int = 3000, expected: int = 3000, number: str = "JK2026-0001") -> CashBanked:
    return CashBanked(
        number=number, slip_no="YH1", banked_on=date(2026, 11, 23), amount_cents=amount, shifts=("SK2026-0001",),
        receipts_from="SJ2026-0001", receipts_to="SJ2026-0004", receipts=4, fines_cents=1000, compensation_cents=2000,
        card_fees_cents=0, cashless_cents=0, expected_cents=expected, reason="找零误差" if amount != expected else "",
    )


REFUND = RefundRequested(
    barcode="A1", title="活着", number="YS2026-0001", card="20230001", receipt="SJ2026-0001", amount_cents=15200, asked_by="R1"
)


async def hear(works, event) -> None:
    now = datetime(2026, 11, 23, 4, tzinfo=UTC)
    envelope = Envelope(event_id=uuid7(), name=event.name, version=1, source="reader", seq=1, at=now, actor="R1")
    async with works.open(SYSTEM, now=now) as work:
        work.cause = envelope
        await handlers.handle(work, envelope, event.model_dump(mode="json"))


async def vouchers(works) -> list[Voucher]:
    async with works.sessions() as session:
        return list((await session.scalars(select(Voucher).order_by(Voucher.no))).all())


async def move(works, actor: Actor, no: str, action: str, register=REGISTER, **asked) -> None:
    async with works.open(actor) as work:
        await register.move(work, no, action, **asked)


async def told(works, name: str) -> list[dict]:
    async with works.sessions() as session:
        rows = await session.execute(select(outbox.c.payload).where(outbox.c.subject == f"guanwu.{name}.v1").order_by(outbox.c.id))
        return [row.payload for row in rows]


async def test_a_deposit_becomes_one_voucher_that_agrees_with_its_receipts(works) -> None:
    await hear(works, banked())
    await hear(works, banked())
    (one,) = await vouchers(works)
    assert (one.amount, one.expected, one.slip_no, one.reference, one.suspense) == (3000, 3000, "YH1", "JK2026-0001", "")
    assert one.source == "/reader/cash-ups/deposits/JK2026-0001"
    for actor, action in ((FIN, "audit"), (HEAD, "approve")):
        await move(works, actor, one.no, action)
    await move(works, FIN, one.no, "execute", method="财务入账")
    (one,) = await vouchers(works)
    assert (one.state, one.audited_by, one.approved_by, one.executed_by) == (VoucherState.executed, FIN.id, HEAD.id, FIN.id)
    assert not await told(works, "office.payment.paid")  # income is nobody's payment


async def test_a_difference_waits_in_suspense_until_the_desk_explains_it(works) -> None:
    await hear(works, banked(2900, 3000))
    (one,) = await vouchers(works)
    async with works.sessions() as session:
        entry = (await session.scalars(select(Suspense))).one()
    assert (one.suspense, entry.difference, entry.due_on, entry.told) == (entry.no, -100, date(2026, 11, 28), "找零误差")
    await move(works, DESK, entry.no, "explain", SUSPENSE, explanation="找零多付一元")
    await move(works, FIN, entry.no, "close", SUSPENSE)


async def test_a_refund_is_paid_by_somebody_who_did_not_approve_it_and_the_desk_hears(works) -> None:
    await hear(works, REFUND)
    (one,) = await vouchers(works)
    assert (one.direction, one.amount, one.source) == ("spending", 15200, "/reader/losses/YS2026-0001")
    both = Actor("S0099", "主任兼财务", posts=("OFF-FIN", "head-office"), dept="office")
    await move(works, FIN, one.no, "audit")
    await move(works, both, one.no, "approve")
    with pytest.raises(Exception, match=r"同一人|不能"):
        await move(works, both, one.no, "execute", method="转账")
    await move(works, FIN, one.no, "execute", method="校园卡退回")
    (paid,) = await told(works, "office.payment.paid")
    assert (paid["reference"], paid["amount_cents"], paid["voucher"]) == ("YS2026-0001", 15200, one.no)


async def test_a_returned_refund_goes_back_with_its_reason_and_may_be_asked_again(works) -> None:
    await hear(works, REFUND)
    (one,) = await vouchers(works)
    await move(works, FIN, one.no, "return", return_reason="缺收据原件")
    (back,) = await told(works, "office.payment.returned")
    assert (back["reference"], back["reason"]) == ("YS2026-0001", "缺收据原件")
    await hear(works, REFUND)
    assert [v.state for v in await vouchers(works)] == [VoucherState.returned, VoucherState.prepared]


async def test_strangers_do_not_see_vouchers_and_the_desk_moves_none(works) -> None:
    await hear(works, REFUND)
    (one,) = await vouchers(works)
    with pytest.raises(NotAllowed):
        await move(works, DESK, one.no, "audit")


@pytest.mark.parametrize(("amount", "may", "may_not"), [
    (500_000, (HEAD, DEPUTY, DIRECTOR), ()), (500_001, (DEPUTY, DIRECTOR), (HEAD,)),
    (5_000_000, (DEPUTY, DIRECTOR), (HEAD,)), (5_000_001, (DIRECTOR,), (HEAD, DEPUTY)),
])
def test_the_rank_of_the_approver_follows_the_sum_up_to_and_including_its_limit(amount, may, may_not) -> None:
    voucher = Voucher(no="PZ1", amount=amount, created_by="x", subject="x")
    for actor in may:
        check_tier(voucher, actor)
    for actor in may_not:
        with pytest.raises(AboveTier):
            check_tier(voucher, actor)
    assert explain_by(date(2026, 12, 30)) == date(2027, 1, 4)


def test_from_a_hundred_thousand_on_the_minutes_are_there_in_number_day_and_paper() -> None:
    def voucher(amount: int, **more) -> Voucher:
        return Voucher(no="PZ1", amount=amount, direction="spending", created_by="x", subject="x", **more)

    check_minutes(voucher(9_999_999), filed=False)
    named = {"minutes_no": "联席会 1", "minutes_on": date(2026, 11, 20)}
    for wrong, filed in (({}, True), ({"minutes_no": "联席会 1"}, True), (named, False)):
        with pytest.raises(MinutesMissing):
            check_minutes(voucher(10_000_000, **wrong), filed=filed)
    check_minutes(voucher(10_000_000, **named), filed=True)


async def by_hand(works, amount: str, actor: Actor = ADM) -> str:
    async with works.open(actor) as work:
        return (await REGISTER.open(
            work, direction="spending", subject="购置书架", amount=amount, party="江畔家具", made_on="2026-11-20"
        )).no


async def test_a_large_purchase_waits_for_the_meeting_and_then_for_the_director(works) -> None:
    no = await by_hand(works, "100000.00")
    await move(works, FIN, no, "audit")
    for leader in (HEAD, DEPUTY):
        with pytest.raises(AboveTier):
            await move(works, leader, no, "approve")
    with pytest.raises(MinutesMissing):
        await move(works, DIRECTOR, no, "approve")
    with pytest.raises(Invalid):
        await move(works, FIN, no, "minutes", **{**MINUTES, "minutes_file": []})
    with pytest.raises(Invalid):
        await move(works, FIN, no, "minutes", **{**MINUTES, "minutes_on": "2126-01-01"})
    await move(works, FIN, no, "minutes", **MINUTES)
    await move(works, DIRECTOR, no, "approve")
    (one,) = await vouchers(works)
    assert (one.state, one.minutes_no, one.minutes_by) == (VoucherState.approved, "联席会〔2026〕12 号", FIN.id)


async def test_a_small_sum_asks_for_no_minutes(works) -> None:
    no = await by_hand(works, "99999.99")
    await move(works, FIN, no, "audit")
    with pytest.raises(NotFromHere):
        await move(works, FIN, no, "minutes", **MINUTES)
    await move(works, DIRECTOR, no, "approve")


async def test_maker_approver_and_cashier_are_three_people_even_for_the_database(works) -> None:
    no = await by_hand(works, "800.00", FIN)
    with pytest.raises(SamePerson):
        await move(works, FIN, no, "audit")
    await move(works, FIN2, no, "audit")
    makes_and_leads = Actor(FIN.id, "财务", posts=("OFF-FIN", "head-office"), dept="office")
    with pytest.raises(SamePerson):
        await move(works, makes_and_leads, no, "approve")
    await move(works, HEAD, no, "approve")
    with pytest.raises(SamePerson):
        await move(works, FIN, no, "execute", method="转账")
    await move(works, FIN2, no, "execute", method="转账")
    for wrong in ("executed_by = created_by", "approved_by = created_by", "executed_by = approved_by", "reconciled_by = executed_by"):
        with pytest.raises(IntegrityError):
            async with works.sessions() as session:
                await session.execute(text(f"UPDATE voucher SET {wrong}"))


async def test_two_leaders_approve_at_once_and_one_of_them_did(works) -> None:
    no = await by_hand(works, "800.00")
    await move(works, FIN, no, "audit")
    done = await asyncio.gather(
        *(move(works, leader, no, "approve") for leader in (HEAD, DEPUTY, DIRECTOR)), return_exceptions=True
    )
    assert sum(one is None for one in done) == 1
    assert all(one is None or isinstance(one, NotFromHere) for one in done)


async def test_whoever_waits_for_a_voucher_hears_of_every_step(works) -> None:
    await hear(works, REFUND)
    (one,) = await vouchers(works)
    for actor, action, asked in ((FIN, "audit", {}), (HEAD, "approve", {}), (FIN, "execute", {"method": "转账"})):
        await move(works, actor, one.no, action, **asked)
    said = await told(works, "office.voucher.moved")
    assert [(s["reference"], s["state"], s["amount_cents"]) for s in said] == [
        ("YS2026-0001", state, 15200) for state in ("prepared", "audited", "approved", "executed")
    ]
    no = await by_hand(works, "10.00")
    await move(works, FIN, no, "audit")
    assert len(await told(works, "office.voucher.moved")) == 4  # nobody waits for one made by hand


def test_money_without_receipts_is_not_audited() -> None:
    wrong = Voucher(no="PZ1", amount=2900, expected=3000, created_by="x", subject="x")
    with pytest.raises(ReceiptsDisagree):
        check_receipts(wrong)
    wrong.suspense = "GZC1"
    check_receipts(wrong)


async def test_the_voucher_register_keeps_its_promises(app) -> None:
    def fill() -> dict[str, str]:
        return {"direction": "spending", "subject": "退还赔偿款", "amount": "12.50", "party": "读者", "made_on": "2026-11-23", "fund": "业务费"}

    await keeps_its_promises(REGISTER, app, fill, ask={
        "return": {"return_reason": "缺附件"}, "execute": {"method": "转账"},
        "minutes": {"minutes_no": "联席会 1", "minutes_on": "2026-11-20", "minutes_file": []},
    })


async def test_a_refund_is_reversed_and_its_next_asking_makes_another_voucher(works) -> None:
    await hear(works, REFUND)
    ((first),) = await vouchers(works)
    async def walk(no: str, cashier: Actor) -> None:
        for actor, action, asked in ((FIN, "audit", {}), (DIRECTOR, "approve", {}), (cashier, "execute", {"method": "转账"})):
            await move(works, actor, no, action, **asked)
    await walk(first.no, FIN2)
    async with works.open(Actor("S0015", "助理二", posts=("OFF-ADM",))) as work:
        contra = str((await reverse(work, first.no, "付错户")).no)
    await walk(contra, Actor("S0016", "出纳二", posts=("OFF-FIN",)))
    (fact,) = await told(works, "office.payment.reversed")
    assert (fact["reference"], fact["reverses"], fact["attempt"], fact["amount_cents"]) == ("YS2026-0001", first.no, 0, 15200)
    for _twice in range(2):
        await hear(works, REFUND)  # the first asking once more makes nothing
        await hear(works, REFUND.model_copy(update={"attempt": 1}))
    assert [(v.attempt, v.reverses) for v in await vouchers(works) if v.no not in (first.no, contra)] == [(1, "")]
