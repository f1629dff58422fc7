"""An order from draft to closed: money asked for, books accepted by another, invoice matched, paid or returned.

covers: RES-ACQ-01 RES-ACQ-04
"""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import event

from services.resources.acquiring.desiderata import commands as desiderata
from services.resources.acquiring.desiderata.model import Origin
from services.resources.acquiring.invoices import commands as invoicing
from services.resources.acquiring.invoices.register import invoices
from services.resources.acquiring.invoices.rules import (
    AcceptorApplies,
    LinesDisagree,
    TooMuchAhead,
    Unexplained,
    spread,
)
from services.resources.acquiring.orders import commands, rules
from services.resources.acquiring.orders.commands import NewLine
from services.resources.acquiring.orders.model import OrderLine
from services.resources.acquiring.orders.register import claim_late, claims, orders
from services.resources.acquiring.plans.queries import progress
from services.resources.acquiring.plans.register import plans
from services.resources.acquiring.suppliers.register import suppliers
from services.resources.cataloguing.marc.record import Field
from services.resources.cataloguing.records.commands import release
from services.resources.cataloguing.records.queries import by_key
from services.resources.cataloguing.versions import queries as versions
from services.resources.cataloguing.versions.commands import save
from services.resources.receiving.acceptance import commands as receiving
from services.resources.receiving.acceptance.register import acceptances, accessions
from services.resources.receiving.acceptance.rules import OrdererAccepts
from shared.events.office import (
    BudgetAllocated,
    BudgetRefused,
    BudgetReserved,
    PaymentPaid,
    PaymentReturned,
    PaymentReversed,
)
from shared.events.resources import RecordAdded
from shared.identity import Actor
from shared.refusals import Invalid, SamePerson
from shared.testing.registers import Promises, han_in
from shared.work import Work
from tests.resources.conftest import CATALOGUER, EXPERT, House

BUYER = Actor("S011", "韩采访", posts=("RES-ACQ",), dept="resources")
HEAD = Actor("S010", "陆主任", posts=("head-resources",), dept="resources")
PROOFREADER = Actor("S004", "白校对", posts=("RES-MGT",), dept="resources")
FUND = BudgetAllocated(budget="JF2026-0001", fund_name="中文图书", year=2026, kind="chinese_books", total_cents=10**7, available_cents=10**7)
ISBNS = ("9787561722367", "9787020002207")


async def terms(house: House, **more: object) -> str:
    """A supplier and a running budget line."""
    await house.heed(FUND)
    async with house.work(BUYER) as work:
        filled = {"name": "云山书店", "kind": "bookseller", "discount": 78, **more}
        return str((await suppliers.open(work, **filled)).no)


async def drafted(house: House, lines: list[NewLine], **more: object) -> str:
    supplier = await terms(house, **more)
    async with house.work(BUYER) as work:
        no = str((await orders.open(work, supplier=supplier, fund="中文图书")).no)
        await commands.add_lines(work, no, lines)
    return no


async def act(house: House, register: object, actor: Actor, no: str, action: str, **asked: object) -> None:
    async with house.work(actor) as work:
        await register.move(work, no, action, **asked)  # type: ignore[attr-defined]


async def sent(house: House, lines: list[NewLine], **more: object) -> str:
    """An order whose money is held."""
    no = await drafted(house, lines, **more)
    for actor, action, asked in ((BUYER, "check", {"again_reason": "教学用"}), (HEAD, "approve", {}), (BUYER, "place", {})):
        await act(house, orders, actor, no, action, **asked)
    await house.heed(BudgetReserved(reference=no, revision=1, amount_cents=1))
    return no


async def one(house: House, no: str, column: str = "state", table: str = "purchase_order") -> object:
    return (await house.rows(f"SELECT {column} FROM {table} WHERE no = :no", no=no))[0][0]


async def line_ids(house: House, no: str) -> list[UUID]:
    return [row[0] for row in await house.rows("SELECT id FROM order_line WHERE order_no = :no ORDER BY place", no=no)]


async def delivery(house: House, no: str, arrived: dict[UUID, tuple[int, int]], *, actor: Actor = EXPERT) -> str:
    """A delivery counted by hand: arrived and damaged by line; then accepted."""
    async with house.work(actor) as work:
        got = (await acceptances.open(work, order_no=no, arrived_on="2026-11-20", parcels=1, location="sk-2f")).no
        for key, (came, damaged) in arrived.items():
            await receiving.count(work, got, key, arrived=came, damaged=damaged)
    await act(house, acceptances, actor, got, "accept")
    return str(got)


