"""The demonstration of accompanying discs: a book with its disc, one that waits for its check, one with a past."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from services.reader.demo.supply import Supply
from services.reader.desk.circulation import commands as circulation
from services.reader.desk.discs import commands as discs
from services.reader.desk.discs.queries import waiting_check
from services.reader.desk.items import commands as items
from services.reader.desk.items.model import Circulation, Item, Use
from shared.barcodes import barcode
from shared.demo import person
from shared.events.resources import ItemCatalogued
from shared.refusals import Refusal
from shared.service import Kit

# Item id and barcode of each disc; the catalogue of the demonstration has none of its own.
DISCS = [(UUID(int=0x018F0000_0000_7000_8000_0000000D1500 + n), barcode("D", 480_001 + n)) for n in range(3)]


async def seed(supply: Supply) -> None:
    """Two discs of two books on the shelf and one on its own; two of them have been lent."""
    kit = supply.kit
    cards = [supply.reader() for _ in range(6)]
    async with kit.sessions() as session:
        if await session.get(Item, DISCS[0][0]):
            return
        books = (await session.scalars(
            select(Item).where(
                Item.kind == "book", Item.circulation == Circulation.available, Item.use == Use.loan, Item.copy_no == 1
            ).order_by(Item.barcode).limit(2)
        )).all()
    now = datetime.now(UTC)
    titles = [f"《{book.title}》配套光盘" for book in books] + ["馆藏数据库使用指南（光盘）"]
    for (item_id, code), title in zip(DISCS, titles, strict=False):
        async with kit.works.open(now=now - timedelta(days=40)) as work:
            await items.take_up(work, ItemCatalogued(
                item_id=str(item_id), barcode=code, title=title, instance_id=f"disc-{code}", location="MMD",
                location_name="多媒体阅览室", location_name_en="Multimedia Room", kind="disc",
            ))
    for (_item_id, code), book in zip(DISCS, books, strict=False):
        async with kit.works.open(person("rdr-dsk"), now=now - timedelta(days=39)) as work:
            await discs.belong(work, barcode=code, book=book.barcode)
    if len(books) == 2:
        await _lent_and_back(kit, DISCS[1][1], cards, now - timedelta(days=9), now - timedelta(hours=1))
        await _lent_and_back(kit, DISCS[2][1], cards, now - timedelta(days=12), now - timedelta(days=3), check=True)


async def _lent_and_back(
    kit: Kit, code: str, cards: Sequence[str], lent: datetime, back: datetime, *, check: bool = False
) -> None:
    for card in cards:
        try:
            async with kit.works.open(person("rdr-dsk"), now=lent) as work:
                await circulation.lend(work, card=card, barcode=code)
        except Refusal:
            continue  # this one may not borrow just now
        break
    else:
        return
    async with kit.works.open(person("rdr-dsk"), now=back) as work:
        done = await circulation.take_back(work, barcode=code)
    if not check:
        return
    async with kit.works.open(person("rdr-dsk2"), now=back + timedelta(minutes=10)) as work:
        waiting = await waiting_check(work.session, done.item.id)
        if waiting is not None:
            await discs.decide(
                work, number=waiting.number, passed=True, surface=True, readable=True, case=True, count=1
            )
