"""A purchase contract goes to the office, comes back, goes again; orders name it, and what stops it is said where money is asked for.

covers: RES-ACQ-04 OFF-FIN-04 RES-ACQ-01
"""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.office.app import service as office
from services.office.money.contracts.commands import remind
from services.office.money.contracts.register import REGISTER as REVIEWS
from services.office.money.contracts.rules import AmendAtItsSource
from services.resources.acquiring.contracts import rules
from services.resources.acquiring.contracts.model import ContractState, PurchaseContract
from services.resources.acquiring.contracts.register import contracts
from services.resources.acquiring.invoices.register import invoices
from services.resources.acquiring.orders import commands
from services.resources.acquiring.orders.commands import NewLine
from services.resources.acquiring.orders.register import orders
from services.resources.acquiring.subscriptions.register import subscriptions
from services.resources.acquiring.suppliers.register import suppliers
from shared.events.office import (
    BudgetReserved,
    BudgetThresholdCrossed,
    ContractApproved,
    ContractEnded,
    ContractReturned,
    ContractSigned,
    ContractUnsigned,
)
from shared.events.resources import ContractSubmitted, ContractWithdrawn
from shared.identity import SYSTEM
from shared.refusals import Invalid
from shared.states import NotFromHere
from shared.testing.registers import han_in, keeps_its_promises
from tests.office.test_contracts_are_reviewed_signed_and_paid_as_they_say import COPY, SAY
from tests.resources.acquiring.test_both_departments_agree_on_the_money import (
    BOSS,
    FIN,
    Two,
    a_budget,
)
from tests.resources.acquiring.test_orders_are_bought_received_and_paid import (
    BUYER,
    FUND,
    HEAD,
    act,
    one,
    terms,
)
from tests.resources.conftest import House
from tests.support.days import local_day
from tests.support.departments import opened

FORM = {"subject": "中文图书框架采购", "from_on": "2026-01-01", "amount": "1000.00"}


def far() -> str:
    return (local_day() + timedelta(days=300)).isoformat()


async def drafted(house: House, **more: object) -> str:
    async with house.work(BUYER) as work:
        return str((await contracts.open(work, **{**FORM, "supplier": "云山书店", "fund": "中文图书", "to_on": far(), **more})).no)


async def stand(house: House, no: str, column: str = "state") -> Any:
    return await one(house, no, column, "purchase_contract")


def yes(no: str, ht: str = "HT2026-0001", fen: int = 1000_00, edition: int = 1) -> ContractApproved:
    return ContractApproved(
        number=ht, title="x", party="云山书店", reference=no, amount_cents=fen, from_on=date(2026, 1, 1), to_on=date(2027, 1, 1), edition=edition,
    )


async def approved(house: House, **more: object) -> str:
    no = await drafted(house, **more)
    await act(house, contracts, BUYER, no, "submit")
    await house.heed(yes(no, f"HT-{no}"))
    return no


async def an_order(house: House, contract: str, minor: int = 40_000, supplier: str = "云山书店") -> str:
    async with house.work(BUYER) as work:
        no = str((await orders.open(work, supplier=supplier, fund="中文图书", contract=contract)).no)
        await commands.add_lines(work, no, [NewLine(f"书 {no}", minor, 1, discount=100)])
    for actor, action in ((BUYER, "check"), (HEAD, "approve")):
        await act(house, orders, actor, no, action)
    return no


