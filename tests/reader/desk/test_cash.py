"""The till and the ledger behind it. covers: RDR-DSK-BAS-04, RDR-DSK-BAS-06, RDR-LED-FRD-03"""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy.exc import DBAPIError

from services.reader.app import service
from services.reader.desk.cash import commands as cash
from services.reader.desk.cash import handlers as cash_handlers
from services.reader.desk.cash.rules import NothingToBank, SlipUsed
from services.reader.desk.charges import commands as charges
from services.reader.desk.charges.model import Kind, Method
from services.reader.desk.circulation import losing
from services.reader.desk.losses import commands as losses
from shared.events.office import PaymentReturned
from shared.refusals import Conflict, Invalid, Refusal, SamePerson
from shared.states import NotFromHere
from tests.reader.desk.conftest import CLERK, COLLEAGUE, HEAD, OUTSIDER
from tests.support.departments import client, opened


async def owe(desk, *amounts: tuple[Kind, int]) -> str:
    card = await desk.patron()
    for kind, fen in amounts:
        await desk.do(charges.charge, card=card, kind=kind, amount_fen=fen)
    return card


async def shift_of(desk, cashier: str) -> str:
    ((no,),) = await desk.rows("SELECT no FROM cash_shift WHERE cashier = :c AND state = 'open'", c=cashier)
    return no


async def test_the_first_money_opens_one_shift_however_many_terminals(desk) -> None:
    cards = [await owe(desk, (Kind.overdue, 100)) for _ in range(4)]
    await asyncio.gather(*(desk.do(charges.pay, card=card) for card in cards))
    rows = await desk.rows("SELECT s.no, count(*) FROM cash_shift s JOIN ledger e ON e.shift_id = s.id GROUP BY 1")
    assert [tuple(r) for r in rows] == [("SK2026-0001", 4)]


async def test_a_colleague_counts_and_a_difference_needs_a_reason(desk) -> None:
    await desk.do(charges.pay, card=await owe(desk, (Kind.overdue, 1000), (Kind.lost, 2000)))
    await desk.do(charges.pay, card=await owe(desk, (Kind.card, 1000)), method=Method.mobile)
    no = await shift_of(desk, CLERK.id)
    with pytest.raises(SamePerson):
        await desk.do(cash.count, no=no, counted_fen=3000)
    for wrong in ({"counted_fen": 2900}, {"counted_fen": -1}):
        with pytest.raises(Invalid):
            await desk.do(cash.count, COLLEAGUE, no=no, **wrong)
    shift = await desk.do(cash.count, COLLEAGUE, no=no, counted_fen=2900, reason="找零误差")
    assert (shift.expected_fen, shift.difference_fen) == (3000, -100)
    with pytest.raises(NotFromHere):
        await desk.do(cash.count, COLLEAGUE, no=no, counted_fen=3000)
    await desk.do(charges.pay, card=await owe(desk, (Kind.overdue, 100)))  # goes into a new shift
    assert await shift_of(desk, CLERK.id) != no


async def test_counted_cash_is_banked_once_and_the_office_is_told(desk) -> None:
    await desk.do(charges.pay, card=await owe(desk, (Kind.overdue, 1000), (Kind.lost, 2000)))
    with pytest.raises(NothingToBank):
        await desk.do(cash.bank, slip_no="YH0001")
    await desk.do(cash.count, COLLEAGUE, no=await shift_of(desk, CLERK.id), counted_fen=3000)
    done = await asyncio.gather(
        desk.do(cash.bank, slip_no="YH0001"), desk.do(cash.bank, COLLEAGUE, slip_no="YH0002"), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in done) == ["Deposit", "NothingToBank"]
    (said,) = await desk.said("reader.cash.banked")
    assert {k: said[1][k] for k in ("amount_cents", "expected_cents", "fines_cents", "compensation_cents", "receipts")} == {
        "amount_cents": 3000, "expected_cents": 3000, "fines_cents": 1000, "compensation_cents": 2000, "receipts": 1,
    }
    assert said[1]["receipts_from"] == said[1]["receipts_to"] == "SJ2026-0001"


