"""The demonstration of subscriptions: one that waits for a head's word, one that waits for its order, a gift that has begun."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from services.resources.acquiring.subscriptions.model import Subscription
from services.resources.acquiring.subscriptions.register import subscriptions
from services.resources.acquiring.suppliers.register import suppliers
from shared.demo import person
from shared.service import Kit

SUPPLIER = "江畔报刊发行站"


async def seed(kit: Kit) -> None:
    """Once; next year's term, as it is ordered in autumn."""
    async with kit.works.open(person("res-acq")) as work:
        if await work.session.scalar(select(Subscription.id).limit(1)):
            return
        await suppliers.open(work, name=SUPPLIER, kind="periodicals", contact="邱站长")
        year = work.today.year
        term = {"from_on": date(year + 1, 1, 1), "to_on": date(year + 1, 12, 31), "supplier": SUPPLIER, "fund": "中文图书"}
        await subscriptions.open(work, title="时事周刊", kind="magazine", copies=2, price_minor="260.00", **term)
        approved = await subscriptions.open(work, title="数字人文学刊", kind="journal", copies=1, price_minor="480.00", **term)
        gift = await subscriptions.open(
            work, title="校友通讯", kind="magazine", source="gift", copies=1, from_on=date(year, 1, 1), to_on=date(year, 12, 31),
        )
    for no in (approved.no, gift.no):
        async with kit.works.open(person("head-resources")) as work:
            await subscriptions.move(work, no, "approve")
    async with kit.works.open(person("res-acq")) as work:
        await subscriptions.move(work, approved.no, "order")
        await subscriptions.move(work, gift.no, "start")
