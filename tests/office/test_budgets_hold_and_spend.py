"""Budget lines: four hands, a ledger nobody changes, money held for orders and turned into what is spent.

covers: OFF-FIN-01, OFF-FIN-02
"""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from services.office.app import service
from services.office.money.budgets import register as books
from services.office.money.budgets.model import Budget, FundEntry
from services.office.money.budgets.queries import report
from services.office.money.budgets.rules import (
    BeyondFunds,
    Held,
    NotEnough,
    Sums,
    YearClosed,
    answer,
    level,
)
from services.office.money.expenditure.model import Voucher
from services.office.money.expenditure.register import REGISTER as VOUCHERS
from services.office.money.expenditure.register import reverse
from services.office.money.expenditure.rules import MakerReverses, NotReversible
from shared.database import uuid7
from shared.events.base import Envelope
from shared.events.resources import (
    FundSum,
    InvoiceSubmitted,
    OrderCancelled,
    OrderPlaced,
    PaymentShare,
)
from shared.identity import SYSTEM, Actor
from shared.messaging.tables import outbox
from shared.refusals import SamePerson
from shared.testing.registers import Promises, han_in
from tests.office.conftest import ADM, DIRECTOR, HEAD
from tests.support.departments import client

FIN = Actor("S0012", "财务", posts=("OFF-FIN",), rank="mid", dept="office")
FIN2 = Actor("S0013", "财务二", posts=("OFF-FIN",), rank="mid", dept="office")
NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)


async def budget(works, yuan: str = "1000.00", code: str = "ZW") -> str:
    """A line that runs."""
    async with works.open(FIN, now=NOW) as work:
        await books.FUNDS.open(work, no=code, name=f"经费 {code}", kind="chinese_books")
        no = (await books.REGISTER.open(work, year=2026, fund=code, planned=yuan)).no
    for actor, action in ((HEAD, "review"), (DIRECTOR, "approve"), (FIN, "start")):
        await act(works, books.REGISTER, actor, no, action)
    return no


async def act(works, register, actor, no, action, **asked) -> None:
    async with works.open(actor, now=NOW) as work:
        await register.move(work, no, action, **asked)


async def hear(works, event) -> None:
    envelope = Envelope(event_id=uuid7(), name=event.name, version=1, source="resources", seq=1, at=NOW, actor="S011")
    async with works.open(SYSTEM, now=NOW) as work:
        work.cause = envelope
        await service.handlers.handle(work, envelope, event.model_dump(mode="json"))


def placed(budget_no: str, fen: int, *, number: str = "DD1", revision: int = 1) -> OrderPlaced:
    return OrderPlaced(
        number=number, revision=revision, supplier="云山书店", sums=(FundSum(budget=budget_no, amount_cents=fen),), titles=1, copies=1
    )


async def voucher_of(works, no: str) -> Voucher:
    async with works.sessions() as session:
        return (await session.scalars(select(Voucher).where(Voucher.no == no))).one()


async def line(works, no: str) -> Budget:
    async with works.sessions() as session:
        return (await session.scalars(select(Budget).where(Budget.no == no))).one()


async def sums(works, no: str) -> tuple[int, int, int, int]:
    one = await line(works, no)
    return one.encumbered, one.pending, one.spent, one.available


async def told(works, name: str) -> list[dict]:
    async with works.sessions() as session:
        rows = await session.execute(select(outbox.c.payload).where(outbox.c.subject == f"guanwu.{name}.v1").order_by(outbox.c.id))
        return [row.payload for row in rows]


def test_the_sums_are_those_of_the_trade() -> None:
    now = Sums(approved=100_000_00, spent=42_000_00, encumbered=18_500_00)
    assert (now.available, now.use_rate, now.commitment_rate) == (39_500_00, 42.0, 60.5)
    assert level(now, warn=80, stop=100) == 0
    assert level(Sums(approved=100, encumbered=80), warn=80, stop=100) == 80
    assert level(Sums(approved=100, spent=60, encumbered=40), warn=80, stop=100) == 100


def test_all_lines_of_a_case_have_room_or_none_is_held() -> None:
    found = answer({}, {"A": 50, "B": 60}, {"A": 50, "B": 59})
    assert found.short == ["B"]
    assert answer({"A": Held(50, 50, 20)}, {"A": 30}, {}).deltas == {"A": -20}
    # Giving back is never refused, and never more than is held.
    assert answer({"A": Held(50, 50, 50)}, {}, {}).deltas == {}


