"""The demonstration of collection evaluation: the year so far as a draft, with invented uses, a remark and proposals."""

from __future__ import annotations

from sqlalchemy import select, text

from services.resources.collections.evaluation import commands, queries
from services.resources.collections.evaluation.model import By, Evaluation, Grade
from services.resources.collections.evaluation.register import evaluations
from services.resources.collections.monthly.rules import period_of
from shared.demo import person
from shared.service import Kit

# Some shelves are busy, some are not: which copies were lent, and how often, follows from barcode and class.
_USES = text("""
INSERT INTO item_use (event_id, day, kind, barcode, item_id, n)
SELECT gen_random_uuid(), CAST(:today AS date) - (abs(hashtext(i.barcode || k)) % 20), CASE k % 4 WHEN 3 THEN 'in_house' ELSE 'loan' END,
       i.barcode, i.id, 1
FROM item i JOIN instance r ON r.id = i.instance_id, LATERAL (SELECT holding_class(r.clc, i.call_number) AS clc) c,
     generate_series(1, abs(hashtext(i.barcode)) % CASE WHEN c.clc IN ('I', 'TP', 'O') THEN 6 WHEN c.clc IN ('K', 'D') THEN 3 ELSE 2 END) k
WHERE i.life = 'in_stock'
""")


async def seed(kit: Kit) -> None:
    """Once; what is there already stays."""
    async with kit.works.open(person("res-mgt")) as work:
        if await work.session.scalar(select(Evaluation.id).limit(1)):
            return
        await work.session.execute(_USES, {"today": work.today})
        one = await evaluations.open(
            work, title=f"{work.today.year} 年度馆藏评价", month_from=f"{work.today.year}-01", month_to=period_of(work.today), readers=120,
        )
        number, lines = one.no, (await queries.lines(work.session, one.id, By.clc))[0]
        clc = max(lines, key=lambda line: line.loans).clc
    async with kit.works.open(person("res-mgt")) as work:
        await commands.say(work, number, clc=clc, grade=Grade.expand, comment="借阅集中、复本偏少，建议下一年度优先补充复本和新版。")
        await evaluations.move(work, number, "propose")
