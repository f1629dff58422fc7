"""A year is closed once: what is held goes on with its money, open invoices too, and late news of the old line finds the new one.

covers: OFF-FIN-01
"""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, select

from services.office.money.budgets import register as books
from services.office.money.budgets.model import Fund, FundEntry
from services.office.money.budgets.rules import follow, last
from services.office.money.carryover import rules
from services.office.money.carryover.model import CarriedLine
from services.office.money.carryover.register import REGISTER
from services.office.money.expenditure.model import Voucher
from services.office.money.expenditure.register import REGISTER as VOUCHERS
from shared.events.resources import FundSum, InvoiceSubmitted, OrderCancelled, PaymentShare
from shared.identity import Actor
from shared.refusals import Invalid, SamePerson
from shared.testing.registers import han_in
from tests.office.conftest import DIRECTOR, HEAD
from tests.office.test_budgets_hold_and_spend import (
    FIN,
    FIN2,
    NOW,
    act,
    budget,
    hear,
    line,
    placed,
    sums,
    told,
)
from tests.support.departments import client


async def next_year(works, code: str = "ZW", yuan: str = "2000.00") -> str:
    async with works.open(FIN, now=NOW) as work:
        no = str((await books.REGISTER.open(work, year=2027, fund=code, planned=yuan)).no)
    for actor, action in ((HEAD, "review"), (DIRECTOR, "approve"), (FIN, "start")):
        await act(works, books.REGISTER, actor, no, action)
    return no


async def closing(works, year: int = 2026) -> str:
    async with works.open(FIN, now=NOW) as work:
        return str((await REGISTER.open(work, year=year)).no)


def invoice(number: str, order: str, budget_no: str, fen: int) -> InvoiceSubmitted:
    return InvoiceSubmitted(
        number=number, attempt=1, invoice_no=number, supplier="云山书店", amount_cents=fen,
        shares=(PaymentShare(order=order, budget=budget_no, amount_cents=fen, release_cents=fen),))


async def pay(works, reference: str) -> None:
    async with works.sessions() as session:
        no = (await session.scalars(select(Voucher.no).where(Voucher.reference == reference))).one()
    for actor, action, asked in ((FIN, "audit", {}), (DIRECTOR, "approve", {}), (FIN2, "execute", {"method": "转账"})):
        await act(works, VOUCHERS, actor, no, action, **asked)


async def balanced(works) -> None:
    """Every sum of every line is what its ledger adds up to, and no fen appears or goes between the years."""
    async with works.sessions() as session:
        moved = await session.scalar(select(func.coalesce(func.sum(FundEntry.amount), 0)).where(FundEntry.kind == "transfer"))
    assert moved == 0


def test_what_a_case_says_of_an_old_line_is_told_of_the_one_that_took_over() -> None:
    after = {"A": "B", "B": "C"}
    assert follow({"A": 100}, {}, after) == {"C": 100}
    assert follow({"A": 100}, {"A": 30}, after) == {"A": 30, "C": 70}
    assert follow({"A": 100}, {"A": 30, "B": 20}, after) == {"A": 30, "B": 20, "C": 50}
    assert follow({"A": 20, "D": 5}, {"A": 30}, after) == {"A": 20, "D": 5}
    assert (last("A", after), last("C", after)) == ("C", "C")


