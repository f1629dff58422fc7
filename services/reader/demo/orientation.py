"""Orientation: of the two who had not passed one does now, one is below the mark."""

from __future__ import annotations

import io
from datetime import timedelta

from services.reader.demo.supply import Supply
from services.reader.desk.passes import commands as passes


async def seed(supply: Supply) -> None:
    """A list with a known pass, a low mark, a card nobody has and one who had passed already."""
    day = supply.day(3)
    lines = ["学工号,姓名,考试日期,成绩", f"20231029,,{day},86", f"20231030,,{day},72", "20239999,,2026-09-10,90", f"20231001,,{day},95"]
    at = supply.at(2, 9)
    async with supply.work("rdr-led", at) as work:
        found = await passes.look(work, io.BytesIO("\n".join(lines).encode()), name="入馆教育成绩.csv")
    async with supply.work("rdr-led", at + timedelta(minutes=5)) as work:
        await passes.apply(work, number=found.number)
