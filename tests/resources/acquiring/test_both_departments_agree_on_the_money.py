"""Whatever is done to orders in whatever order, with news late and double, both departments have the same sums in the end.

The real handlers on two real databases; facts of one department keep their order (the log sees to that), everything else is chance.

covers: OFF-FIN-01 RES-ACQ-01 RES-ACQ-04
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from services.office.app import service as office
from services.office.money.budgets import register as books
from services.office.money.expenditure.register import REGISTER as VOUCHERS
from services.office.money.expenditure.register import reverse
from services.resources.acquiring.invoices.register import invoices
from services.resources.acquiring.orders import commands
from services.resources.acquiring.orders.commands import NewLine
from services.resources.acquiring.orders.register import orders
from services.resources.acquiring.suppliers.register import suppliers
from services.resources.app import service as resources
from services.resources.receiving.acceptance import commands as receiving
from services.resources.receiving.acceptance.register import acceptances
from shared.database import uuid7
from shared.events.base import Envelope
from shared.identity import SYSTEM, Actor
from shared.refusals import Refusal
from tests.resources.conftest import House
from tests.support.departments import opened

BUYER = Actor("S011", posts=("RES-ACQ",), dept="resources")
HEAD = Actor("S010", posts=("head-resources",), dept="resources")
KEEPER = Actor("S002", posts=("RES-MGT",), dept="resources")
FIN, FIN2 = Actor("O1", posts=("OFF-FIN",)), Actor("O2", posts=("OFF-FIN",))
UNDOER, CASHIER = Actor("O5", posts=("OFF-ADM",)), Actor("O6", posts=("OFF-FIN",))
CHIEF, BOSS = Actor("O3", posts=("head-office",)), Actor("O4", posts=("director",))
NEWS = {"resources": ("resources.order.placed", "resources.order.cancelled", "resources.invoice.submitted",
                      "resources.contract.submitted", "resources.contract.withdrawn"), "office": (
    "office.budget.reserved", "office.budget.refused", "office.budget.allocated", "office.payment.paid", "office.payment.returned",
    "office.payment.reversed", "office.contract.approved", "office.contract.returned", "office.contract.signed", "office.contract.unsigned",
    "office.contract.expiring", "office.contract.ended")}


@dataclass
class Two:
    """Both departments, and how far each has read the other's log."""

    sides: dict[str, Any]
    chance: random.Random
    read: dict[str, int] = field(default_factory=lambda: {"resources": 0, "office": 0})

    async def rows(self, side: str, sql: str, **values: Any) -> list[Any]:
        async with self.sides[side].sessions() as session:
            return list((await session.execute(text(sql), values)).all())

    async def log(self, side: str) -> list[Any]:
        rows = await self.rows(side, "SELECT subject, payload, event_id FROM outbox ORDER BY id")
        return [r for r in rows if r[0].removeprefix("guanwu.").removesuffix(".v1") in NEWS[side]]

    async def tell(self, side: str, row: Any) -> None:
        other = "office" if side == "resources" else "resources"
        envelope = Envelope(event_id=row[2], name=row[0].removeprefix("guanwu.").removesuffix(".v1"), version=1, source=side, seq=1,
                            at=datetime.now(UTC))
        async with self.sides[other].works.open(SYSTEM, correlation=uuid7()) as work:
            work.cause = envelope
            await (office if other == "office" else resources).handlers.handle(work, envelope, row[1])

    async def listen(self, *, everything: bool = False) -> None:
        """Some of the news that waits; now and then an old piece once more."""
        for side in ("resources", "office"):
            log = await self.log(side)
            upto = len(log) if everything else self.chance.randint(self.read[side], len(log))
            for row in log[self.read[side]:upto]:
                await self.tell(side, row)
                if self.chance.random() < 0.3:
                    await self.tell(side, row)
            self.read[side] = upto
            if upto and not everything and self.chance.random() < 0.3:
                await self.tell(side, log[self.chance.randrange(upto)])

    async def settle(self) -> None:
        """Until nobody has anything to say."""
        for _round in range(20):
            before = dict(self.read)
            await self.listen(everything=True)
            if before == self.read:
                return
        raise AssertionError("the departments never stop talking")

    async def act(self, side: str, register: Any, actor: Actor, no: str, action: str, **asked: Any) -> None:
        async with self.sides[side].works.open(actor) as work:
            await register.move(work, no, action, **asked)


