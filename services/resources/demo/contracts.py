"""The demonstration of purchase contracts: one submitted to the office, one being drafted."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from services.resources.acquiring.contracts.model import PurchaseContract
from services.resources.acquiring.contracts.register import contracts
from shared.demo import person
from shared.service import Kit

# subject, kind, supplier, yuan, days
CONTRACTS = (
    ("中文图书年度框架采购", "purchase", "云山书业", "48000.00", 365), ("外文图书代理订购", "purchase", "海川图书进出口", "30000.00", 540),
)


async def seed(kit: Kit) -> None:
    """Once; the office opens its review when it hears of the first."""
    async with kit.works.open(person("res-acq")) as work:
        if await work.session.scalar(select(PurchaseContract.id).limit(1)):
            return
        made = [
            (await contracts.open(
                work, subject=subject, kind=kind, supplier=supplier, fund="中文图书" if n == 0 else "外文图书", amount=yuan,
                from_on=work.today.isoformat(), to_on=(work.today + timedelta(days=days)).isoformat(), prepay_percent=20,
                clauses="到货验收合格后付款；缺货十五日内告知；违约金按日千分之一",
            )).no
            for n, (subject, kind, supplier, yuan, days) in enumerate(CONTRACTS)
        ]
    async with kit.works.open(person("res-acq")) as work:
        await contracts.move(work, made[0], "submit")