async def test_a_slip_proves_one_deposit_and_a_returned_one_is_banked_anew(desk) -> None:
    for slip in ("YH0001", "YH0001"):
        await desk.do(charges.pay, card=await owe(desk, (Kind.overdue, 1000)))
        await desk.do(cash.count, COLLEAGUE, no=await shift_of(desk, CLERK.id), counted_fen=1000)
        if not await desk.said("reader.cash.banked"):
            deposit = await desk.do(cash.bank, slip_no=slip)
    with pytest.raises(SlipUsed):
        await desk.do(cash.bank, slip_no=" yh0001 ")
    await desk.heed(cash_handlers.handlers, PaymentReturned(voucher="PZ1", reference=deposit.no, reason="单号有误"))
    assert (await desk.do(cash.bank, slip_no="YH0003")).amount_fen == 2000


async def test_only_cards_and_codes_leave_nothing_to_carry(desk) -> None:
    await desk.do(charges.pay, card=await owe(desk, (Kind.overdue, 1000)), method=Method.card)
    shift = await desk.do(cash.count, COLLEAGUE, no=await shift_of(desk, CLERK.id), counted_fen=0)
    assert shift.state.value == "banked"


@pytest.mark.parametrize("sql", [
    ("INSERT INTO ledger (id, patron_id, card, posting, kind, amount_fen, charge_id, barcode, title, receipt, method, reason, explain, actor, at, shift_id) "
    "SELECT gen_random_uuid(), patron_id, card, 'payment', kind, -1, id, '', '', 'X', 'cash', '', '{}', 'x', at, (SELECT id FROM cash_shift LIMIT 1) FROM ledger WHERE amount_fen = 300 RETURNING 1"),
    ("INSERT INTO ledger (id, patron_id, card, posting, kind, amount_fen, refunds_id, barcode, title, receipt, reason, explain, actor, at) "
    "SELECT gen_random_uuid(), patron_id, card, 'refund', kind, 1001, id, '', '', 'X', '', '{}', 'x', at FROM ledger WHERE posting = 'payment' RETURNING 1"),
    ("INSERT INTO ledger (id, patron_id, card, posting, kind, amount_fen, refunds_id, barcode, title, receipt, reason, explain, actor, at) "
    "SELECT gen_random_uuid(), patron_id, card, 'refund', kind, 1, id, '', '', 'X', '', '{}', 'x', at FROM ledger WHERE posting = 'charge' RETURNING 1"),
    ("INSERT INTO ledger (id, patron_id, card, posting, kind, amount_fen, barcode, title, receipt, reason, explain, actor, at) "
    "SELECT gen_random_uuid(), patron_id, card, 'charge', kind, -5, '', '', '', '', '{}', 'x', at FROM ledger LIMIT 1 RETURNING 1"),
    "DELETE FROM ledger RETURNING 1",
])
async def test_the_database_itself_refuses_money_that_does_not_add_up(desk, sql) -> None:
    await desk.do(charges.pay, card=await owe(desk, (Kind.overdue, 1000)))
    await owe(desk, (Kind.overdue, 300))
    with pytest.raises(DBAPIError):
        await desk.rows(sql)


async def test_nothing_is_received_into_a_counted_shift_even_by_hand(desk) -> None:
    await desk.do(charges.pay, card=await owe(desk, (Kind.overdue, 1000)))
    await desk.do(cash.count, COLLEAGUE, no=await shift_of(desk, CLERK.id), counted_fen=1000)
    await owe(desk, (Kind.overdue, 300))
    with pytest.raises(DBAPIError, match="open shift"):
        await desk.rows(
            "INSERT INTO ledger (id, patron_id, card, posting, kind, amount_fen, charge_id, barcode, title, receipt, method, reason, explain, actor, at, shift_id) "
            "SELECT gen_random_uuid(), patron_id, card, 'payment', kind, -300, id, '', '', 'X', 'cash', '', '{}', 'x', at, (SELECT id FROM cash_shift LIMIT 1) FROM ledger WHERE amount_fen = 300 RETURNING 1"
        )