@pytest.fixture
async def two(house: House, database: Any, tmp_path: Any) -> Any:
    (tmp_path / "office").mkdir()
    async with opened(office, database("office"), tmp_path / "office") as app:
        yield Two({"resources": house.kit, "office": app.state.kit}, random.Random(7))


async def a_budget(two: Two, yuan: str) -> str:
    async with two.sides["office"].works.open(FIN) as work:
        await books.FUNDS.open(work, no="ZW", name="中文图书", kind="chinese_books")
        no = str((await books.REGISTER.open(work, year=2026, fund="ZW", planned=yuan)).no)
    for actor, action in ((CHIEF, "review"), (BOSS, "approve"), (FIN, "start")):
        await two.act("office", books.REGISTER, actor, no, action)
    await two.settle()
    return no


async def an_order(two: Two, budget: str) -> None:
    """Two titles of a few copies at an odd discount, asked for at once."""
    async with two.sides["resources"].works.open(BUYER) as work:
        no = str((await orders.open(work, supplier="云山书店", fund=budget)).no)
        await commands.add_lines(work, no, [
            NewLine(f"书 {no} {n}", two.chance.randint(100, 5000), two.chance.randint(1, 4), discount=two.chance.choice((50, 78.5, 100)))
            for n in range(2)
        ])
    for actor, action in ((BUYER, "check"), (HEAD, "approve"), (BUYER, "place")):
        await two.act("resources", orders, actor, no, action)


async def one_step(two: Two, budget: str) -> None:
    """Something somebody might do now; what is refused is refused."""
    chance, kit = two.chance, two.sides["resources"]
    deed = chance.choice(("order", "cancel", "less", "receive", "receive", "invoice", "invoice", "office", "office", "raise"))
    found = await two.rows("resources", "SELECT no FROM purchase_order ORDER BY no")
    no = chance.choice(found)[0] if found else ""
    if deed == "order":
        await an_order(two, budget)
    elif deed == "cancel" and no:
        await two.act("resources", orders, BUYER, no, "cancel", cancel_reason="不要了")
    elif deed in ("less", "receive") and no:
        lines = await two.rows("resources", "SELECT id, copies FROM order_line WHERE order_no = :no ORDER BY place", no=no)
        key, copies = chance.choice(lines)
        if deed == "less":
            async with kit.works.open(BUYER) as work:
                await commands.cancel_copies(work, no, key, copies=1, reason="绝版")
            return
        async with kit.works.open(KEEPER) as work:
            got = (await acceptances.open(work, order_no=no, arrived_on="2026-11-20", parcels=1, location="sk-2f")).no
            await receiving.count(work, got, key, arrived=chance.randint(1, copies))
            await work.session.flush()
            await acceptances.move(work, got, "accept")
    elif deed == "invoice" and no:
        bills = await two.rows("resources", "SELECT no FROM invoice WHERE state IN ('draft', 'returned') ORDER BY no")
        if not bills:
            async with kit.works.open(BUYER) as work:
                bill = await invoices.open(work, order_no=no, invoice_no=f"A-{chance.random()}", invoiced_on="2026-11-21", amount="1.00")
                owed = (await work.session.execute(text("SELECT sum(amount) FROM invoice_line WHERE invoice = :no"), {"no": bill.no})).scalar_one()
                bill.amount = int(owed)
            bills = [(bill.no,)]
        await two.act("resources", invoices, BUYER, bills[0][0], "submit", difference_reason="尾差")
    elif deed == "office":
        waiting = await two.rows("office", """SELECT no, state, reverses FROM voucher
            WHERE state IN ('prepared', 'audited', 'approved') ORDER BY no""")
        for voucher, state, contra in waiting[:1]:
            if chance.random() < 0.25:
                await two.act("office", VOUCHERS, FIN2, voucher, "return", return_reason="缺清单")
            elif state == "prepared":
                await two.act("office", VOUCHERS, FIN, voucher, "audit")
            elif state == "audited":
                await two.act("office", VOUCHERS, BOSS, voucher, "approve")
            else:
                await two.act("office", VOUCHERS, CASHIER if contra else FIN2, voucher, "execute", method="转账")
    elif deed == "raise" and not await undo(two):
        async with two.sides["office"].works.open(FIN) as work:
            change = (await books.CHANGES.open(work, kind="raised", budget=budget, amount="20.00", reason="追加")).no
        await two.act("office", books.CHANGES, BOSS, change, "approve")


