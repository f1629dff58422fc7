"""The demonstration of the workshop: prices, an order that waits for sets, tickets at every turn; sets come from the reading rooms."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from services.resources.acquiring.funds.queries import named
from services.resources.cataloguing.items.model import Item, ItemLife
from services.resources.cataloguing.records.model import Instance
from services.resources.workshop.binding.orders import orders
from services.resources.workshop.digitisation.model import Ticket
from services.resources.workshop.digitisation.register import prices, tickets
from shared.demo import person
from shared.service import Kit

# Kind, colour, base and page in yuan.
PRICES = (
    ("scan", False, "5.00", "0.30"), ("scan", True, "5.00", "0.60"), ("print", False, "0.00", "0.10"), ("print", True, "0.00", "0.80"),
    ("booklet", False, "12.00", "0.15"), ("booklet", True, "20.00", "0.80"),
)
BEGIN, MADE = {"machine": "仰拍扫描仪", "dpi": 400}, {"master": "gj-0001.tif", "access": "gj-0001.pdf", "checksum": "5e" * 32, "minutes": 95}


async def seed(kit: Kit) -> None:
    """Once."""
    async with kit.works.open(person("res-dig")) as work:
        if await work.session.scalar(select(Ticket.id).limit(1)):
            return
        for kind, colour, base, page in PRICES:
            await prices.open(
                work, kind=kind, colour=colour, base_cents=base, page_cents=page, from_on=work.today - timedelta(days=200), note="馆务会 2026 年第 3 次",
            )
        fund = await named(work.session, "中文图书")  # there once the office has told of its budgets
        await orders.open(work, way="outside", binder="江畔装订厂", unit_cents="18.00", fund=fund.no if fund else "", due_on=work.today + timedelta(days=30), note="期刊年度装订")
        # Two open books, the newest in stock.
        books = list((await work.session.execute(
            select(Item.barcode, Instance.title).join(Instance, Instance.id == Item.instance_id)
            .where(Item.life == ItemLife.in_stock, Item.custodian == "reader", Item.kind == "book").order_by(Item.barcode.desc()).limit(2)
        )).all())
    if len(books) < 2:
        return
    (first, title), (second, other) = books
    keep = {"kind": "scan", "source": "own", "purpose": "keep", "work_pages": 320, "pages": 60, "asked_for": "特藏项目组", "charged_to": "数字化专项"}
    await _ticket(kit, 2, title=title, barcode=first, **keep)
    await _ticket(kit, 6, title=other, barcode=second, **keep)
    study = {"source": "eresource", "purpose": "study", "licence": "HT2026-0003 第 4 条", "asked_for": "陈同学", "charged_to": "本人"}
    await _ticket(kit, 3, kind="print", title="数字人文研究方法", work_pages=240, pages=24, **study)
    await _ticket(kit, 0, kind="print", title="深度学习导论", work_pages=500, pages=180, **study)
    await _ticket(kit, 9, kind="booklet", source="own", purpose="publish", title="迎新手册", work_pages=24, pages=24, copies=30, permission="本馆自编",
                  asked_for="读者服务部", charged_to="培训经费")


async def _ticket(kit: Kit, steps: int, **form: object) -> None:
    """A ticket that has come so many steps."""
    async with kit.works.open(person("rdr-dsk")) as work:
        ticket = await tickets.open(work, **form)
    pages = ticket.pages
    way: tuple[tuple[str, dict[str, Any]], ...] = (
        ("clear", {}), ("quote", {}), ("agree", {"agreed_how": "电话"}), ("start", BEGIN), ("progress", {"pages_done": pages // 2}),
        ("submit", {"pages_done": pages, **MADE}), ("pass", {"sampled": max(5, pages // 10)}), ("hand_over", {"handed_to": str(form["asked_for"])}), ("close", {}),
    )
    for verb, asked in way[:steps]:
        async with kit.works.open(person("res-dig2" if verb == "pass" else "res-dig")) as work:
            await tickets.move(work, ticket.no, verb, **asked)