# What one desk may do at one moment; several do at once.
WHO = st.integers(0, 2)
ACT = st.one_of(
    st.tuples(st.just("charge"), WHO, st.sampled_from(list(Kind)), st.integers(1, 60_000)),
    st.tuples(st.just("pay"), WHO, st.sampled_from(list(Method)), st.booleans()),
    st.tuples(st.just("pay"), WHO, st.just(Method.cash), st.booleans()),
    st.tuples(st.just("waive"), WHO), st.tuples(st.just("drop"), WHO), st.tuples(st.just("refund"), WHO),
    st.tuples(st.just("count"), st.integers(-100, 100)), st.tuples(st.just("bank")),
)
SOUND = {
    "debt is the sum of the rows": "SELECT card FROM patron p WHERE debt_fen <> (SELECT coalesce(sum(amount_fen), 0) FROM ledger e WHERE e.patron_id = p.id)",
    "nobody has a negative debt": "SELECT card FROM patron WHERE debt_fen < 0",
    "a charge is settled once": "SELECT charge_id FROM ledger WHERE charge_id IS NOT NULL GROUP BY 1 HAVING count(*) > 1",
    "no more goes back than came": """SELECT p.id FROM ledger p JOIN ledger r ON r.refunds_id = p.id AND r.posting = 'refund'
        GROUP BY p.id, p.amount_fen HAVING sum(r.amount_fen) > -p.amount_fen""",
    "refunds are pairs": "SELECT refunds_id FROM ledger WHERE refunds_id IS NOT NULL GROUP BY 1 HAVING sum(amount_fen) <> 0",
    "receipts have no gaps": "SELECT 1 FROM (SELECT count(DISTINCT receipt) n, max(right(receipt, 4)::int) m FROM ledger WHERE receipt <> '') x WHERE n <> coalesce(m, 0)",
    "every payment lies in a shift": "SELECT id FROM ledger WHERE posting = 'payment' AND shift_id IS NULL",
    "counted shifts expect the cash of their rows": """SELECT no FROM cash_shift s WHERE expected_fen IS NOT NULL AND expected_fen <>
        (SELECT coalesce(-sum(amount_fen), 0) FROM ledger e WHERE e.shift_id = s.id AND method = 'cash')""",
    "a deposit is the sum of its shifts": "SELECT no FROM cash_deposit d WHERE amount_fen <> (SELECT sum(counted_fen) FROM cash_shift s WHERE s.deposit_id = d.id)",
}
BREACHES = " UNION ALL ".join(f"SELECT '{rule}' AS rule, found.*::text FROM ({sql}) AS found" for rule, sql in SOUND.items())


class Tills:
    """Three cashiers over three patrons; what the rules refuse is swallowed, as people do."""

    def __init__(self, desk, cards: list[str]) -> None:
        self.desk, self.cards, self.slips = desk, cards, iter(range(1000, 9999))

    async def act(self, who, name: str, *facts) -> None:
        try:
            await getattr(self, name)(who, *facts)
        except (Refusal, Conflict):
            pass

    async def charge(self, who, n: int, kind: Kind, fen: int) -> None:
        await self.desk.do(charges.charge, who, card=self.cards[n], kind=kind, amount_fen=fen)

    async def pay(self, who, n: int, method: Method, one: bool) -> None:
        only = [row.id for row in await self.open(n)][:1] if one else []
        await self.desk.do(charges.pay, who, card=self.cards[n], method=method, charges=only)

    async def open(self, n: int):
        return await self.desk.rows(
            "SELECT id FROM ledger c WHERE posting = 'charge' AND card = :card AND NOT EXISTS (SELECT 1 FROM ledger s WHERE s.charge_id = c.id) ORDER BY id",
            card=self.cards[n],
        )

    async def waive(self, who, n: int) -> None:
        for row in (await self.open(n))[:1]:
            await self.desk.do(charges.waive, HEAD, charge_id=row.id, reason="困难")

    async def drop(self, who, n: int) -> None:
        for row in (await self.open(n))[:1]:
            await self.desk.do(charges.drop, who, charge_id=row.id, card=self.cards[n], reason="误")

    async def refund(self, who, n: int) -> None:
        paid = await self.desk.rows("SELECT charge_id FROM ledger WHERE posting = 'payment' AND card = :card ORDER BY id LIMIT 1", card=self.cards[n])
        for row in paid:
            try:
                await self.desk.do(charges.refund, who, charge_id=row.charge_id, voucher="PZ1", reason="退")
            except DBAPIError as error:
                if "uq_ledger_refunded" not in str(error):
                    raise

    async def count(self, who, off: int) -> None:
        for row in await self.desk.rows("SELECT no, cashier FROM cash_shift WHERE state = 'open' ORDER BY no LIMIT 1"):
            asked = (await self.desk.rows("SELECT coalesce(-sum(amount_fen), 0) AS n FROM ledger e JOIN cash_shift s ON s.id = e.shift_id WHERE s.no = :no AND method = 'cash'", no=row.no))[0].n
            await self.desk.do(cash.count, who, no=row.no, counted_fen=max(int(asked) + off, 0), reason="差额" if off else "")

    async def bank(self, who) -> None:
        await self.desk.do(cash.bank, who, slip_no=f"YH{next(self.slips)}{who.id}")


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(rounds=st.lists(st.lists(ACT, min_size=2, max_size=4), min_size=3, max_size=8))
async def test_the_money_balances_whatever_several_desks_do_at_once(desk, rounds) -> None:
    tills = Tills(desk, [await desk.patron() for _ in range(3)])
    tills.slips = iter(range(next(desk.numbers) * 100_000, 10**9))
    for moment in rounds:
        await asyncio.gather(*(
            tills.act((CLERK, COLLEAGUE, HEAD)[n % 3], *act) for n, act in enumerate(moment)
        ))
        assert not await desk.rows(BREACHES), moment