async def completed(work: Work, record: str) -> None:
    """What the order did not say and patrons need, written into the draft."""
    draft = await by_key(work.session, record)
    marc = await versions.working(work.session, draft)
    said = [Field("210", "  ", (("a", "北京"), ("c", "某社"), ("d", "2026"))), Field("101", "0 ", (("a", "chi"),)), Field("690", "  ", (("a", "I0"), ("v", "5")))]
    await save(work, record, marc.with_fields([*marc.fields, *said]), base=draft.revision)


async def invoiced(house: House, no: str, yuan: str, number: str = "A-001") -> str:
    async with house.work(BUYER) as work:
        return str((await invoices.open(work, order_no=no, invoice_no=number, invoiced_on="2026-11-21", amount=yuan)).no)


def a_line(minor: int, copies: int = 1, discount: float = 100.0) -> OrderLine:
    return OrderLine(title="x", order_no="", place=1, list_minor=minor, copies=copies, discount=discount, fund="F")


def test_the_net_price_is_rounded_once_per_line() -> None:
    assert rules.net(a_line(100_000, discount=78.0), 1, 1.0) == 78_000
    assert rules.net(a_line(4_995), 1, 7.2) == 35_964
    # Half a fen goes up, and the shares of a line add up to the line.
    odd = a_line(333, 3, 50.0)
    assert rules.net(odd, 3, 1.0) == 500
    assert sum(rules.share(odd, n, 1, 1.0) for n in range(3)) == 500
    assert spread(100, [1, 1, 1]) == [34, 33, 33]
    assert spread(0, [5, 5]) == [0, 0]


async def test_a_wanted_title_is_ordered_received_catalogued_and_paid(house: House) -> None:
    await house.place()
    async with house.work(BUYER) as work:
        wish = (await desiderata.want(work, title="文学理论", origin=Origin.suggestion, origin_no="JG1", isbn=ISBNS[0], price_cents=4000, copies=2)).no
    no = await drafted(house, [])
    async with house.work(BUYER) as work:
        await commands.pick(work, no, [wish])
    await act(house, orders, BUYER, no, "check")
    with pytest.raises(SamePerson):
        await act(house, orders, Actor(BUYER.id, "韩采访", posts=("head-resources",)), no, "approve")
    await act(house, orders, HEAD, no, "approve")
    await act(house, orders, BUYER, no, "place")
    ((_name, placed),) = await house.said("resources.order.placed")
    assert placed["sums"] == [{"budget": FUND.budget, "amount_cents": 6240}]
    assert await one(house, no) == "asked"
    await house.heed(BudgetReserved(reference=no, revision=1, amount_cents=6240))
    assert (await one(house, no), await one(house, wish, table="desideratum")) == ("placed", "ordered")
    with pytest.raises(OrdererAccepts):
        await delivery(house, no, {}, actor=BUYER)
    (line,) = await line_ids(house, no)
    got = await delivery(house, no, {line: (2, 0)})
    assert (await one(house, no), await one(house, wish, table="desideratum")) == ("accepted", "received")
    numbers = [row[0] for row in await house.rows("SELECT no FROM accession ORDER BY no")]
    assert numbers == ["C00000001", "C00000002"]
    # The record is a draft made from the order; its copies become items when another person releases it.
    ((record, title),) = await house.rows("SELECT number, title FROM instance")
    assert title == "文学理论"
    async with house.work(CATALOGUER) as work:
        await completed(work, record)
    async with house.work(PROOFREADER) as work:
        await release(work, record)
    ((_name, added),) = await house.said("resources.record.added")
    for _twice in range(2):
        await house.heed(RecordAdded(**added))
    items = await house.rows("SELECT life, price_cents FROM item ORDER BY barcode")
    assert items == [("in_process", 4000), ("in_process", 4000)]
    assert await one(house, wish, table="desideratum") == "catalogued"
    bill = await invoiced(house, no, "62.40")
    await act(house, invoices, BUYER, bill, "submit")
    ((_name, asked),) = await house.said("resources.invoice.submitted")
    assert asked["shares"] == [{"order": no, "budget": FUND.budget, "amount_cents": 6240, "release_cents": 6240}]
    for _twice in range(2):
        await house.heed(PaymentPaid(voucher="PZ1", reference=bill, amount_cents=6240, paid_on=date(2026, 11, 25)))
    assert (await one(house, no), await one(house, bill, table="invoice")) == ("closed", "paid")
    assert await one(house, got, "net", "acceptance") == 6240


