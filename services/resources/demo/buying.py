"""The demonstration of buying: suppliers, titles wanted, and orders at several points of their way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from services.resources.acquiring.desiderata import commands as desiderata
from services.resources.acquiring.desiderata.model import Origin
from services.resources.acquiring.funds.commands import learn
from services.resources.acquiring.funds.model import FundLine
from services.resources.acquiring.invoices.register import invoices
from services.resources.acquiring.orders import commands
from services.resources.acquiring.orders.commands import NewLine
from services.resources.acquiring.orders.model import Order
from services.resources.acquiring.orders.queries import lines_of
from services.resources.acquiring.orders.register import claim_late, orders
from services.resources.acquiring.suppliers.model import Supplier
from services.resources.acquiring.suppliers.register import suppliers
from services.resources.cataloguing.records.model import Instance
from services.resources.receiving.acceptance import commands as receiving
from services.resources.receiving.acceptance.register import acceptances
from shared.demo import person
from shared.events.office import BudgetAllocated
from shared.service import Kit
from shared.settings import LOCAL

SUPPLIERS = (
    {"name": "云山书业", "kind": "bookseller", "discount": 78, "contact": "邹经理", "phone": "0511-8800 1200"},
    {"name": "江畔新华", "kind": "bookseller", "discount": 82},
    {"name": "海川图书进出口", "kind": "importer", "currency": "USD", "rate": 7.2, "discount": 100},
)
# As the office numbers its first two budgets of the year; what it tells later replaces it.
LINES = (("中文图书", "Chinese books", "chinese_books", 600_000_00), ("外文图书", "Foreign books", "foreign_books", 180_000_00))
WANTED = (
    ("白鹿原", "陈忠实", "人民文学出版社", "2017", 4200), ("尘埃落定", "阿来", "人民文学出版社", "2013", 3500),
    ("活着", "余华", "作家出版社", "2012", 2000),
)
RUNNING = (
    NewLine("平凡的世界", 10800, 3, "路遥", "北京十月文艺出版社", "2012", "9787530212004", "I"),
    NewLine("三体", 2300, 5, "刘慈欣", "重庆出版社", "2008", "9787536692930", "I"),
)
LATE = (NewLine("百年孤独", 3950, 4, "加西亚·马尔克斯", "南海出版公司", "2011", "9787544253994", "I"),)


async def seed(kit: Kit) -> None:
    """Once: an order on its way, one that is late, one accepted and invoiced, one being drafted."""
    async with kit.works.open() as work:
        if await work.session.scalar(select(Supplier.id).limit(1)):
            return
        for n, (name, english, kind, total) in enumerate(LINES, 1):
            no = f"JF{work.today.year}-{n:04d}"
            if await work.session.get(FundLine, no) is None:
                await learn(work, BudgetAllocated(
                    budget=no, fund_name=name, fund_name_en=english, year=work.today.year, kind=kind, total_cents=total, available_cents=total,
                ))
    async with kit.works.open(person("res-acq")) as work:
        for one in SUPPLIERS:
            await suppliers.open(work, **one)
        for title, author, publisher, year, fen in WANTED:
            await desiderata.want(
                work, title=title, author=author, publisher=publisher, year=year, price_cents=fen, copies=2, origin=Origin.librarian
            )
        again = [
            NewLine(record.title, 4800, 2, year=str(record.year or ""), subject=record.clc[:2])
            for record in await work.session.scalars(
                select(Instance).where(Instance.material == "book", Instance.year.is_not(None)).order_by(Instance.title, Instance.number).limit(2)
            )
        ]
    now = datetime.now(UTC)
    await _order(kit, RUNNING, now - timedelta(days=12))
    await _order(kit, LATE, now - timedelta(days=104))
    if again:
        await _received(kit, await _order(kit, tuple(again), now - timedelta(days=30)))
    async with kit.works.open(person("res-acq")) as work:
        await orders.open(work, supplier="江畔新华", fund="中文图书", note="秋季文学类补充")
    async with kit.works.open() as work:
        await claim_late(work, now)


async def _order(kit: Kit, lines: tuple[NewLine, ...], at: datetime) -> str:
    """An order that was sent on that day; the office answers once more when it hears of it."""
    async with kit.works.open(person("res-acq"), now=at) as work:
        no = str((await orders.open(work, supplier="云山书业", fund="中文图书")).no)
        await commands.add_lines(work, no, lines)
    for who, action in (("res-acq", "check"), ("head-resources", "approve"), ("res-acq", "place")):
        async with kit.works.open(person(who), now=at) as work:
            await orders.move(work, no, action, **({"again_reason": "课程指定，增加复本"} if action == "check" else {}))
    async with kit.works.open(now=at) as work:
        order: Order = (await work.session.scalars(select(Order).where(Order.no == no))).one()
        await commands.hold(work, no, order.revision)
    return no


async def _received(kit: Kit, no: str) -> None:
    """The holdings manager accepts what the buyer ordered; the buyer takes the invoice in and asks for payment."""
    async with kit.works.open(person("res-mgt")) as work:
        lines = await lines_of(work.session, no)
        day = datetime.now(LOCAL).date().isoformat()
        got = (await acceptances.open(work, order_no=no, delivery_note="YS-1130", arrived_on=day, parcels=1, location="sk-2f")).no
        for line in lines:
            await receiving.count(work, got, line.id, arrived=line.copies)
    async with kit.works.open(person("res-mgt")) as work:
        await acceptances.move(work, got, "accept")
    async with kit.works.open(person("res-acq")) as work:
        order: Order = (await work.session.scalars(select(Order).where(Order.no == no))).one()
        bill = (await invoices.open(
            work, order_no=no, invoice_no="DEMO-FP-0001", invoiced_on=day, amount=f"{order.net_total / 100:.2f}"
        )).no
    async with kit.works.open(person("res-acq")) as work:
        await invoices.move(work, bill, "submit")
