"""The demonstration of handing over: a batch that waits to be counted in, and books still in the workroom."""

from __future__ import annotations

from sqlalchemy import select

from services.resources.cataloguing.handover import commands, following
from services.resources.cataloguing.handover.model import Batch
from services.resources.cataloguing.items import rules
from services.resources.cataloguing.items.accompanying import add_disc
from services.resources.cataloguing.items.commands import add_item
from services.resources.cataloguing.items.queries import next_barcode
from services.resources.cataloguing.records.model import Instance
from shared.demo import person
from shared.events.reader import ServicePointSaved
from shared.service import Kit

SENT, WAITING = 5, 3
# As reader services found their points; what they tell later replaces it.
MAIN = ServicePointSaved(code="MAIN", point_name="总服务台", point_name_en="Main Desk")


async def seed(kit: Kit) -> None:
    """Further copies of some titles come in; most of them are on their way to the main desk."""
    async with kit.works.open(person("res-mgt")) as work:
        if await work.session.scalar(select(Batch.id).limit(1)):
            return
        await following.know_point(work, MAIN)
        records = (await work.session.scalars(
            select(Instance).where(Instance.material == "book", Instance.call_number != "")
            .order_by(Instance.title.desc(), Instance.number).limit(SENT + WAITING)
        )).all()
        codes = []
        for record in records:
            barcode = await next_barcode(work.session, record.material)
            await add_item(
                work, number=record.number, barcode=barcode, location="sk-2f", price_cents=4800, in_process=True
            )
            await work.session.flush()
            codes.append(barcode)
        # The last of those that wait came with a disc, which waits with it.
        await add_disc(
            work, book=codes[-1], barcode=await next_barcode(work.session, rules.DISC), note="随书附赠，附练习与音频"
        )
        batch, _done = await commands.open_batch(work, point=MAIN.code, note="秋季补充复本", codes=codes[:SENT])
        for barcode in codes[:SENT]:
            await commands.check(work, number=batch.number, barcode=barcode)
        await commands.send(work, number=batch.number)
