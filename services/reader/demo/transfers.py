"""The demonstration of transfers: one list under way to the east campus, one that waits for a head's word."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from services.reader.demo.supply import Supply
from services.reader.desk.items.model import Item
from services.reader.desk.items.queries import FREE
from services.reader.desk.transfers import approving, commands
from services.reader.desk.transfers.model import Transfer
from shared.demo import person

BOOKS, ASKED = 4, 3
TO = "EAST"


async def seed(supply: Supply) -> None:
    """Books of the fullest location leave for the second one; nothing where there is only one, or a list already."""
    kit = supply.kit
    async with kit.sessions() as session:
        if await session.scalar(select(Transfer.id).limit(1)):
            return
        places = (await session.scalars(
            select(Item.location).where(*FREE).group_by(Item.location).order_by(func.count().desc(), Item.location).limit(2)
        )).all()
        if len(places) < 2:
            return
        books = (await session.scalars(
            select(Item.barcode).where(*FREE, Item.location == places[0]).order_by(Item.barcode.desc()).limit(BOOKS + 1 + ASKED)
        )).all()
    begun = datetime.now(UTC) - timedelta(hours=3)
    first, second = books[:BOOKS + 1], books[BOOKS + 1:]
    async with kit.works.open(person("rdr-dsk"), now=begun) as work:
        transfer, _done = await commands.open_transfer(
            work, origin="MAIN", location=places[1], to=TO, reason="东校区教学参考", codes=first
        )
        await approving.submit(work, number=transfer.number)
    async with kit.works.open(person("rdr-led"), now=begun + timedelta(minutes=20)) as work:
        await approving.approve(work, number=transfer.number)
    # The last one was not found on its shelf.
    async with kit.works.open(person("rdr-dsk"), now=begun + timedelta(hours=1)) as work:
        for barcode in first[:BOOKS]:
            await commands.scan_out(work, number=transfer.number, barcode=barcode)
        await commands.send(work, number=transfer.number)
    if second:
        async with kit.works.open(person("rdr-dsk2"), now=begun + timedelta(hours=2)) as work:
            waits, _done = await commands.open_transfer(
                work, origin="MAIN", location=places[1], to=TO, reason="东校区借阅多，增配复本", codes=second
            )
            await approving.submit(work, number=waits.number)