@pytest.fixture
async def app(database, desk, tmp_path) -> AsyncIterator[object]:
    from datetime import UTC, datetime

    desk.now = datetime.now(UTC)
    async with opened(service, database("reader"), tmp_path) as made:
        yield made


async def test_a_day_of_money_through_the_doors(app, desk) -> None:
    barcode, card = await desk.item(price_cents=3800), await desk.patron()
    await desk.lend(card, barcode)
    async with client(app, CLERK) as api, client(app, COLLEAGUE) as other, client(app, HEAD) as head:
        made = await api.post("/api/reader/losses", json={"barcode": barcode, "how": "declared"})
        assert (made.status_code, made.json()["state"]) == (201, "open")
        no = made.json()["no"]
        money = (await api.post(f"/api/reader/losses/{no}/compensate", json={})).json()
        assert (money["amount_cents"], "馆藏 1 本" in money["sentence"]) == (19000, True)
        receipt = (await api.post("/api/reader/payments", json={"card": card})).json()["receipt"]
        lines = (await api.get("/api/reader/cash-ups")).json()
        assert (lines["total"], lines["items"][0]["expected_cents"]) == (1, 19000)
        shift = lines["items"][0]["shift"]
        assert (await api.post(f"/api/reader/cash-ups/{shift}/count", json={"counted_cents": 19000})).json()["code"] == "same-person"
        counted = await other.post(f"/reader/cash-ups/{shift}/count", data={"counted": "190.00"})
        assert counted.status_code == 303
        banked = await other.post("/api/reader/cash-ups/bank", json={"slip_no": "YH20260001"})
        assert banked.json()["amount_cents"] == 19000
        assert (await api.post(f"/api/reader/losses/{no}/found")).json()["state"] == "refundable"
        assert (await api.post(f"/api/reader/losses/{no}/refund", json={"receipt": receipt})).json()["state"] == "refund_asked"
        assert (await api.post(f"/api/reader/losses/{no}/refund/decision", json={"approve": True})).status_code == 403
        assert (await head.post(f"/api/reader/losses/{no}/refund/decision", json={"approve": True})).json()["state"] == "refund_due"
        sheet = load_workbook(io.BytesIO((await api.get("/reader/cash-ups/export")).content)).active
        assert [c.value for c in sheet[1]][:3] == ["班次", "收款人", "收据起"]
        assert (sheet["F2"].value, sheet["O2"].value) == (190, "YH20260001")
        found = (await api.get(f"/api/reader/search?q={receipt}")).json()["groups"]
        assert any(item["url"].endswith(receipt) for group in found for item in group["items"])


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_every_screen_of_money_shows_itself(app, desk, lang) -> None:
    cases = {}
    for stage in ("open", "claimed", "money", "copy"):
        barcode, card = await desk.item(price_cents=3800), await desk.patron()
        await desk.lend(card, barcode)
        verb = losing.claim_returned if stage == "claimed" else losing.declare_lost
        cases[stage] = (await desk.do(verb, barcode=barcode), card, barcode)
    await desk.do(losses.compensate, no=cases["money"][0].no)
    receipt, _rows = await desk.do(charges.pay, card=cases["money"][1])
    await desk.do(losses.replace, no=cases["copy"][0].no, title="活着")
    await desk.do(cash.count, COLLEAGUE, no=await shift_of(desk, CLERK.id), counted_fen=19000)
    async with client(app, HEAD, cookie=f"lang={lang}") as web:
        deposit = (await web.post("/api/reader/cash-ups/bank", json={"slip_no": "YH20260001"})).json()["deposit"]
        paths = [
            "/reader/losses", "/reader/losses?state=done", "/reader/cash-ups", f"/reader/cash-ups/deposits/{deposit}",
            "/reader/charges/new", f"/reader/charges/new?card={card}&kind=damage&number=3", "/reader/charges/new?number=0",
            f"/reader/charges/receipts/{receipt}", f"/reader/patrons/{card}", f"/reader/items/{barcode}", "/reader/charges",
            *(f"/reader/losses/{one.no}" for one, _card, _barcode in cases.values()),
            f"/reader/losses/{cases['open'][0].no}?work=set&price=x", f"/reader/losses/{cases['open'][0].no}?work=bound&year_price=120",
        ]
        for path in paths:
            shown = await web.get(path)
            assert (shown.status_code, "<h1" in shown.text) == (200, True), path
        looked_up = await web.get(f"/reader/charges/receipts?number={receipt.lower()}")
        assert looked_up.headers["location"].endswith(receipt)


