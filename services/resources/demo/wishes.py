"""A supplier's list that somebody is choosing from, and a book fair where readers pick."""

from __future__ import annotations

import csv
import tempfile
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from services.resources.acquiring.onsite import commands as picking
from services.resources.acquiring.onsite.register import onsite
from services.resources.acquiring.selections import commands, queries
from services.resources.acquiring.selections.model import Decision, SelectionList
from services.resources.cataloguing.records.model import Instance
from shared.demo import person
from shared.identity import Actor
from shared.service import Kit

HEADS = ("书名", "作者", "出版社", "出版年", "ISBN", "定价", "中图分类号")
OFFER = (
    ("中国近代史", "蒋廷黻", "上海古籍出版社", "2004", "9787532537013", "18.00", "K25"),
    ("国史大纲", "钱穆", "商务印书馆", "1996", "9787100017664", "60.00", "K20"),
    ("万历十五年", "黄仁宇", "中华书局", "2007", "9787101052039", "18.00", "K248"),
    ("美的历程", "李泽厚", "生活·读书·新知三联书店", "2009", "9787108030955", "29.00", "B83"),
    ("平凡的世界", "路遥", "北京十月文艺出版社", "2017", "9787530216781", "约108", "I247.57"),
    ("平凡的世界", "路遥", "北京十月文艺出版社", "2017", "9787530216781", "108.00", "I247.57"),
    ("数学之美", "吴军", "人民邮电出版社", "2020", "9787115537973", "69.00", "O1"),
    ("江村经济", "费孝通", "商务印书馆", "2001", "", "25.00", "C912"),
)
# Two of the readers who sign in.
READERS = ("20231001", "20231002")
PICKS = (("9787101052039", ""), ("9787108030955", ""), ("9787020104246", "58.00"))


async def seed(kit: Kit) -> None:
    """One list, half chosen; a second run finds it there."""
    async with kit.sessions() as session:
        if await session.scalar(select(SelectionList.id).limit(1)):
            return
        ours = [(title, "", "", str(year or ""), "", "", clc) for title, year, clc in await session.execute(
            select(Instance.title, Instance.year, Instance.clc).order_by(Instance.number).limit(3))]
    with tempfile.TemporaryDirectory(prefix="guanwu-demo-") as folder:
        path = Path(folder) / "十一月社科目录.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows((HEADS, *OFFER, *ours))
        async with kit.works.open(person("res-acq")) as work:
            found = await commands.upload(work, path, name=path.name, supplier="江南图书发行公司")
    async with kit.works.open(person("res-acq")) as work:
        await commands.remap(work, found.no, mapping=found.mapping)
        rows, _total = await queries.rows(work.session, found.id, {}, limit=4)
        await commands.decide(work, found.no, decision=Decision.take, copies=2, ids=[row.id for row in rows[:2]])
        await commands.decide(work, found.no, decision=Decision.expert, ids=[rows[3].id])
    await _fair(kit)


async def _fair(kit: Kit) -> None:
    """An event that is open, with a few picks."""
    async with kit.works.open(person("res-acq")) as work:
        event = await onsite.open(work, title="读者选书日", place="云山书城二楼", held_on=work.today + timedelta(days=2), budget_cents=30_000)
    async with kit.works.open(person("res-acq")) as work:
        await picking.invite(work, event.no, people=" ".join((*READERS, work.actor.id)))
        await work.session.flush()
        await onsite.move(work, event.no, "open")
    for isbn, price in PICKS:
        async with kit.works.open(Actor(READERS[0], kind="patron", card=READERS[0])) as work:
            await picking.pick(work, event.no, isbn=isbn, price=price)