async def undo(two: Two) -> bool:
    """A contra voucher for a payment that has none, if there is one."""
    done = await two.rows("office", """SELECT no FROM voucher v WHERE state = 'executed' AND reverses = ''
        AND NOT EXISTS (SELECT FROM voucher c WHERE c.reverses = v.no AND c.state <> 'returned') ORDER BY no""")
    if done:
        async with two.sides["office"].works.open(UNDOER) as work:
            await reverse(work, two.chance.choice(done)[0], "付错户")
    return bool(done)


async def pay_the_rest(two: Two) -> None:
    """Every voucher that waits goes its way to the end."""
    steps = {"prepared": ("audit", FIN, {}), "audited": ("approve", BOSS, {}), "approved": ("execute", FIN2, {"method": "转账"})}
    while waiting := await two.rows("office", """SELECT no, state, reverses FROM voucher
            WHERE state IN ('prepared', 'audited', 'approved') ORDER BY no"""):
        action, actor, asked = steps[waiting[0][1]]
        actor = CASHIER if waiting[0][2] and action == "execute" else actor
        await two.act("office", VOUCHERS, actor, waiting[0][0], action, **asked)
    await two.settle()


async def agree(two: Two) -> None:
    """9.8 on both sides: what is held is what orders still need, what is spent is what invoices took."""
    ((approved, adjusted, held, pending, spent),) = await two.rows(
        "office", "SELECT approved, adjusted, encumbered, pending, spent FROM budget")
    ((ledger,),) = await two.rows("office", "SELECT coalesce(sum(amount), 0) FROM fund_entry WHERE kind IN ('encumbrance', 'release')")
    sent = "('placed', 'part_arrived', 'arrived', 'accepted', 'invoiced', 'closed')"
    ((need,),) = await two.rows("resources", f"SELECT coalesce(sum(net_total), 0) FROM purchase_order WHERE state IN {sent}")
    ((settled, paid),) = await two.rows("resources", """SELECT coalesce(sum(l.release), 0), coalesce(sum(l.amount), 0)
        FROM invoice_line l JOIN invoice i ON i.no = l.invoice WHERE i.state = 'paid'""")
    ((lies,),) = await two.rows("resources", "SELECT coalesce(sum(amount), 0) FROM invoice WHERE state = 'submitted'")
    assert (held, ledger, pending, spent) == (need - settled, held, lies, paid)
    assert approved + adjusted >= held + spent
    asked = await two.rows("resources", "SELECT no FROM purchase_order WHERE state = 'asked'")
    assert not asked, "every question has its answer"


async def test_both_sides_agree_in_the_end(two: Two, house: House) -> None:
    await house.place()
    async with house.work(BUYER) as work:
        await suppliers.open(work, name="云山书店", kind="bookseller")
    budget = await a_budget(two, "250.00")
    for _order in range(2):
        await an_order(two, budget)
    refused = 0
    for _story in range(2):
        for _step in range(15):
            try:
                await one_step(two, budget)
            except Refusal:
                refused += 1
            await two.listen()
        await two.settle()
        await agree(two)
    await pay_the_rest(two)
    await agree(two)
    assert await undo(two)
    await pay_the_rest(two)
    await agree(two)
    kinds = {row[0] for row in await two.rows("office", "SELECT DISTINCT kind FROM fund_entry")}
    assert kinds >= {"allocation", "encumbrance", "release", "pending", "payment", "credit"}, (kinds, refused)
    # The whole log once more, as after a restore: nothing changes.
    for side in ("resources", "office"):
        for row in await two.log(side):
            await two.tell(side, row)
    await two.settle()
    await agree(two)