async def test_a_charge_by_rate_is_shown_before_and_reckoned_again_after(app, desk) -> None:
    card = await desk.patron()
    async with client(app, CLERK) as web:
        shown = await web.get(f"/reader/charges/new?card={card}&kind=damage&number=3")
        assert "¥0.50 × 3 = ¥1.50" in shown.text
        done = await web.post("/reader/charges/by-rule", data={"card": card, "kind": "damage", "number": "3"})
        assert done.status_code == 303
        refused = await web.post("/reader/charges/by-rule", data={"card": card, "kind": "lost", "number": "1"})
        assert refused.status_code == 422
    assert (await desk.find_patron(card)).debt_fen == 150


async def test_losses_through_the_screen_from_claim_to_copy(app, desk) -> None:
    barcode, card = await desk.item(price_cents=0), await desk.patron()
    await desk.lend(card, barcode)
    async with client(app, CLERK) as web:
        where = (await web.post("/reader/losses", data={"barcode": barcode.lower(), "how": "claimed"})).headers["location"]
        await web.post(f"{where}/lost")
        assert "缺少定价" in (await web.get(where)).text
        refused = await web.post(f"{where}/compensate", data={"work": "book"})
        assert refused.status_code == 422
        await web.post(f"{where}/compensate", data={"work": "book", "price": "38.00", "foreign": "1"})
        await web.post(f"{where}/reconsider")
        await web.post(f"{where}/replace", data={"title": "活着", "year": "2021"})
        for step in ("stamp", "barcode", "label", "strip", "record"):
            await web.post(f"{where}/steps", data={"step": step, "barcode": "N000009"})
        assert "N000009" in (await web.get(where)).text
    ((state,),) = await desk.rows("SELECT state FROM loss")
    assert state == "replaced"


async def test_strangers_are_kept_out_of_the_money(app, desk) -> None:
    async with client(app, OUTSIDER) as outside:
        for path in ("/reader/losses", "/api/reader/losses", "/reader/cash-ups", "/reader/cash-ups/export", "/api/reader/cash-ups", "/reader/charges/new"):
            assert (await outside.get(path)).status_code == 403, path
        assert (await outside.post("/api/reader/losses", json={"barcode": "A1"})).status_code == 403
        assert (await outside.post("/api/reader/cash-ups/bank", json={"slip_no": "YH20260001"})).status_code == 403
