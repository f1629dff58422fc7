"""What a binder costs is held when the order leaves, less when a set comes back unbound, and paid on the binder's invoice by the office.

covers: RES-DIG-02 RES-ACQ-04 OFF-FIN-02
"""

from __future__ import annotations

import random
from typing import Any

import pytest

from services.office.app import service as office
from services.office.money.budgets import register as books
from services.office.money.expenditure.register import REGISTER as VOUCHERS
from services.office.money.expenditure.register import reverse
from services.resources.workshop.binding import rules
from services.resources.workshop.binding.orders import orders
from shared.refusals import Invalid
from shared.states import NotFromHere
from shared.testing.registers import han_in
from tests.resources.acquiring.test_both_departments_agree_on_the_money import (
    BOSS,
    BUYER,
    CASHIER,
    FIN,
    FIN2,
    UNDOER,
    Two,
    a_budget,
)
from tests.resources.conftest import BINDER, House
from tests.resources.workshop.test_binding import CHECKED, back, number_of, sent, step
from tests.support.departments import client, opened

BILL = {"invoice_no": "ZD-0001", "invoiced_on": "2026-11-20", "billed_cents": "36.00"}


@pytest.fixture
async def two(house: House, database: Any, tmp_path: Any) -> Any:
    (tmp_path / "office").mkdir()
    async with opened(office, database("office"), tmp_path / "office") as app:
        made = Two({"resources": house.kit, "office": app.state.kit}, random.Random(5))
        made.app = app  # type: ignore[attr-defined]
        yield made


async def left(two: Two, house: House, budget: str, volumes: int, unit: str = "18.00") -> tuple[str, list[str]]:
    """An order that left with so many sets."""
    numbers = []
    for n in range(1, volumes + 1):
        await house.heed(sent(number=f"GK2026-{n:04d}"))
        numbers.append(await number_of(house, f"GK2026-{n:04d}"))
    async with house.work(BINDER) as work:
        no = str((await orders.open(work, way="outside", binder="江畔装订厂", unit_cents=unit, fund=budget)).no)
    for one in numbers:
        await step(house, one, "count_in", counted=3)
        await step(house, one, "assign", order=no)
    await do(house, no, "send", BINDER)
    return no, numbers


async def do(house: House, no: str, verb: str, who: Any = BUYER, **asked: Any) -> None:
    async with house.work(who) as work:
        await orders.move(work, no, verb, **asked)


async def stand(house: House, no: str) -> tuple[Any, ...]:
    return tuple((await house.rows("SELECT state, funding, sum_cents, volumes FROM binding_order WHERE no = :no", no=no))[0])


async def held_and_spent(two: Two) -> tuple[int, int, int]:
    return tuple((await two.rows("office", "SELECT encumbered, pending, spent FROM budget"))[0])


async def pay(two: Two, no: str, cashier: Any = FIN2) -> None:
    for actor, action, asked in ((FIN, "audit", {}), (BOSS, "approve", {}), (cashier, "execute", {"method": "转账"})):
        await two.act("office", VOUCHERS, actor, no, action, **asked)
    await two.settle()