def test_what_may_be_ordered_and_what_stops_a_payment() -> None:
    def contract(state: ContractState, **more: Any) -> PurchaseContract:
        filled = {"no": "C1", "state": state, "supplier": "S1", "supplier_name": "甲", "to_on": date(2026, 12, 31), "chased_on": None, "ending": ""}
        return PurchaseContract(**{**filled, **more})

    today = date(2026, 11, 27)
    assert [r.code for r in rules.why_not_orderable(None, "S1", today)] == ["unknown"]
    assert rules.why_not_orderable(contract(ContractState.approved), "S1", date(2026, 12, 31)) == []
    worst = rules.why_not_orderable(contract(ContractState.returned), "S2", date(2027, 1, 1))
    assert [r.code for r in worst] == ["state", "expired", "supplier"]
    blocked = {
        (): [r.code for r in rules.why_blocked(contract(ContractState.in_force))],
        ("unsigned",): [r.code for r in rules.why_blocked(contract(ContractState.approved))],
        ("unsigned-late",): [r.code for r in rules.why_blocked(contract(ContractState.approved, chased_on=today))],
        ("terminated",): [r.code for r in rules.why_blocked(contract(ContractState.ended, ending="terminated"))],
        ("not-approved",): [r.code for r in rules.why_blocked(contract(ContractState.withdrawn))],
    }
    assert all(list(want) == got for want, got in blocked.items())
    # The last instalment may come after the end, as the office has it.
    assert rules.why_blocked(contract(ContractState.ended, ending="expired")) == []
    assert rules.next_term(date(2026, 1, 1), date(2026, 12, 31)) == (date(2027, 1, 1), date(2027, 12, 31))


async def test_what_comes_back_is_mended_and_goes_as_the_next_version_and_old_answers_change_nothing(house: House) -> None:
    await terms(house)
    for wrong in ({"to_on": "2025-01-01"}, {"plan": "2026-12-01 1.00"}, {"plan": "明天"}, {"supplier": "没有"}, {"fund": "没有"}):
        with pytest.raises(Invalid):
            await drafted(house, **wrong)
    no = await drafted(house)
    await act(house, contracts, BUYER, no, "submit")
    back = ContractReturned(number="HT1", title="x", party="y", reference=no, reason="缺违约条款", edition=1)
    for _twice in range(2):
        await house.heed(back)
    assert (await stand(house, no), await stand(house, no, "return_reason")) == ("returned", "缺违约条款")
    async with house.work(BUYER) as work:
        await contracts.amend(work, no, clauses="违约金按日千分之一", amount="900.00")
    await act(house, contracts, BUYER, no, "submit")
    # The first version's answers come once more, after a restore.
    await house.heed(back)
    await house.heed(yes(no, "HT1", edition=1))
    assert await stand(house, no) == "submitted"
    with pytest.raises(NotFromHere):
        await act(house, contracts, BUYER, no, "submit")
    for _twice in range(2):
        await house.heed(yes(no, "HT1", 900_00, edition=2))
    assert (await stand(house, no), await stand(house, no, "office_no"), await stand(house, no, "worth")) == ("approved", "HT1", 900_00)
    sheet = await house.rows("SELECT edition, amount, answer, reason FROM purchase_contract_edition ORDER BY edition")
    assert [tuple(row) for row in sheet] == [(1, 1000_00, "returned", "缺违约条款"), (2, 900_00, "approved", "")]
    said = await house.said("resources.contract.submitted")
    assert [(f["edition"], f["amount_cents"], f["asked_by"]) for _n, f in said] == [(1, 1000_00, BUYER.id), (2, 900_00, BUYER.id)]