async def test_without_funds_an_order_waits_and_goes_when_there_is_more(house: House) -> None:
    async with house.work(BUYER) as work:
        await desiderata.want(work, title="城市水系", origin=Origin.suggestion, origin_no="JG1", isbn=ISBNS[1])
    ((wish,),) = await house.rows("SELECT no FROM desideratum")
    no = await drafted(house, [NewLine("城市水系", 5000, isbn=ISBNS[1], desideratum=wish)])
    for actor, action in ((BUYER, "check"), (HEAD, "approve"), (BUYER, "place")):
        await act(house, orders, actor, no, action)
    await house.heed(BudgetRefused(reference=no, revision=1, amount_cents=7800, reason="可用 0.00 元"))
    assert await one(house, no) == "parked"
    ((_name, parked),) = await house.said("resources.order.parked")
    assert parked["reason"] == "可用 0.00 元"
    await house.heed(FUND)
    assert [fact["revision"] for _n, fact in await house.said("resources.order.placed")] == [1, 2]
    await house.heed(BudgetReserved(reference=no, revision=1, amount_cents=1))  # an old answer
    assert await one(house, no) == "asked"
    await house.heed(BudgetReserved(reference=no, revision=2, amount_cents=1))
    assert await one(house, no) == "placed"
    # Whoever asked for the title hears of the waiting once, without the office's figures.
    told = [(fact["progress"], fact["reason"]) for _n, fact in await house.said("resources.title.progressed")]
    assert told == [("wanted", ""), ("funds", ""), ("ordered", "")]
    await act(house, orders, BUYER, no, "cancel", cancel_reason="出版社停售")
    ((_name, gone),) = await house.said("resources.order.cancelled")
    assert (gone["revision"], gone["sums"], gone["whole"]) == (3, [], True)


async def test_what_we_have_or_expect_is_bought_again_only_for_a_reason(house: House) -> None:
    await house.place()
    first = await sent(house, [NewLine("城市水系", 5000, isbn=ISBNS[1], year="2025")])
    async with house.work(BUYER) as work:
        second = str((await orders.open(work, supplier="云山书店", fund=FUND.budget)).no)
        by_number, by_title, other = await commands.add_lines(work, second, [
            NewLine("别名", 100, isbn=ISBNS[1]), NewLine("城市水系", 100, year="2025"), NewLine("城市水系", 100, year="2019"),
        ])
    assert (by_number.also_on, by_title.also_on, other.also_on) == (first, first, "")
    with pytest.raises(rules.Duplicates):
        await act(house, orders, BUYER, second, "check")
    (line,) = await line_ids(house, first)
    await delivery(house, first, {line: (1, 0)})
    async with house.work(BUYER) as work:
        (again,) = await commands.add_lines(work, second, [NewLine("又一种", 100, isbn=ISBNS[1])])
    assert again.held.startswith("B")
    await act(house, orders, BUYER, second, "check", again_reason="教材复本")


async def test_damaged_extra_and_stray_books_are_not_ours_and_may_come_again(house: House) -> None:
    await house.place()
    no = await sent(house, [NewLine("甲", 1000, 3, isbn=ISBNS[0]), NewLine("乙", 2000, 1, isbn=ISBNS[1])])
    first, _second = await line_ids(house, no)
    async with house.work(EXPERT) as work:
        got = (await acceptances.open(work, order_no=no, arrived_on="2026-11-20", parcels=1, location="sk-2f")).no
        for code in (ISBNS[1], ISBNS[1], "9787302423287"):
            await receiving.scan(work, got, code)
        await receiving.count(work, got, first, arrived=2, damaged=1, price_minor=1100)
    await act(house, acceptances, EXPERT, got, "accept")
    rows = await house.rows("SELECT arrived, accepted FROM order_line WHERE order_no = :no ORDER BY place", no=no)
    assert rows == [(1, 1), (1, 1)]
    assert (await one(house, no), await one(house, got, "differences", "acceptance")) == ("part_arrived", 4)
    async with house.work(BUYER) as work:
        await commands.cancel_copies(work, no, first, copies=1, reason="绝版")
    ((_name, less),) = await house.said("resources.order.cancelled")
    assert (less["whole"], less["sums"][0]["amount_cents"]) == (False, 1560 + 1560)
    await delivery(house, no, {first: (1, 0)})
    assert await one(house, no) == "accepted"
    numbers = [row[0] for row in await house.rows("SELECT no FROM accession ORDER BY no")]
    assert numbers == [f"C{n:08d}" for n in range(1, 4)]