async def test_a_budget_passes_three_people_and_its_sum_is_the_first_row(works) -> None:
    both = Actor(HEAD.id, "主任兼副馆长", posts=("head-office", "deputy"), dept="office")
    async with works.open(FIN) as work:
        await books.FUNDS.open(work, no="ZW", name="中文图书", kind="chinese_books")
        no = (await books.REGISTER.open(work, year=2026, fund="中文图书", planned="100,000.00")).no
    await act(works, books.REGISTER, both, no, "review")
    with pytest.raises(SamePerson):
        await act(works, books.REGISTER, both, no, "approve")
    await act(works, books.REGISTER, DIRECTOR, no, "approve")
    assert (await line(works, no)).available == 100_000_00
    assert not await told(works, "office.budget.allocated")
    await act(works, books.REGISTER, FIN, no, "start")
    (fact,) = await told(works, "office.budget.allocated")
    assert (fact["total_cents"], fact["open"], fact["fund_name"]) == (100_000_00, True, "中文图书")
    for wrong in ("UPDATE fund_entry SET amount = 1", "DELETE FROM fund_entry", "UPDATE budget SET encumbered = -1"):
        with pytest.raises(DBAPIError):
            async with works.sessions() as session:
                await session.execute(text(wrong))


async def test_an_order_is_held_once_paid_in_part_and_closed_with_what_was_saved(works) -> None:
    """9.8: 5,000 paid of an order held at 5,200."""
    no = await budget(works, "100000.00")
    for _twice in range(2):
        await hear(works, placed(no, 5_200_00))
    assert await sums(works, no) == (5_200_00, 0, 0, 94_800_00)
    invoice = InvoiceSubmitted(
        number="FP1", attempt=1, invoice_no="A-1", supplier="云山书店", amount_cents=5_000_00,
        shares=(PaymentShare(order="DD1", budget=no, amount_cents=5_000_00, release_cents=5_200_00),),
    )
    for _twice in range(2):
        await hear(works, invoice)
    assert await sums(works, no) == (5_200_00, 5_000_00, 0, 94_800_00)
    async with works.sessions() as session:
        (voucher,) = (await session.scalars(select(Voucher))).all()
    await act(works, VOUCHERS, FIN, voucher.no, "audit")
    await act(works, VOUCHERS, DIRECTOR, voucher.no, "approve")
    await act(works, VOUCHERS, FIN, voucher.no, "execute", method="转账")
    assert await sums(works, no) == (0, 0, 5_000_00, 95_000_00)
    (paid,) = await told(works, "office.payment.paid")
    assert (paid["reference"], paid["amount_cents"]) == ("FP1", 5_000_00)
    async with works.sessions() as session:
        (one,) = await report(session, "2026-11")
    assert (one.sums.spent, one.month, one.sums.encumbered, one.sums.available) == (5_000_00, 5_000_00, 0, 95_000_00)


async def test_a_returned_invoice_comes_again_and_an_old_one_does_not(works) -> None:
    no = await budget(works)
    await hear(works, placed(no, 500_00))
    def invoice(attempt: int) -> InvoiceSubmitted:
        return InvoiceSubmitted(
            number="FP1", attempt=attempt, invoice_no="A-1", supplier="云山书店", amount_cents=500_00,
            shares=(PaymentShare(order="DD1", budget=no, amount_cents=500_00, release_cents=500_00),),
        )
    await hear(works, invoice(1))
    async with works.sessions() as session:
        (first,) = (await session.scalars(select(Voucher))).all()
    await act(works, VOUCHERS, FIN, first.no, "return", return_reason="缺清单")
    assert (await sums(works, no))[:2] == (500_00, 0)
    await hear(works, invoice(1))
    await hear(works, invoice(2))
    async with works.sessions() as session:
        assert len((await session.scalars(select(Voucher))).all()) == 2
    assert (await sums(works, no))[1] == 500_00


