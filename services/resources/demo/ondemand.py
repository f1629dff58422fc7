"""A pool of foreign titles that readers may ask for."""

from __future__ import annotations

import csv
import tempfile
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from services.resources.acquiring.funds.queries import lines
from services.resources.acquiring.ondemand import commands
from services.resources.acquiring.ondemand.model import DemandPool
from services.resources.acquiring.selections import commands as selections
from shared.demo import person
from shared.service import Kit

OFFER = (
    ("Introduction to Algorithms", "Cormen", "MIT Press", "2022", "9780262046305", "720.00", "TP301"),
    ("Reinforcement Learning", "Sutton", "MIT Press", "2018", "9780262039246", "640.00", "TP18"),
    ("The Pragmatic Programmer", "Thomas", "Addison-Wesley", "2019", "9780135957059", "390.00", "TP311"),
    ("Fluid Mechanics", "White", "McGraw-Hill", "2015", "9780073398273", "1180.00", "O35"),
    ("Deep Learning", "Goodfellow", "MIT Press", "2016", "9780262035613", "610.00", "TP18"),
)


async def seed(kit: Kit) -> None:
    """One pool, when the office has allocated a budget; a second run finds it there."""
    async with kit.sessions() as session:
        if await session.scalar(select(DemandPool.id).limit(1)):
            return
        funds = await lines(session)
    if not funds:
        return
    with tempfile.TemporaryDirectory(prefix="guanwu-demo-") as folder:
        path = Path(folder) / "外文新书目录.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows((("书名", "作者", "出版社", "出版年", "ISBN", "定价", "中图分类号"), *OFFER))
        async with kit.works.open(person("res-acq")) as work:
            made = await selections.upload(work, path, name=path.name, supplier="海外图书进出口公司")
    async with kit.works.open(person("res-acq")) as work:
        await selections.remap(work, made.no, mapping=made.mapping)
    async with kit.works.open(person("res-acq")) as work:
        await commands.draw_up(
            work, list_no=made.no, name="外文新书按需采购", ends_on=work.today + timedelta(days=180),
            rule={"requests": 3, "teacher": True, "cap_cents": 100_000, "month_cents": 500_000, "fund": funds[0].no},
        )