async def test_a_batch_is_held_lowered_billed_returned_paid_and_undone(two: Two, house: House) -> None:
    budget = await a_budget(two, "500.00")
    no, (first, second, third, _fourth) = await left(two, house, budget, 4)
    await two.settle()
    assert (await stand(house, no), await held_and_spent(two)) == (("out", "held", 7200, 4), (7200, 0, 0))
    assert [tuple(r) for r in await two.rows("office", "SELECT no, source FROM reservation")] == [(no, f"/resources/binding-orders/{no}")]
    # One set comes back wanting, another is fetched by the rooms before it was bound: both cost nothing, told twice or once.
    await step(house, third, "send_back", remark="缺第 2 期")
    for _twice in range(2):
        await house.heed(back("recalled", number="GK2026-0004"))
    await two.settle()
    assert (await stand(house, no), await held_and_spent(two)) == (("out", "held", 3600, 2), (3600, 0, 0))
    # One is done again; that costs nothing more.
    for one in (first, second):
        await step(house, one, "take_in")
    await step(house, first, "redo", defect="spine", remark="书脊有误")
    await step(house, first, "take_in")
    for one in (first, second):
        await step(house, one, "accept", **CHECKED)
    with pytest.raises(NotFromHere):
        await do(house, no, "bill", **BILL)
    await do(house, no, "close", BINDER)
    assert (await stand(house, no))[:3] == ("closed", "held", 3600)
    with pytest.raises(rules.CheckerApplies):
        await do(house, no, "bill", type(BUYER)(BINDER.id, posts=("RES-ACQ",)), **BILL)
    with pytest.raises(rules.NotAsAgreed):
        await do(house, no, "bill", **{**BILL, "billed_cents": "40.00"})
    with pytest.raises(Invalid):
        await do(house, no, "bill", **{**BILL, "invoiced_on": "2126-01-01"})
    await do(house, no, "bill", **BILL)
    await two.settle()
    ((voucher, amount, source, party),) = await two.rows("office", "SELECT no, amount, source, party FROM voucher")
    assert (amount, source, party) == (3600, f"/resources/binding-orders/{no}", "江畔装订厂")
    await two.act("office", VOUCHERS, FIN, voucher, "return", return_reason="缺清单")
    await two.settle()
    assert ((await stand(house, no))[0], await held_and_spent(two)) == ("closed", (3600, 0, 0))
    await do(house, no, "bill", **{**BILL, "billed_cents": "40.00", "difference_reason": "加急费"})
    await two.settle()
    ((again,),) = await two.rows("office", "SELECT no FROM voucher WHERE attempt = 2")
    await pay(two, again)
    assert ((await stand(house, no))[0], await held_and_spent(two)) == ("paid", (0, 0, 4000))
    # Paid by mistake: the contra voucher opens it again, and it is paid once more.
    async with two.sides["office"].works.open(UNDOER) as work:
        contra = str((await reverse(work, again, "付错户")).no)
    await pay(two, contra, CASHIER)
    assert ((await stand(house, no))[0], await held_and_spent(two)) == ("closed", (3600, 0, 0))
    await do(house, no, "bill", **BILL)
    await two.settle()
    ((last,),) = await two.rows("office", "SELECT no FROM voucher WHERE attempt = 3")
    await pay(two, last)
    assert ((await stand(house, no))[0], await held_and_spent(two)) == ("paid", (0, 0, 3600))
    # The whole log once more, as after a restore: nothing changes.
    for side in ("resources", "office"):
        for row in await two.log(side):
            await two.tell(side, row)
    await two.settle()
    assert ((await stand(house, no))[:3], await held_and_spent(two)) == (("paid", "held", 3600), (0, 0, 3600))
    async with house.client(BUYER, "en") as here, client(two.app, FIN) as there:  # type: ignore[attr-defined]
        seen = await here.get(f"/resources/binding-orders/{no}")
        assert (seen.status_code, f"/office/vouchers/{last}" in seen.text) == (200, True)
        assert {"提请付款", "付款凭证", "经费占用"}.isdisjoint(han_in(seen.text))
        assert f"/resources/binding-orders/{no}" in (await there.get(f"/office/vouchers/{last}")).text


async def test_without_money_nothing_is_asked_to_be_paid_until_there_is_some(two: Two, house: House) -> None:
    budget = await a_budget(two, "20.00")
    async with house.work(BINDER) as work:
        with pytest.raises(Invalid):
            await orders.open(work, way="outside", binder="江畔装订厂", unit_cents="18.00", fund="没有")
    no, (first, _second) = await left(two, house, budget, 2)
    await two.settle()
    assert (await stand(house, no))[:2] == ("out", "refused")
    # What came back makes it cheaper: it is asked for anew and there is enough.
    await step(house, first, "send_back", remark="缺期")
    await two.settle()
    assert (await stand(house, no), await held_and_spent(two)) == (("out", "held", 1800, 1), (1800, 0, 0))
    other, numbers = await left_again(two, house, budget)
    await two.settle()
    for verb, asked in (("take_in", {}), ("accept", CHECKED)):
        await step(house, numbers, verb, **asked)
    await do(house, other, "close", BINDER)
    with pytest.raises(rules.NotFunded):
        await do(house, other, "bill", **{**BILL, "billed_cents": "18.00"})
    async with two.sides["office"].works.open(FIN) as work:
        change = (await books.CHANGES.open(work, kind="raised", budget=budget, amount="20.00", reason="追加")).no
    await two.act("office", books.CHANGES, BOSS, change, "approve")
    await two.settle()
    assert (await stand(house, other))[:2] == ("closed", "held")
    await do(house, other, "bill", **{**BILL, "billed_cents": "18.00"})
    assert (await house.said("resources.invoice.submitted"))[-1][1]["shares"] == [
        {"order": other, "budget": budget, "amount_cents": 1800, "release_cents": 1800}]


async def left_again(two: Two, house: House, budget: str) -> tuple[str, str]:
    """Another order with one set."""
    await house.heed(sent(number="GK2026-0009"))
    one = await number_of(house, "GK2026-0009")
    async with house.work(BINDER) as work:
        no = str((await orders.open(work, way="outside", binder="江畔装订厂", unit_cents="18.00", fund=budget)).no)
    await step(house, one, "count_in", counted=3)
    await step(house, one, "assign", order=no)
    await do(house, no, "send", BINDER)
    return no, one