async def test_a_wrong_payment_is_undone_by_a_voucher_of_its_own(app, works) -> None:
    no = await budget(works, "1000.00")
    await hear(works, placed(no, 520_00))
    def invoice(attempt: int) -> InvoiceSubmitted:
        return InvoiceSubmitted(
            number="FP1", attempt=attempt, invoice_no="A-1", supplier="云山书店", amount_cents=500_00,
            shares=(PaymentShare(order="DD1", budget=no, amount_cents=500_00, release_cents=520_00),),
        )
    await hear(works, invoice(1))
    async with works.sessions() as session:
        first = (await session.scalars(select(Voucher.no))).one()
    async with client(app, ADM) as adm:
        assert (await adm.post(f"/office/vouchers/{first}/reverse", data={"reason": "付错户"})).status_code == 409  # not paid yet
    for actor, action, asked in ((FIN, "audit", {}), (HEAD, "approve", {}), (FIN2, "execute", {"method": "转账"})):
        await act(works, VOUCHERS, actor, first, action, **asked)
    before = (await voucher_of(works, first)).version
    async with client(app, FIN2) as cashier, client(app, ADM) as adm, client(app, DIRECTOR) as boss:
        assert (await cashier.post(f"/office/vouchers/{first}/reverse", data={"reason": "付错户"})).status_code == 409
        assert (await boss.post(f"/office/vouchers/{first}/reverse", data={"reason": "付错户"})).status_code == 403
        assert (await adm.post(f"/office/vouchers/{first}/reverse", data={"reason": ""})).status_code == 422
        assert "红字冲销" in (await adm.get(f"/office/vouchers/{first}")).text
        made = await adm.post(f"/office/vouchers/{first}/reverse", data={"reason": "付错户"})
        contra = made.headers["location"].split("/")[-1].split("?")[0]
        assert (await adm.post(f"/office/vouchers/{first}/reverse", data={"reason": "付错户"})).status_code == 409
        # Each shows the other; the first one is as it was.
        assert contra in (await adm.get(f"/office/vouchers/{first}")).text
        assert first in (await adm.get(f"/office/vouchers/{contra}")).text
    assert await sums(works, no) == (0, 0, 500_00, 500_00)  # a voucher moves money when it is executed
    for actor, action, asked in ((FIN, "audit", {}), (HEAD, "approve", {})):
        await act(works, VOUCHERS, actor, contra, action, **asked)
    with pytest.raises(MakerReverses):
        await act(works, VOUCHERS, FIN2, contra, "execute", method="收回")
    await act(works, VOUCHERS, FIN, contra, "execute", method="收回")
    assert await sums(works, no) == (520_00, 0, 0, 480_00)
    row, undo = await voucher_of(works, first), await voucher_of(works, contra)
    assert (row.version, row.state, undo.amount, undo.reverses) == (before, "executed", -500_00, first)
    (fact,) = await told(works, "office.payment.reversed")
    assert (fact["reference"], fact["attempt"], fact["reverses"], fact["reason"]) == ("FP1", 1, first, "付错户")
    # The invoice comes again and is paid once.
    for _twice in range(2):
        await hear(works, invoice(2))
    assert await sums(works, no) == (520_00, 500_00, 0, 480_00)
    async with works.sessions() as session:
        (one,) = await report(session, "2026-11")
    assert (one.month, one.sums.spent) == (0, 0)


async def test_a_payment_by_hand_is_undone_on_the_line_it_took_from_unless_the_year_is_closed(works) -> None:
    no = await budget(works)
    async def paid_by_hand() -> str:
        async with works.open(ADM, now=NOW) as work:
            voucher = (await VOUCHERS.open(
                work, direction="spending", subject="订阅费", amount="40.00", party="邮局", made_on="2026-11-20", fund=no)).no
        await walk(voucher)
        return str(voucher)
    async def walk(voucher: str) -> None:
        for actor, action, asked in ((FIN, "audit", {}), (HEAD, "approve", {}), (FIN2, "execute", {"method": "转账"})):
            await act(works, VOUCHERS, actor, voucher, action, **asked)
    async def contra_of(voucher: str) -> str:
        async with works.open(Actor("S0015", "助理二", posts=("OFF-ADM",)), now=NOW) as work:
            return str((await reverse(work, voucher, "重复付款")).no)
    first, second = await paid_by_hand(), await paid_by_hand()
    contra = await contra_of(first)
    for actor, action, asked in ((FIN, "audit", {}), (HEAD, "approve", {}), (Actor("S0016", "出纳", posts=("OFF-FIN",)), "execute", {"method": "收回"})):
        await act(works, VOUCHERS, actor, contra, action, **asked)
    assert await sums(works, no) == (0, 0, 40_00, 960_00)
    with pytest.raises(NotReversible):
        await contra_of(contra)
    late = await contra_of(second)
    await act(works, books.REGISTER, FIN, no, "close")
    await act(works, VOUCHERS, FIN, late, "audit")
    await act(works, VOUCHERS, HEAD, late, "approve")
    with pytest.raises(YearClosed):
        await act(works, VOUCHERS, Actor("S0016", "出纳", posts=("OFF-FIN",)), late, "execute", method="收回")


async def test_what_is_cancelled_is_free_and_a_late_question_holds_nothing(works) -> None:
    no = await budget(works)
    await hear(works, placed(no, 300_00))
    less = OrderCancelled(number="DD1", revision=2, sums=(FundSum(budget=no, amount_cents=120_00),), whole=False, copies=1)
    await hear(works, less)
    await hear(works, placed(no, 300_00))
    assert (await sums(works, no))[0] == 120_00
    await hear(works, OrderCancelled(number="DD2", revision=2))
    await hear(works, placed(no, 100_00, number="DD2"))
    assert (await sums(works, no))[0] == 120_00