async def test_an_invoice_agrees_or_says_why_and_comes_back_with_its_reason(house: House) -> None:
    await house.place()
    no = await sent(house, [NewLine("甲", 1000, 3, isbn=ISBNS[0])])
    (line,) = await line_ids(house, no)
    await delivery(house, no, {line: (3, 0)})
    bill = await invoiced(house, no, "24.00")
    with pytest.raises(LinesDisagree):
        await act(house, invoices, BUYER, bill, "submit")
    async with house.work(BUYER) as work:
        await invoicing.spread(work, bill)
    with pytest.raises(Unexplained):
        await act(house, invoices, BUYER, bill, "submit")
    with pytest.raises(AcceptorApplies):
        await act(house, invoices, Actor(EXPERT.id, "顾", posts=("RES-ACQ",)), bill, "submit", difference_reason="运费")
    await act(house, invoices, BUYER, bill, "submit", difference_reason="含运费")
    for _twice in range(2):
        await house.heed(PaymentReturned(voucher="PZ1", reference=bill, reason="缺清单"))
    assert (await one(house, bill, table="invoice"), await one(house, no)) == ("returned", "accepted")
    await act(house, invoices, BUYER, bill, "submit", difference_reason="含运费")
    await house.heed(PaymentReturned(voucher="PZ1", reference=bill, reason="缺清单"))  # late, of the first attempt
    assert await one(house, bill, table="invoice") == "submitted"
    asked = [fact for _n, fact in await house.said("resources.invoice.submitted")]
    assert [(fact["attempt"], fact["shares"][0]["release_cents"]) for fact in asked] == [(1, 2340), (2, 2340)]


async def test_part_payments_settle_the_order_to_the_fen(house: House) -> None:
    await house.place()
    no = await sent(house, [NewLine("甲", 333, 3, isbn=ISBNS[0])], discount=50)
    (line,) = await line_ids(house, no)
    bills = []
    for n in range(3):
        await delivery(house, no, {line: (1, 0)})
        bills.append(await invoiced(house, no, ("1.67", "1.66", "1.67")[n], f"A-{n}"))
        await act(house, invoices, BUYER, bills[-1], "submit")
    released = [fact["shares"][0]["release_cents"] for _n, fact in await house.said("resources.invoice.submitted")]
    assert sum(released) == 500
    for bill in bills:
        await house.heed(PaymentPaid(voucher=f"PZ-{bill}", reference=bill, amount_cents=167, paid_on=date(2026, 11, 25)))
    assert await one(house, no) == "closed"


async def test_two_buyers_take_one_wanted_title_once(house: House) -> None:
    async with house.work(BUYER) as work:
        wish = (await desiderata.want(work, title="甲", origin=Origin.librarian, price_cents=100)).no
    first = await drafted(house, [])
    async with house.work(BUYER) as work:
        second = str((await orders.open(work, supplier="云山书店", fund=FUND.budget)).no)

    async def take(no: str) -> None:
        async with house.work(BUYER) as work:
            await commands.pick(work, no, [wish])

    done = await asyncio.gather(take(first), take(second), return_exceptions=True)
    assert sum(one is None for one in done) == 1
    assert [type(one) for one in done if one is not None] == [rules.AlreadyPicked]


async def test_what_is_late_is_claimed_once_until_it_is_settled(house: House) -> None:
    no = await sent(house, [NewLine("甲", 1000, 3)])
    later = datetime.now(UTC) + timedelta(days=91)
    for _twice in range(2):
        async with house.kit.works.open(now=later) as work:
            await claim_late(work, later)
    ((claim, missing),) = await house.rows("SELECT no, missing FROM order_claim WHERE order_no = :no", no=no)
    assert missing == 3
    await act(house, claims, BUYER, claim, "send", sent_on="2026-11-20")
    await act(house, claims, BUYER, claim, "close", answer="下周到货")