async def test_what_is_held_goes_on_with_its_money_and_late_news_finds_it(works) -> None:
    old = await budget(works, "1000.00")
    await hear(works, placed(old, 300_00, number="DD1"))
    await hear(works, placed(old, 200_00, number="DD2"))
    await hear(works, invoice("FP1", "DD1", old, 100_00))
    await pay(works, "FP1")
    await hear(works, invoice("FP2", "DD1", old, 50_00))
    assert await sums(works, old) == (400_00, 50_00, 100_00, 500_00)
    no = await closing(works)
    with pytest.raises(rules.NotYet) as refusal:
        await act(works, REGISTER, DIRECTOR, no, "carry")
    assert "400.00" in str(refusal.value.reasons[0])
    new = await next_year(works)
    with pytest.raises(SamePerson):
        await act(works, REGISTER, Actor(FIN.id, posts=("director",)), no, "carry")
    done = await asyncio.gather(*(act(works, REGISTER, DIRECTOR, no, "carry") for _n in range(2)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["NoneType", "NotFromHere"]
    assert await sums(works, old) == (0, 0, 100_00, 500_00)
    assert await sums(works, new) == (400_00, 50_00, 0, 2000_00)
    await balanced(works)
    closed = await line(works, old)
    assert (closed.state, closed.successor) == ("closed", new)
    (fact,) = await told(works, "office.budget.carried")
    assert (fact["to_budget"], fact["references"], fact["encumbered_cents"], fact["lapsed_cents"]) == (new, ["DD1", "DD2"], 400_00, 500_00)
    assert {(f["budget"], f["open"]) for f in (await told(works, "office.budget.allocated"))[-2:]} == {(old, False), (new, True)}
    # The invoice that lay here is paid from the new year; one that still names the old line, too.
    await pay(works, "FP2")
    assert await sums(works, new) == (350_00, 0, 50_00, 2000_00)
    await hear(works, invoice("FP3", "DD2", old, 80_00))
    await pay(works, "FP3")
    assert await sums(works, new) == (270_00, 0, 130_00, 2000_00)
    # The order says its whole need of the old line, paid parts included: 300 less 50 that will not come.
    await hear(works, OrderCancelled(number="DD1", revision=2, sums=(FundSum(budget=old, amount_cents=250_00),), whole=False, copies=1))
    assert await sums(works, new) == (220_00, 0, 130_00, 2050_00)
    await hear(works, placed(old, 250_00, number="DD1", revision=3))
    assert (await sums(works, old), await sums(works, new)) == ((0, 0, 100_00, 500_00), (220_00, 0, 130_00, 2050_00))
    with pytest.raises(Invalid):
        await closing(works)


async def test_what_is_left_goes_on_where_the_fund_says_so_and_lapses_elsewhere(app, works) -> None:
    keeps, lapses = await budget(works, "1000.00", "ZX"), await budget(works, "500.00", "ZW")
    async with works.open(FIN) as work:
        (await work.session.scalars(select(Fund).where(Fund.no == "ZX"))).one().carries = True
    new = await next_year(works, "ZX")
    no = await closing(works)
    for lang in ("zh", "en"):
        async with client(app, DIRECTOR, cookie=f"lang={lang}") as boss:
            seen = await boss.get(f"/office/carry-overs/{no}")
            assert all(part in seen.text for part in ("¥1,000.00", "¥500.00", new))
            assert lang == "zh" or not han_in(seen.text), han_in(seen.text)
    await act(works, REGISTER, DIRECTOR, no, "carry")
    assert (await line(works, new)).available == 3000_00
    assert ((await line(works, keeps)).available, (await line(works, lapses)).state) == (0, "closed")
    async with works.sessions() as session:
        rows = (await session.execute(select(CarriedLine.budget, CarriedLine.surplus, CarriedLine.lapsed).order_by(CarriedLine.surplus))).all()
    assert [tuple(row) for row in rows] == [(lapses, 0, 500_00), (keeps, 1000_00, 0)]
    async with client(app, DIRECTOR) as boss:
        assert "¥1,000.00" in (await boss.get(f"/office/carry-overs/{no}")).text


async def test_a_year_that_has_not_begun_or_has_no_budgets_is_not_closed(works) -> None:
    no = await closing(works, 2030)
    with pytest.raises(rules.NotYet) as refusal:
        await act(works, REGISTER, DIRECTOR, no, "carry")
    assert len(refusal.value.reasons) == 2
    await act(works, REGISTER, FIN, no, "drop")
    await closing(works, 2030)