async def test_an_order_names_an_approved_contract_and_takes_no_more_than_it_is_good_for(house: House) -> None:
    await terms(house)
    no, draft = await approved(house), await drafted(house)
    async with house.work(BUYER) as work:
        await suppliers.open(work, name="江畔书店", kind="publisher")
    for contract, supplier, said in ((draft, "云山书店", "草稿"), ("没有", "云山书店", "没有这份合同"), (no, "江畔书店", "云山书店")):
        with pytest.raises(Invalid) as refusal:
            await an_order(house, contract, supplier=supplier)
        assert said in str(refusal.value.reasons[0])
    # By the office's number, too; what is kept is ours.
    first, second = await an_order(house, f"HT-{no}", 60_000), await an_order(house, no, 60_000)
    assert await one(house, first, "contract") == no
    # Two at once that fit one by one but not together.
    done = await asyncio.gather(*(act(house, orders, BUYER, n, "place") for n in (first, second)), return_exceptions=True)
    assert sorted(type(x).__name__ for x in done) == ["BeyondContract", "NoneType"]
    # A supplement the office signed makes it larger and longer.
    await house.heed(ContractSigned(number=f"HT-{no}", title="x", party="y", reference=no, signed_on=date(2026, 2, 1), worth_cents=1000_00, to_on=date(2027, 1, 1)))
    await house.heed(ContractSigned(
        number="HT-S", title="x", party="y", reference=no, main=f"HT-{no}", signed_on=date(2026, 3, 1), worth_cents=2000_00, to_on=date(2028, 1, 1),
    ))
    assert [await stand(house, no, c) for c in ("state", "worth", "to_on", "office_no")] == ["in_force", 2000_00, date(2028, 1, 1), f"HT-{no}"]
    late = next(n for n, x in zip((first, second), done, strict=True) if x is not None)
    await act(house, orders, BUYER, late, "place")
    async with house.work(BUYER) as work:
        filled = {"title": "江畔学刊", "kind": "journal", "supplier": "云山书店", "fund": "中文图书", "price_minor": "50", "from_on": "2027-01-01"}
        serial = (await subscriptions.open(work, **filled, to_on="2027-12-31", contract=no)).no
        with pytest.raises(Invalid):
            await subscriptions.open(work, **filled, to_on="2027-12-31", contract=draft)
    await act(house, subscriptions, HEAD, serial, "approve")
    await act(house, subscriptions, BUYER, serial, "order")
    assert await one(house, str(await one(house, serial, "order_no", "subscription")), "contract") == no
    await house.heed(ContractEnded(number=f"HT-{no}", title="x", party="y", reference=no, how="terminated", reason="对方违约"))
    third = await an_order_fails(house, no)
    assert "已终止" in third
    async with house.client(BUYER, "en") as client:
        for url in (f"/resources/contracts/{no}", f"/resources/contracts/{draft}", f"/resources/orders/{first}", f"/resources/subscriptions/{serial}"):
            seen = await client.get(url)
            assert (seen.status_code, han_in(seen.text)) == (200, []), url
        page = (await client.get(f"/resources/contracts/{no}")).text
        assert all(part in page for part in (first, serial, "¥1,200.00", f"/office/contracts/HT-{no}"))
        assert f"/resources/contracts/{no}" in (await client.get(f"/resources/orders/{first}")).text


async def an_order_fails(house: House, contract: str) -> str:
    with pytest.raises(Invalid) as refusal:
        await an_order(house, contract)
    return str(refusal.value.reasons[0])


async def test_an_invoice_says_when_its_contract_cannot_be_paid_on(house: House) -> None:
    await terms(house)
    no = await approved(house, prepay_percent=50)
    order = await an_order(house, no)
    await act(house, orders, BUYER, order, "place")
    await house.heed(BudgetReserved(reference=order, revision=1, amount_cents=1))
    async with house.work(BUYER) as work:
        bill = str((await invoices.open(
            work, order_no=order, invoice_no="Y-1", invoiced_on="2026-11-21", amount="100.00", kind="prepayment"
        )).no)
        with pytest.raises(Invalid):
            await invoices.open(work, order_no=order, invoice_no="Y-2", invoiced_on="2026-11-21", amount="1.00", kind="prepayment", contract="HT9")
    assert await one(house, bill, "contract", "invoice") == f"HT-{no}"
    with pytest.raises(rules.PaymentBlocked) as refusal:
        await act(house, invoices, BUYER, bill, "submit")
    assert [r.code for r in refusal.value.reasons] == ["unsigned"]
    await house.heed(ContractUnsigned(number=f"HT-{no}", title="x", party="y", reference=no, asked_by=BUYER.id, approved_on=date(2026, 1, 1)))
    async with house.client(BUYER) as client:
        for url in (f"/resources/invoices/{bill}", f"/resources/contracts/{no}"):
            assert "尚无签字盖章件，付款已停" in (await client.get(url)).text
    await house.heed(ContractSigned(number=f"HT-{no}", title="x", party="y", reference=no, signed_on=date(2026, 2, 1)))
    await act(house, invoices, BUYER, bill, "submit")
    assert (await house.said("resources.invoice.submitted"))[-1][1]["contract"] == f"HT-{no}"
    # It ends while the office has the invoice: the invoice's own page says so.
    await house.heed(ContractEnded(number=f"HT-{no}", title="x", party="y", reference=no, how="terminated"))
    async with house.client(BUYER) as client:
        assert "合同已解除，付款已停" in (await client.get(f"/resources/invoices/{bill}")).text


