"""The month is agreed with the finance office, voucher by voucher. covers: OFF-FIN-02, OFF-FIN-05"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from services.office.money.expenditure.model import Voucher
from services.office.money.expenditure.register import REGISTER as VOUCHERS
from services.office.money.expenditure.rules import CashierReconciles
from services.office.money.reconciliation import rules
from services.office.money.reconciliation.model import Agreement
from services.office.money.reconciliation.register import AGREEMENT, DIFFERENCE
from shared.identity import Actor
from shared.messaging.tables import outbox
from shared.refusals import Invalid, NotAllowed, SamePerson
from shared.states import NotFromHere
from shared.testing.registers import keeps_its_promises
from tests.office.conftest import ADM, DESK, HEAD
from tests.office.test_vouchers_have_four_signatures import FIN, FIN2, REFUND, banked, hear
from tests.support.departments import client

IN_OCTOBER = datetime(2026, 10, 31, 15, 59, tzinfo=UTC)  # 23:59 in the library
IN_NOVEMBER = datetime(2026, 10, 31, 16, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 3, 2, tzinfo=UTC)
SECOND = Actor("S0005", "副主任", posts=("head-office",), dept="office")


async def executed(works, amount: str, *, at: datetime = IN_OCTOBER, direction: str = "spending") -> str:
    """A voucher by hand, through all its steps."""
    async with works.open(ADM, now=at) as work:
        no = (await VOUCHERS.open(
            work, direction=direction, subject="耗材", amount=amount, party="商行", made_on="2026-10-20"
        )).no
    for actor, action, asked in ((FIN, "audit", {}), (HEAD, "approve", {}), (FIN, "execute", {"method": "转账"})):
        async with works.open(actor, now=at) as work:
            await VOUCHERS.move(work, no, action, **asked)
    return no


async def month(works, income: str, spending: str, period: str = "2026-10") -> str:
    async with works.open(FIN, now=LATER) as work:
        return (await AGREEMENT.open(
            work, period=period, document="CW-10", income_theirs=income, spending_theirs=spending
        )).no


async def agree(works, no: str, actor: Actor = HEAD, now: datetime = LATER) -> None:
    async with works.open(actor, now=now) as work:
        await AGREEMENT.move(work, no, "agree")


async def line(works, no: str, amount: str, voucher: str = "", actor: Actor = FIN, **more) -> str:
    async with works.open(actor, now=LATER) as work:
        return (await DIFFERENCE.open(
            work, **{"agreement": no, "voucher": voucher, "amount": amount, "reason": "手续费未记", "direction": "spending", **more}
        )).no


async def found(works, no: str) -> Voucher:
    async with works.sessions() as session:
        return (await session.scalars(select(Voucher).where(Voucher.no == no))).one()


async def test_a_month_that_agrees_reconciles_its_vouchers_and_no_others(works) -> None:
    one, two = await executed(works, "300.00"), await executed(works, "30.00", direction="income")
    later = await executed(works, "7.00", at=IN_NOVEMBER)
    no = await month(works, "30.00", "300.00")
    await agree(works, no)
    for voucher in (one, two):
        row = await found(works, voucher)
        assert (row.state, row.agreement, row.reconciled_by) == ("reconciled", no, HEAD.id)
    assert (await found(works, later)).state == "executed"
    async with works.sessions() as session:
        done = (await session.scalars(select(Agreement))).one()
    assert (done.income_ours, done.spending_ours, done.vouchers, done.agreed_by, done.agreed_at) == (3000, 30000, 2, HEAD.id, LATER)
    with pytest.raises(NotFromHere):
        await agree(works, no)


async def test_the_cashier_does_not_agree_with_the_own_payments(works) -> None:
    one = await executed(works, "300.00")
    no = await month(works, "0", "300.00")
    with pytest.raises(CashierReconciles):
        await agree(works, no, FIN)
    assert (await found(works, one)).state == "executed"
    with pytest.raises(NotAllowed):
        await agree(works, no, DESK)
    await agree(works, no, FIN2)


async def test_a_gap_is_explained_line_by_line_and_its_voucher_waits(works) -> None:
    one, two = await executed(works, "300.00"), await executed(works, "20.00")
    no = await month(works, "5.00", "321.50")
    with pytest.raises(rules.BooksDisagree) as refusal:
        await agree(works, no)
    assert len(refusal.value.reasons) == 2
    said = str(refusal.value.reasons[1])
    assert ("¥320.00" in said, "¥321.50" in said, "¥1.50" in said) == (True, True, True)
    about = await line(works, no, "1.50", two)
    await line(works, no, "5.00", direction="income", reason="本馆漏记")
    await agree(works, no)
    assert ((await found(works, one)).state, (await found(works, two)).state) == ("reconciled", "executed")
    with pytest.raises(SamePerson):
        async with works.open(FIN, now=LATER) as work:
            await DIFFERENCE.move(work, about, "settle", settlement="已补记手续费")
    async with works.open(HEAD, now=LATER) as work:
        await DIFFERENCE.move(work, about, "settle", settlement="已补记手续费")
    row = await found(works, two)
    assert (row.state, row.agreement) == ("reconciled", no)
    with pytest.raises(rules.AlreadyAgreed):
        await line(works, no, "1.00")


async def test_a_voucher_with_two_differences_waits_for_both(works) -> None:
    one = await executed(works, "20.00")
    no = await month(works, "0", "23.00")
    first, second = await line(works, no, "1.00", one), await line(works, no, "2.00", one)
    await agree(works, no)
    for nr, state in ((first, "executed"), (second, "reconciled")):
        async with works.open(HEAD, now=LATER) as work:
            await DIFFERENCE.move(work, nr, "settle", settlement="已更正")
        assert (await found(works, one)).state == state


async def test_what_cannot_be_a_month_a_line_or_a_voucher_is_said(works) -> None:
    with pytest.raises(Invalid):
        await month(works, "0", "0", period="2026-13")
    no = await month(works, "0", "0")
    with pytest.raises(Invalid):
        await month(works, "0", "0")  # once a month
    with pytest.raises(Invalid):
        await line(works, no, "0")
    with pytest.raises(rules.UnknownVoucher):
        await line(works, no, "1.00", "PZ2026-9999")
    running = await month(works, "0", "0", period="2026-11")
    with pytest.raises(rules.MonthRunning):
        await agree(works, running)
    await agree(works, running, now=datetime(2026, 11, 30, 16, tzinfo=UTC))


async def test_a_voucher_executed_while_the_month_is_agreed_is_in_it_or_refuses_it(works) -> None:
    await executed(works, "300.00")
    no = await month(works, "0", "300.00")
    done = await asyncio.gather(agree(works, no), agree(works, no, SECOND), return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["NoneType", "NotFromHere"]


async def test_the_desk_hears_that_its_deposit_is_reconciled(works) -> None:
    await hear(works, banked())
    async with works.sessions() as session:
        no = (await session.scalars(select(Voucher.no))).one()
    for actor, action, asked in ((FIN, "audit", {}), (HEAD, "approve", {}), (FIN, "execute", {"method": "入账"})):
        async with works.open(actor, now=IN_OCTOBER) as work:
            await VOUCHERS.move(work, no, action, **asked)
    await agree(works, await month(works, "30.00", "0"))
    async with works.sessions() as session:
        rows = await session.execute(select(outbox.c.payload).where(outbox.c.subject == "guanwu.office.voucher.moved.v1").order_by(outbox.c.id))
        assert [row.payload["state"] for row in rows] == ["prepared", "audited", "approved", "executed", "reconciled"]


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_both_books_stand_beside_one_another_on_the_page_of_the_month(app, works, lang) -> None:
    voucher = await executed(works, "300.00")
    no = await month(works, "0", "301.00")
    await line(works, no, "1.00", voucher)
    await hear(works, REFUND)
    async with client(app, HEAD, cookie=f"lang={lang}") as web:
        seen = await web.get(f"/office/reconciliations/{no}")
        assert seen.status_code == 200
        assert all(part in seen.text for part in ("¥300.00", "¥301.00", voucher, "/office/reconciliation-lines/DZC"))
        assert (await web.get(f"/office/vouchers/{voucher}")).status_code == 200


async def test_the_registers_keep_their_promises(app, works) -> None:
    months = (f"20{year}-{n:02d}" for year in range(20, 26) for n in range(1, 13))

    def fill() -> dict[str, str]:
        return {"period": next(months), "document": "CW-1", "income_theirs": "0", "spending_theirs": "0"}

    await keeps_its_promises(AGREEMENT, app, fill)


async def test_the_register_of_differences_keeps_its_promises(app, works) -> None:
    no = await month(works, "0", "0")

    def fill() -> dict[str, str]:
        return {"agreement": no, "voucher": "", "direction": "spending", "amount": "1.00", "reason": "手续费"}

    await keeps_its_promises(DIFFERENCE, app, fill, ask={"settle": {"settlement": "已更正"}})
