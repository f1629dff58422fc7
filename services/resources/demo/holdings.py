"""The demonstration of holdings: a stock-take that is nearly through, and the report of the month."""

from __future__ import annotations

from sqlalchemy import select

from services.resources.cataloguing.items.model import Item, ItemLife
from services.resources.collections.monthly.model import HoldingsMonth
from services.resources.collections.monthly.register import holdings
from services.resources.collections.monthly.rules import period_of
from services.resources.collections.stocktake import commands
from services.resources.collections.stocktake.model import Stocktake
from services.resources.collections.stocktake.register import stocktakes
from shared.demo import person
from shared.service import Kit

PLACE = "wy-2f"
# Most of the shelf is through, some stand where they should not, and one bears a barcode nobody knows.
LEFT, STRAYS = 6, 3


async def seed(kit: Kit) -> None:
    """Once; what is there already stays."""
    async with kit.works.open(person("res-mgt")) as work:
        if await work.session.scalar(select(HoldingsMonth.id).limit(1)) is None:
            await holdings.open(work, period=period_of(work.today))
        if await work.session.scalar(select(Stocktake.id).limit(1)):
            return
        places = set(await work.session.scalars(select(Item.location).distinct()))
        place = PLACE if PLACE in places else next(iter(sorted(places)), "")
        if not place:
            return
        one = await stocktakes.open(work, title="年度清点", places=[place], note="与学期末整架同时进行")
        number = one.no
        await stocktakes.move(work, number, "open")
    async with kit.works.open(person("res-mgt")) as work:
        here = select(Item.barcode).where(Item.life == ItemLife.in_stock).order_by(Item.shelf_key, Item.barcode)
        codes = list(await work.session.scalars(here.where(Item.location == place)))
        strays = list(await work.session.scalars(here.where(Item.location != place).limit(STRAYS)))
        await commands.scan(work, number, [*codes[:-LEFT], *strays, "A000000000X"], place=place)