async def test_a_long_order_costs_the_statements_of_a_short_one(house: House) -> None:
    supplier = await terms(house)
    counted: dict[int, int] = {}

    def note(*_args: object) -> None:
        counted[size] += 1

    event.listen(house.kit.engine.sync_engine, "before_cursor_execute", note)
    for size in (10, 200):
        counted[size] = 0
        async with house.work(BUYER) as work:
            no = str((await orders.open(work, supplier=supplier, fund="中文图书")).no)
            await commands.add_lines(work, no, [NewLine(f"书 {size} {n}", 1000 + n, 2, isbn=f"内部 {size} {n}") for n in range(size)])
        for actor, action in ((BUYER, "check"), (HEAD, "approve"), (BUYER, "place")):
            await act(house, orders, actor, no, action)
    event.remove(house.kit.engine.sync_engine, "before_cursor_execute", note)
    assert counted[200] <= counted[10] + 5
    assert [fact["titles"] for _n, fact in await house.said("resources.order.placed")] == [10, 200]


async def test_the_books_show_themselves_and_keep_strangers_out(house: House) -> None:
    await house.place()
    no = await sent(house, [NewLine("甲", 1000, 3, isbn=ISBNS[0])])
    (line,) = await line_ids(house, no)
    got = await delivery(house, no, {line: (3, 1)})
    bill = await invoiced(house, no, "15.60")
    async with house.work(BUYER) as work:
        plan = await plans.open(work, fund=FUND.budget, subject="", amount="100.00")
        far = await progress(work, plan)
        assert (far["ordered"], far["received"], far["received_value"], far["spent"]) == (2340, 2, 1560, 0)
    async with house.work(BUYER) as work:
        draft = (await orders.open(work, supplier="云山书店", fund=FUND.budget)).no
        await desiderata.want(work, title="乙", origin=Origin.librarian)
    async with house.client(BUYER, "en") as client:
        for url in (
            "/resources/orders", f"/resources/orders/{no}", f"/resources/orders/{no}/lines", "/resources/orders/new",
            f"/resources/orders/{draft}/lines", f"/resources/orders/{draft}/pick", f"/resources/acceptances/{got}",
            f"/resources/acceptances/{got}/count", "/resources/acceptances/new", f"/resources/invoices/{bill}", "/resources/invoices/new",
            "/resources/accessions", "/resources/order-claims", "/resources/suppliers", "/resources/suppliers/new",
            f"/resources/acquisition-plans/{plan.no}", "/resources/acquisition-plans", "/resources/acquisition-plans/new",
        ):
            answer = await client.get(url)
            assert (answer.status_code, han_in(answer.text)) == (200, []), url
        wrong = await client.post(f"/resources/orders/{draft}/lines", data={"title": "", "list_minor": "abc"})
        assert wrong.status_code == 422
        typed = await client.post(f"/resources/orders/{draft}/lines", data={"title": "丙", "list_minor": "12.50", "copies": "2"})
        assert typed.status_code == 303
        found = (await client.get(f"/api/resources/orders/{draft}/lines")).json()["items"]
        assert [(item["title"], item["list_minor"], item["net_cents"]) for item in found] == [("丙", 1250, 1950)]
        picked = await client.post(f"/api/resources/orders/{draft}/lines", json={"desiderata": ["DG2026-0001"], "lines": []})
        assert picked.status_code == 201
        priced = await client.post(f"/resources/orders/{draft}/lines/{found[0]['id']}/price", data={"list_minor": "10", "copies": "1"})
        struck = await client.post(f"/resources/orders/{draft}/lines/{found[0]['id']}/off")
        assert (priced.status_code, struck.status_code) == (303, 303)
    async with house.client(Actor("X", "外人", posts=("RDR-CIR",))) as client:
        for register in (orders, claims, acceptances, accessions, invoices, plans, suppliers):
            assert (await client.get(register.path)).status_code == 403
        assert (await client.get(f"/resources/orders/{no}/lines")).status_code == 403
    reader = Actor("Y", "编目", posts=("RES-DIG",), dept="resources")
    async with house.client(reader) as client:
        assert (await client.post(f"/resources/acceptances/{got}/scan", data={"code": ISBNS[0]})).status_code == 403
        assert (await client.post(f"/api/resources/orders/{draft}/lines", json={"lines": []})).status_code == 403
    for register, filled in ((suppliers, {"name": "江畔书店", "kind": "publisher"}),):
        await Promises(register, house.app, filled.copy).says_what_is_wrong()