@pytest.fixture
async def two(house: House, database: Any, tmp_path: Any) -> Any:
    (tmp_path / "office").mkdir()
    async with opened(office, database("office"), tmp_path / "office") as app:
        yield Two({"resources": house.kit, "office": app.state.kit}, random.Random(3))


async def test_both_departments_tell_one_another_of_a_contract_from_its_draft_to_its_end(two: Two, house: House) -> None:
    async with house.work(BUYER) as work:
        await suppliers.open(work, name="云山书店", kind="bookseller")
    await a_budget(two, "5000.00")
    no = await drafted(house, prepay_percent=20, plan=f"{local_day()} 1000 签订后")
    await act(house, contracts, BUYER, no, "submit")
    await two.settle()
    ((ht, state, asked_by, source),) = await two.rows("office", "SELECT no, state, created_by, source FROM contract")
    assert (state, asked_by, source) == ("business", BUYER.id, f"/resources/contracts/{no}")
    await two.act("office", REVIEWS, HEAD, ht, "business", **SAY)
    await two.act("office", REVIEWS, FIN, ht, "return", return_reason="金额偏高")
    # In the office nobody writes into what was asked for elsewhere.
    async with two.sides["office"].works.open(BUYER) as work:
        with pytest.raises(AmendAtItsSource):
            await REVIEWS.amend(work, ht, amount="1.00")
    with pytest.raises(NotFromHere):
        await two.act("office", REVIEWS, BUYER, ht, "submit")
    await two.settle()
    assert (await stand(house, no), await stand(house, no, "return_reason")) == ("returned", "金额偏高")
    async with house.work(BUYER) as work:
        await contracts.amend(work, no, amount="800.00", plan="")
    await act(house, contracts, BUYER, no, "submit")
    await two.settle()
    for actor, action in ((HEAD, "business"), (FIN, "finance"), (BOSS, "approve")):
        await two.act("office", REVIEWS, actor, ht, action, **SAY)
    await two.settle()
    assert [tuple(r) for r in await two.rows("office", "SELECT no, round, edition, amount FROM contract")] == [(ht, 2, 2, 800_00)]
    assert (await stand(house, no), await stand(house, no, "office_no"), await stand(house, no, "worth")) == ("approved", ht, 800_00)
    # A month without the signed copy, then the copy.
    async with two.sides["office"].works.open(SYSTEM, now=datetime.now(UTC) + timedelta(days=31)) as work:
        await remind(work, REVIEWS)
    await two.settle()
    assert await stand(house, no, "chased_on") is not None
    await two.act("office", REVIEWS, BUYER, ht, "sign", signed_on=local_day().isoformat(), signer="王某", seal_no="YY-1", signed_copy=COPY)
    await two.settle()
    assert (await stand(house, no), await stand(house, no, "chased_on")) == ("in_force", None)
    async with two.sides["office"].works.open(SYSTEM, now=datetime.now(UTC) + timedelta(days=295)) as work:
        await remind(work, REVIEWS)
    await two.settle()
    assert await stand(house, no, "reminded_on") is not None
    await act(house, contracts, BUYER, no, "renew")
    with pytest.raises(rules.RenewedAlready):
        await act(house, contracts, BUYER, no, "renew")
    async with two.sides["office"].works.open(SYSTEM, now=datetime.now(UTC) + timedelta(days=302)) as work:
        await remind(work, REVIEWS)
    await two.settle()
    assert (await stand(house, no), await stand(house, no, "ending")) == ("ended", "expired")
    # The whole log once more, as after a restore: nothing changes, on one chain each.
    before = [tuple(r) for r in await two.rows("office", "SELECT no, state, round, edition FROM contract")]
    for side in ("resources", "office"):
        for row in await two.log(side):
            await two.tell(side, row)
    assert [tuple(r) for r in await two.rows("office", "SELECT no, state, round, edition FROM contract")] == before
    assert await stand(house, no) == "ended"


