"""Vouchers from the desk's deposits and refunds. covers: OFF-FIN-02, OFF-FIN-05"""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from services.office.money.expenditure.handlers import handlers
from services.office.money.expenditure.model import Suspense, Voucher, VoucherState
from services.office.money.expenditure.register import REGISTER, SUSPENSE
from services.office.money.expenditure.rules import (
    AboveTier,
    ReceiptsDisagree,
    check_receipts,
    check_tier,
    explain_by,
)
from shared.database import uuid7
from shared.events.base import Envelope
from shared.events.reader import CashBanked, RefundRequested
from shared.identity import SYSTEM, Actor
from shared.messaging.tables import outbox
from shared.refusals import NotAllowed
from shared.testing.registers import keeps_its_promises
from tests.office.conftest import DESK, DIRECTOR, HEAD

FIN = Actor("S0012", "财务", posts=("OFF-FIN",), rank="mid", dept="office")


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
        rows = await session.execute(select(outbox.c.payload).where(outbox.c.subject == f"guanwu.{name}.v1"))
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


def test_larger_sums_are_for_the_director() -> None:
    small, large = Voucher(no="PZ1", amount=500_000, created_by="x", subject="x"), Voucher(no="PZ2", amount=500_001, created_by="x", subject="x")
    check_tier(small, HEAD)
    check_tier(large, DIRECTOR)
    with pytest.raises(AboveTier):
        check_tier(large, HEAD)
    assert explain_by(date(2026, 12, 30)) == date(2027, 1, 4)


def test_money_without_receipts_is_not_audited() -> None:
    wrong = Voucher(no="PZ1", amount=2900, expected=3000, created_by="x", subject="x")
    with pytest.raises(ReceiptsDisagree):
        check_receipts(wrong)
    wrong.suspense = "GZC1"
    check_receipts(wrong)


async def test_the_voucher_register_keeps_its_promises(app) -> None:
    def fill() -> dict[str, str]:
        return {"direction": "spending", "subject": "退还赔偿款", "amount": "12.50", "party": "读者", "made_on": "2026-11-23", "fund": "业务费"}

    await keeps_its_promises(REGISTER, app, fill, ask={"return": {"return_reason": "缺附件"}, "execute": {"method": "转账"}})
