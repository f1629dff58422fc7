"""What hands do all day: labels, the drop box, books read in the house, a sitting at the counter."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from services.reader.demo.supply import GUESTS, Supply
from services.reader.desk.counter import commands as counter
from services.reader.desk.counter.model import Mode
from services.reader.desk.dropbox import commands as dropbox
from services.reader.desk.inhouse import commands as inhouse
from services.reader.desk.items.model import Circulation, Item, Use
from services.reader.desk.processing import commands as processing
from services.reader.desk.processing.model import LabelJob
from shared.database import uuid7


async def labels(supply: Supply) -> None:
    """Worn barcodes replaced, labels asked for, some printed, some waiting."""
    for n, barcode in enumerate(supply.books(4)):
        async with supply.work("rdr-cir", supply.at(4 - n, 9)) as work:
            await processing.replace_barcode(work, barcode=barcode, reason=("条码磨损", "条码被涂画")[n % 2], card=supply.reader() if n == 3 else "")
    async with supply.work("rdr-dsk", supply.at(2, 17)) as work:
        jobs = (await work.session.scalars(select(LabelJob.id).order_by(LabelJob.asked_at).limit(2))).all()
        await processing.mark_printed(work, jobs=jobs)
    for barcode in supply.books(3):
        async with supply.work("rdr-dsk2", supply.at(1, 16)) as work:
            await processing.order_label(work, barcode=barcode)


async def drop_box(supply: Supply) -> None:
    """Last night's box by a list, with two problems in it, and this morning's begun by scanning."""
    night = [(await supply.lent(9))[1] for _ in range(5)]
    strange = [*supply.books(1), "A00999999"]
    new = (await supply.lent(0))[1]
    async with supply.work("rdr-dsk", supply.at(0, 8.1)) as work:
        run = await dropbox.open_run(work, on=supply.day(1), codes=[*night, *strange, new])
    left = 1
    while left:
        async with supply.work("rdr-dsk", supply.at(0, 8.2)) as work:
            left = await dropbox.go_on(work, number=run.number)
    async with supply.work("rdr-cir", supply.at(0, 12)) as work:
        noon = await dropbox.open_run(work, on=supply.today)
        for _ in range(2):
            await dropbox.scan(work, number=noon.number, barcode=supply.book())


async def reading(supply: Supply) -> None:
    """Books read at the tables this week, two of them still there, one from the closed stacks by card."""
    for n, barcode in enumerate(supply.books(9)):
        async with supply.work("rdr-cir", supply.at(4 - n // 2, 9.5 + n)) as work:
            await inhouse.use(work, barcode=barcode, left=n < 6)
        if n == 6:
            await supply.back(barcode, supply.at(1, 20), who="rdr-cir")
    async with supply.kit.sessions() as session:
        kept = await session.scalar(
            select(Item.barcode).where(Item.use == Use.closed, Item.circulation == Circulation.available)
            .order_by(func.md5(Item.barcode)).limit(1)
        )
    if kept is not None:
        async with supply.work("rdr-cir", supply.at(0, 9)) as work:
            await inhouse.use(work, barcode=kept, card=GUESTS[3])


async def sitting(supply: Supply) -> None:
    """The last patrons at each counter: lent, taken back, renewed, refused."""
    out = (await supply.lent(6))[1]
    renewed = (await supply.lent(18))[1]
    for clerk, ago in (("rdr-dsk2", timedelta(hours=2)), ("rdr-dsk", timedelta(minutes=25))):
        at = max(supply.now - ago, supply.at(0, 0))
        async with supply.work(clerk, at) as work:
            here = await counter.open_sitting(work, uuid7())
            first, second = supply.reader(), supply.reader()
            for code, mode in (
                (first, Mode.lend), (supply.book(), Mode.lend), (supply.book(), Mode.lend),
                *(((out, Mode.take_back), (renewed, Mode.renew)) if clerk == "rdr-dsk" else ()),
                (second, Mode.lend), (supply.book(), Mode.lend), ("A00999998", Mode.lend),
            ):
                await counter.scan(work, here, code=code, mode=mode)
                await work.session.flush()