async def test_one_whose_money_is_wrong_comes_back_at_once_and_one_withdrawn_is_reviewed_no_more(two: Two, house: House) -> None:
    await terms(house)  # a budget line the office does not have
    no = await drafted(house)
    await act(house, contracts, BUYER, no, "submit")
    await two.settle()
    assert (await stand(house, no), await stand(house, no, "return_reason")) == ("returned", "没有这项执行中的经费")
    await a_budget(two, "5000.00")
    async with house.work(BUYER) as work:
        fund = (await two.rows("office", "SELECT no FROM budget"))[0][0]
        await contracts.amend(work, no, fund=fund)
    await act(house, contracts, BUYER, no, "submit")
    await two.settle()
    assert [r[0] for r in await two.rows("office", "SELECT state FROM contract")] == ["business"]
    await act(house, contracts, BUYER, no, "withdraw", end_reason="改为零买")
    await two.settle()
    assert [tuple(r) for r in await two.rows("office", "SELECT state, end_reason FROM contract")] == [("withdrawn", "改为零买")]
    # Signed before the office heard of it: it binds, and resource development hears so.
    await house.heed(ContractSigned(number="HT-9", title="x", party="y", reference=no, signed_on=date(2026, 2, 1), worth_cents=5))
    assert (await stand(house, no), await stand(house, no, "office_no")) == ("in_force", "HT-9")


async def test_the_register_keeps_its_promises(house: House) -> None:
    await terms(house)

    async def prepare(_work: Any, record: Any, action: str) -> None:
        record.office_no = "" if action in ("submit", "withdraw") else f"HT-{record.no}"

    await keeps_its_promises(
        contracts, house.app, lambda: {**FORM, "supplier": "云山书店", "fund": FUND.budget, "to_on": far()}, prepare=prepare,
        acting=lambda action: SYSTEM if not action.by else BUYER, ask={"withdraw": {"end_reason": "不要了"}, "return": {"return_reason": "缺"}},
    )


async def test_a_fund_near_its_limit_warns_on_new_orders_and_contracts_until_there_is_more(house: House) -> None:
    await terms(house)
    draft = await drafted(house)
    async with house.work(BUYER) as work:
        order = str((await orders.open(work, supplier="云山书店", fund="中文图书")).no)
        await commands.add_lines(work, order, [NewLine("甲", 1000, 1)])
    crossed = BudgetThresholdCrossed(budget=FUND.budget, fund_name="中文图书", year=2026, level=80, committed_cents=8_000_000, total_cents=10**7)
    for fact, warns in ((crossed, True), (FUND, False)):
        await house.heed(fact)
        async with house.client(BUYER) as client:
            for url in (f"/resources/orders/{order}", f"/resources/contracts/{draft}"):
                assert ("已达预算的 80%" in (await client.get(url)).text) is warns, url


def test_the_facts_say_what_they_are_about() -> None:
    asked = ContractSubmitted(
        number="CHT1", title="框架", party="云山书店", edition=2, amount_cents=1, from_on=date(2026, 1, 1), to_on=date(2026, 2, 1), asked_by="S011",
    )
    gone = ContractWithdrawn(number="CHT1", title="框架", party="云山书店", edition=2, reason="不要了")
    assert asked.sentence() == "合同《框架》（CHT1）第 2 版送审"
    assert gone.sentence() == "合同《框架》（CHT1）不再送审：不要了"
    assert yes("CHT1").refs() == ["case:HT2026-0001", "case:CHT1"]
