"""The demonstration of gifts and of weeding: one gift to decide, one received, a batch to look at and one on its way."""

from __future__ import annotations

from sqlalchemy import select

from services.resources.acquiring.donations import commands as giving
from services.resources.acquiring.donations.model import Donation, Rule, Verdict
from services.resources.acquiring.donations.register import donations
from services.resources.collections.batches.model import Batch, Ground
from services.resources.collections.batches.register import batches
from shared.demo import person
from shared.service import Kit

OFFER = (
    {"title": "镇江历代诗词选", "author": "严其林编", "publisher": "江苏大学出版社", "year": "2015", "isbn": "", "price": "48.00", "copies": "2"},
    {"title": "万历十五年", "author": "黄仁宇", "publisher": "中华书局", "year": "2007", "isbn": "9787101052039", "price": "18.00", "copies": "1"},
    {"title": "农机具图谱（油印本）", "author": "", "publisher": "", "year": "1974", "isbn": "", "price": "", "copies": "1", "condition": "worn"},
    {"title": "高等数学习题集（复印）", "author": "", "publisher": "", "year": "", "isbn": "", "price": "", "copies": "3", "condition": "poor"},
)


async def seed(kit: Kit) -> None:
    """Once; what is there already stays."""
    async with kit.works.open(person("res-acq")) as work:
        if await work.session.scalar(select(Donation.id).limit(1)):
            return
        first = await donations.open(
            work, subject="地方文献与农机资料一批", donor="吴念祖", phone="13800000000", offered_on=work.today, shelf="吴念祖赠书专架",
            terms="请集中陈列", thanks=True, thanks_as="校友吴念祖", location="sk-2f",
        )
        await giving.add(work, first.no, OFFER)
        second = await donations.open(
            work, subject="校友著作两种", donor="云山校友会", kind="unit", offered_on=work.today, location="sk-2f", thanks=True, thanks_as="云山校友会",
        )
        await giving.add(work, second.no, OFFER[:2])
        await giving.decide_lines(work, second.no, [], verdict=Verdict.open, rule=Rule.none, by_rule=True)
        await donations.move(work, second.no, "decide")
        await donations.move(work, second.no, "receive")
    async with kit.works.open(person("res-mgt")) as work:
        if await work.session.scalar(select(Batch.id).limit(1)):
            return
        one = await batches.open(
            work, title=f"{work.today.year} 年度剔旧", grounds=[Ground.missing, Ground.superseded, Ground.excess], copies_kept=1,
            note="同种只留一册，其余下架",
        )
        await batches.move(work, one.no, "build")
        if await work.session.scalar(select(Batch.id).where(Batch.id == one.id, Batch.built_at.is_not(None))):
            other = await batches.open(work, title="二层社科库复本清理", grounds=[Ground.excess], copies_kept=2, places=["sk-2f"])
            await batches.move(work, other.no, "build")