async def test_the_limits_warn_once_stop_and_give_way_to_the_director(works) -> None:
    no = await budget(works)
    await hear(works, placed(no, 800_00))
    await hear(works, placed(no, 100_00, number="DD2"))
    (warned,) = await told(works, "office.budget.threshold-crossed")
    assert (warned["level"], warned["committed_cents"]) == (80, 800_00)
    await hear(works, placed(no, 150_00, number="DD3"))
    (refused,) = await told(works, "office.budget.refused")
    assert (refused["reference"], refused["revision"], refused["budgets"]) == ("DD3", 1, [no])
    assert (await sums(works, no))[0] == 900_00
    await act(works, books.RESERVATIONS, DIRECTOR, "DD3", "override", override_reason="教学急需")
    assert await sums(works, no) == (1_050_00, 0, 0, -50_00)
    assert [fact["overridden"] for fact in await told(works, "office.budget.reserved")] == [False, False, True]
    assert [fact["level"] for fact in await told(works, "office.budget.threshold-crossed")] == [80, 100]


async def test_two_orders_at_once_do_not_take_the_same_money(works) -> None:
    no = await budget(works)
    await asyncio.gather(*(hear(works, placed(no, 600_00, number=f"DD{n}")) for n in (1, 2)))
    assert (await sums(works, no))[0] == 600_00
    assert len(await told(works, "office.budget.refused")) == 1


async def test_changes_are_decided_by_another_and_take_only_what_is_there(works) -> None:
    giver, taker = await budget(works), await budget(works, "100.00", "WW")
    await hear(works, placed(giver, 900_00))
    async with works.open(FIN) as work:
        much = (await books.CHANGES.open(work, kind="transfer", budget=giver, to_budget=taker, amount="200.00", reason="外文书涨价")).no
        some = (await books.CHANGES.open(work, kind="transfer", budget=giver, to_budget=taker, amount="100.00", reason="外文书涨价")).no
    with pytest.raises(NotEnough):
        await act(works, books.CHANGES, HEAD, much, "approve")
    with pytest.raises(SamePerson):
        await act(works, books.CHANGES, Actor(FIN.id, "财务", posts=("director",)), some, "approve")
    await act(works, books.CHANGES, HEAD, some, "approve")
    assert ((await line(works, giver)).available, (await line(works, taker)).available) == (0, 200_00)
    async with works.sessions() as session:
        entries = (await session.scalars(select(FundEntry.amount).where(FundEntry.reference == some))).all()
    assert sorted(entries) == [-100_00, 100_00]


async def test_a_voucher_by_hand_moves_the_line_it_names(works) -> None:
    no = await budget(works)
    async def pay(direction: str, yuan: str, leader: Actor) -> None:
        async with works.open(ADM, now=NOW) as work:
            voucher = (await VOUCHERS.open(
                work, direction=direction, subject="订阅费", amount=yuan, party="邮局", made_on=date(2026, 11, 20).isoformat(), fund="经费 ZW"
            )).no
        await act(works, VOUCHERS, FIN, voucher, "audit")
        await act(works, VOUCHERS, leader, voucher, "approve")
        await act(works, VOUCHERS, FIN2, voucher, "execute", method="转账")
    await pay("spending", "400.00", HEAD)
    await pay("income", "150.00", HEAD)
    assert await sums(works, no) == (0, 0, 250_00, 750_00)
    with pytest.raises(BeyondFunds):
        await pay("spending", "900.00", HEAD)
    await pay("spending", "900.00", DIRECTOR)


async def test_the_books_show_themselves_and_keep_strangers_out(app) -> None:
    works = app.state.kit.works
    no = await budget(works)
    await hear(works, placed(no, 100_00))
    books_and_forms = (
        (books.FUNDS, {"no": "F1", "name": "经费 F1", "kind": "binding"}),
        (books.REGISTER, {"year": "2030", "fund": "ZW", "planned": "100.00"}),
        (books.CHANGES, {"kind": "raised", "budget": no, "amount": "10.00", "reason": "学校追加"}),
        (books.REPORTS, {"period": "2026-11"}),
    )
    for register, filled in books_and_forms:
        await Promises(register, app, filled.copy).shows_its_pages()
        await Promises(register, app, filled.copy).says_what_is_wrong()
    fin = Actor("S0012", "财务", posts=("OFF-FIN",), dept="office")
    async with Promises(books.LEDGER, app, dict).browser(fin, "en") as client:
        for url in (f"/office/fund-ledger?budget={no}&kind=encumbrance", f"/office/budgets/{no}", "/office/reservations/DD1"):
            answer = await client.get(url)
            assert (answer.status_code, han_in(answer.text)) == (200, []), url
    async with Promises(books.LEDGER, app, dict).browser(Actor("X", "外人", posts=("RDR-CIR",))) as client:
        for register in books.REGISTERS:
            assert (await client.get(register.path)).status_code == 403