async def test_money_in_advance_is_settled_by_the_invoice_that_follows_and_a_reversed_payment_opens_it_again(house: House) -> None:
    await house.place()
    no = await sent(house, [NewLine("书甲", 10_000, 1), NewLine("书乙", 20_000, 1)], discount=100)
    async def asked_for() -> list[dict]:
        rows = await house.rows("SELECT payload FROM outbox WHERE subject = 'guanwu.resources.invoice.submitted.v1' ORDER BY id")
        return [row[0] for row in rows]
    async def ahead(yuan: str, number: str, **more: object) -> str:
        async with house.work(BUYER) as work:
            filled = {"order_no": no, "invoice_no": number, "invoiced_on": "2026-11-21", "amount": yuan, "kind": "prepayment", **more}
            return str((await invoices.open(work, **filled)).no)
    with pytest.raises(Invalid):
        await ahead("90.00", "Y-0")  # no contract
    much, some = await ahead("300.01", "Y-1", contract="HT2026-0001"), await ahead("90.00", "Y-2", contract="HT2026-0001")
    with pytest.raises(TooMuchAhead):
        await act(house, invoices, BUYER, much, "submit")
    await act(house, invoices, BUYER, some, "submit")
    (asked,) = await asked_for()
    assert (asked["prepayment"], asked["contract"], asked["amount_cents"]) == (True, "HT2026-0001", 9000)
    assert asked["shares"] == [{"order": no, "budget": "JF2026-0001", "amount_cents": 9000, "release_cents": 9000}]
    await house.heed(PaymentPaid(voucher="PZ1", reference=some, amount_cents=9000, paid_on=date(2026, 11, 22), attempt=1))
    assert await one(house, no) == "placed"
    first, second = await line_ids(house, no)
    await delivery(house, no, {first: (1, 0)})
    cheap = await invoiced(house, no, "100.00", "A-1")
    await act(house, invoices, BUYER, cheap, "submit")
    assert (await asked_for())[-1]["amount_cents"] == 1000
    await house.heed(PaymentPaid(voucher="PZ2", reference=cheap, amount_cents=1000, paid_on=date(2026, 11, 23), attempt=1))
    undone = PaymentReversed(voucher="PZ3", reverses="PZ2", reference=cheap, attempt=1, amount_cents=1000, reversed_on=date(2026, 11, 24), reason="付错户")
    for _twice in range(2):
        await house.heed(undone)
    assert [await one(house, cheap, column, "invoice") for column in ("state", "reversal", "return_reason")] == ["returned", "PZ3", "付错户"]
    await act(house, invoices, BUYER, cheap, "submit")
    # An old word of the first payment pays nothing.
    await house.heed(PaymentPaid(voucher="PZ2", reference=cheap, amount_cents=1000, paid_on=date(2026, 11, 23), attempt=1))
    assert await one(house, cheap, table="invoice") == "submitted"
    await house.heed(PaymentPaid(voucher="PZ4", reference=cheap, amount_cents=1000, paid_on=date(2026, 11, 25), attempt=2))
    # The rest is paid in advance, too; its invoice asks for nothing and closes the order.
    rest = await ahead("200.00", "Y-3", contract="HT2026-0001")
    await act(house, invoices, BUYER, rest, "submit")
    await house.heed(PaymentPaid(voucher="PZ5", reference=rest, amount_cents=20_000, paid_on=date(2026, 11, 26), attempt=1))
    await delivery(house, no, {second: (1, 0)})
    last = await invoiced(house, no, "200.00", "A-2")
    await act(house, invoices, BUYER, last, "submit")
    assert [await one(house, last, column, "invoice") for column in ("state", "prepaid")] == ["paid", 20_000]
    assert await one(house, no) == "closed"
    news = await asked_for()
    # Every fen of the order is asked for once: settled asking replaced by its second attempt.
    assert sum(n["amount_cents"] for n in news if (n["number"], n["attempt"]) != (cheap, 1)) == 30_000
    assert sum(s["release_cents"] for n in news if (n["number"], n["attempt"]) != (cheap, 1) for s in n["shares"]) == 30_000
