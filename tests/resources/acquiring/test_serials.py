"""A subscription is approved, ordered, begun; a gap climbs the ladder of claims until it is filled, credited or given up.

covers: RES-ACQ-01
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from services.resources.acquiring.orders.model import Order
from services.resources.acquiring.orders.register import orders
from services.resources.acquiring.serial_claims import queries, rules
from services.resources.acquiring.serial_claims.model import SerialClaim
from services.resources.acquiring.serial_claims.register import give_up, serial_claims
from services.resources.acquiring.subscriptions.register import end_due, subscriptions
from services.resources.acquiring.subscriptions.rules import NoOrder, OrderFirst, issn, next_term
from services.resources.acquiring.suppliers.register import suppliers
from shared.events.office import BudgetAllocated, BudgetReserved
from shared.events.reader import SerialGapClosed, SerialMissing
from shared.identity import SYSTEM, Actor
from shared.refusals import Invalid, Refusal
from shared.testing.registers import han_in
from tests.resources.conftest import CLERK, House

BUYER = Actor("S011", "韩采访", posts=("RES-ACQ",), dept="resources")
HEAD = Actor("S010", "陆主任", posts=("head-resources",), dept="resources")
FUND = BudgetAllocated(budget="JF2026-0001", fund_name="报刊", year=2026, kind="periodicals", total_cents=10**7, available_cents=10**7)
GAP = {"number": "BK2026-0001", "title": "图书情报工作", "issn": "1000-0135", "label": "2026年第45期", "issued_on": date(2026, 11, 9), "due_on": date(2026, 11, 9)}
START = datetime(2026, 11, 27, 2, tzinfo=UTC)


async def begun(house: House) -> str:
    """A subscription whose order was sent."""
    await house.heed(FUND)
    async with house.work(BUYER) as work:
        await suppliers.open(work, name="报刊发行局", kind="periodicals")
        no = str((await subscriptions.open(
            work, title="图书情报工作", kind="journal", issn="10000135", supplier="报刊发行局", fund="报刊", copies=2, price_minor="480.00",
            from_on=date(2026, 1, 1), to_on=date(2026, 12, 31),
        )).no)
    await act(house, HEAD, no, "approve")
    with pytest.raises(NoOrder):
        await act(house, BUYER, no, "start")
    await act(house, BUYER, no, "order")
    ((order,),) = await house.rows("SELECT order_no FROM subscription")
    with pytest.raises(OrderFirst):
        await act(house, BUYER, no, "start")
    for who, step in ((BUYER, "check"), (HEAD, "approve"), (BUYER, "place")):
        async with house.work(who) as work:
            await orders.move(work, order, step)
    async with house.work() as work:
        found = await work.lock(Order, Order.no == order)
        need, revision = found.net_total, found.revision
    assert (need, found.copies, found.carrier) == (96_000, 2, "periodical")
    await house.heed(BudgetReserved(reference=order, revision=revision, amount_cents=need))
    await act(house, BUYER, no, "start")
    return no


async def act(house: House, who: Actor, no: str, step: str, **asked: object) -> None:
    async with house.work(who) as work:
        await subscriptions.move(work, no, step, **asked)


async def test_a_subscription_is_ordered_like_everything_else_begins_renews_and_ends(house: House) -> None:
    no = await begun(house)
    (told,) = await house.said("resources.serial.subscribed")
    assert (told[1]["issn"], told[1]["copies"], told[1]["supplier"]) == ("1000-0135", 2, "报刊发行局")
    await act(house, BUYER, no, "renew")
    ((renewed, start, state),) = await house.rows("SELECT no, from_on, state FROM subscription WHERE renews <> ''")
    assert (start, state) == (date(2027, 1, 1), "draft")
    with pytest.raises(Refusal):
        await act(house, BUYER, no, "renew")
    with pytest.raises(Refusal):
        await act(house, BUYER, renewed, "approve")
    await act(house, BUYER, no, "stop", to_on=date(2026, 11, 30), reason="利用率低")
    assert [f[1]["to_on"] for f in await house.said("resources.serial.unsubscribed")] == ["2026-11-30"]
    with pytest.raises(Invalid):
        async with house.work(BUYER) as work:
            await subscriptions.open(work, title="x", kind="journal", issn="1000-0136", from_on=date(2026, 2, 1), to_on=date(2026, 1, 1))
    async with house.work(BUYER) as work:
        gift = await subscriptions.open(work, title="馆讯", kind="magazine", source="gift", from_on=date(2025, 1, 1), to_on=date(2025, 12, 31))
    await act(house, HEAD, gift.no, "approve")
    await act(house, BUYER, gift.no, "start")
    async with house.work(SYSTEM) as work:
        await end_due(work, START)
    assert [tuple(r) for r in await house.rows("SELECT state FROM subscription WHERE source = 'gift'")] == [("ended",)]
    assert (issn("2434561X"), issn("1000-0136")) == ("2434-561X", "")
    assert next_term(date(2024, 2, 29), date(2024, 12, 31)) == (date(2025, 2, 28), date(2025, 12, 31))


async def test_the_ladder_from_the_first_letter_to_the_credit_note(house: House) -> None:
    no = await begun(house)
    for issue in ("i-1", "i-2", "i-2"):
        await house.heed(SerialMissing(**GAP, issue=issue, subscription=no))
    claims = [r[0] for r in await house.rows("SELECT no FROM serial_claim ORDER BY no")]
    assert len(claims) == 2, "one claim of an issue runs at a time"
    async with house.client(BUYER) as web:
        key = (await house.rows("SELECT supplier FROM serial_claim LIMIT 1"))[0][0]
        letter = await web.get(f"/resources/serial-claim-letters/{key}")
        assert letter.text.count('name="claims"') == 2
        await web.post(f"/resources/serial-claim-letters/{key}/sent", data={"claims": claims[0]})
        assert (await web.get(f"/resources/serial-claim-letters/{key}")).text.count('name="claims"') == 1
    async with house.client(CLERK) as outside:
        assert (await outside.get("/resources/serial-claim-letters")).status_code == 403
    async with house.client(BUYER, "en") as web:
        for page in ("/resources/serial-claim-letters", f"/resources/serial-claim-letters/{key}", "/resources/serial-claims", f"/resources/serial-claims/{claims[0]}", f"/resources/subscriptions/{no}"):
            shown = await web.get(page)
            assert (shown.status_code, han_in(shown.text)) == (200, []), page
    for round_ in (2, 3):
        async with house.work(BUYER, now=START + timedelta(days=31 * round_)) as work:
            await serial_claims.move(work, claims[0], "claim")
    with pytest.raises(Refusal):
        async with house.work(BUYER) as work:
            await serial_claims.move(work, claims[0], "claim")
    async with house.work(SYSTEM, now=START + timedelta(days=31 * 5)) as work:
        await give_up(work, START)
    async with house.work(BUYER) as work:
        await serial_claims.move(work, claims[0], "credit", credit_cents="40.00", answer="抵扣单 8801")
    steps = [(f[1]["step"], f[1]["round"], f[1]["credit_cents"]) for f in await house.said("resources.serial.claimed")]
    assert steps == [("claimed", 1, 0), ("claimed", 2, 0), ("claimed", 3, 0), ("refused", 3, 0), ("credited", 3, 4000)]


async def test_what_is_sent_after_all_is_handed_on_and_a_second_loss_opens_the_claim_again(house: House) -> None:
    await house.heed(SerialMissing(**GAP, issue="i-1"))
    ((no,),) = await house.rows("SELECT no FROM serial_claim")
    for step, asked in (("promise", {"promised_on": date(2099, 1, 1), "answer": "已补寄"}), ("deliver", {})):
        async with house.work(BUYER) as work:
            await serial_claims.move(work, no, step, **asked)
    assert (await house.said("resources.serial.delivered"))[0][1]["issues"][0]["issue"] == "i-1"
    await house.heed(SerialMissing(**GAP, issue="i-1"))
    async with house.work() as work:
        claim = await work.lock(SerialClaim, SerialClaim.no == no)
        assert claim.state == "open"
        assert rules.due(claim, work.today)
        assert [row[2] for row in await queries.suppliers_due(work.session, work.today)] == [1]
    closed = {k: v for k, v in GAP.items() if k in ("number", "title", "label")}
    for _turn in range(2):
        await house.heed(SerialGapClosed(**closed, issue="i-1", outcome="arrived", outcome_label="已补到"))
    assert [tuple(r) for r in await house.rows("SELECT state FROM serial_claim")] == [("arrived",)]
    await house.heed(SerialMissing(**GAP, issue="i-3"))
    await house.heed(SerialGapClosed(**closed, issue="i-3", outcome="skipped", outcome_label="未出版"))
    assert ("withdrawn",) in [tuple(r) for r in await house.rows("SELECT state FROM serial_claim")]
