"""The demonstration's patrons at the edges: orientation results, a card file, somebody who leaves, loans that are forgotten."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from services.reader.desk.campus import commands as campus
from services.reader.desk.circulation import commands as circulation
from services.reader.desk.clearance import commands as clearance
from services.reader.desk.clearance.model import LeavingKind
from services.reader.desk.passes import commands as passes
from services.reader.desk.privacy import commands as privacy
from shared.demo import person
from shared.refusals import Refusal
from shared.service import Kit
from shared.settings import LOCAL

# Returned so long ago that the first night parts them from their patrons.
LONG_AGO = timedelta(days=230)
FRESHMEN = ("李思齐", "王映川", "张南星", "刘青禾", "陈望舒", "杨景和")


async def seed(kit: Kit, shelf: Sequence[str]) -> None:
    """Everything with the real commands; the story of the desk has been told already."""
    now = datetime.now(UTC)
    await _forgotten(kit, shelf[-3:], now)
    await _freshmen(kit, now)
    await _card_file(kit, now)
    async with kit.works.open(person("rdr-dsk"), now=now - timedelta(hours=3)) as work:
        await clearance.open_case(
            work, card="20252001", leaving_on=work.today + timedelta(days=10), kind=LeavingKind.transfer
        )


async def _forgotten(kit: Kit, barcodes: Sequence[str], now: datetime) -> None:
    for n, barcode in enumerate(barcodes):
        try:
            async with kit.works.open(person("rdr-dsk"), now=now - LONG_AGO + timedelta(hours=n)) as work:
                await circulation.lend(work, card=f"2025200{n + 3}", barcode=barcode)
            async with kit.works.open(person("rdr-dsk"), now=now - LONG_AGO + timedelta(days=9, hours=n)) as work:
                await circulation.take_back(work, barcode=barcode)
        except Refusal:
            continue  # the book is out
    async with kit.works.open(now=now - timedelta(hours=8)) as work:
        await privacy.cut(work)


async def _freshmen(kit: Kit, now: datetime) -> None:
    """Of the two who had not passed one does now, one is below the mark and stays on the list of those who lack it."""
    day = now.astimezone(LOCAL).date() - timedelta(days=3)
    lines = ["学工号,姓名,考试日期,成绩", f"20231029,,{day},86", f"20231030,,{day},72", "20239999,,2026-09-10,90", f"20231001,,{day},95"]
    source = io.BytesIO("\n".join(lines).encode())
    async with kit.works.open(person("rdr-led"), now=now - timedelta(days=2)) as work:
        found = await passes.look(work, source, name="入馆教育成绩.csv")
    async with kit.works.open(person("rdr-led"), now=now - timedelta(days=2) + timedelta(minutes=5)) as work:
        await passes.apply(work, number=found.number)


async def _card_file(kit: Kit, now: datetime) -> None:
    """Looked at and waiting for a head: new ones, one changed, one leaving, one that is wrong."""
    lines = ["学工号,姓名,人员类别,学院,班级,有效期,状态"]
    lines += [f"2026100{n + 1},{name},本科生,计算机学院,软件工程 2026 级,2030-06-30,正常" for n, name in enumerate(FRESHMEN)]
    lines += ["20252014,,研究生,,,,", "20231002,张子涵,外星人,,,,", "20231028,,本科生,,,,毕业"]
    async with kit.works.open(person("rdr-led"), now=now - timedelta(hours=2)) as work:
        await campus.look(work, io.BytesIO("\n".join(lines).encode()), name="卡务中心-新生.csv")
