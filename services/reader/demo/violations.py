"""Violations: one just found, one decided and open to appeal, one appealed, and one that a patron who signs in can read."""

from __future__ import annotations

from typing import Any

from services.reader.demo.supply import GUESTS, Supply
from services.reader.desk.violations.register import violations


async def seed(supply: Supply) -> None:
    """Each as far as its story goes, by the people who would do it."""
    for what, facts, steps, guest in (
        ("disturbance", "阅览区大声通话，经劝阻仍继续", 0, ""), ("tearing", "撕下第 45 至 48 页，当场发现", 2, ""),
        ("card", "以他人证件入馆借书", 3, ""), ("disturbance", "自习区外放视频，经两次劝阻", 2, GUESTS[0]),
    ):
        async with supply.work("rdr-cir", supply.at(2, 14)) as work:
            no = (await violations.open(
                work, card=guest or supply.reader(), what=what, facts=facts, place="三层阅览区",
                happened_on=work.today.isoformat(), barcode=supply.book() if what == "tearing" else "",
            )).no
        told: tuple[tuple[str, str, dict[str, Any]], ...] = (
            ("prove", "rdr-cir", {"evidence": "现场照片两张，值班馆员在场", "rule": "读者入馆须知第 8 条"}),
            ("decide", "rdr-led", {"measure": "reminder", "decision": "当面教育，写书面检查"}),
            ("appeal", "rdr-cir", {"appeal": "证件为同学遗落，并非转借"}),
        )
        for action, who, asked in told[:steps]:
            async with supply.work(who, supply.at(2, 16)) as work:
                await violations.move(work, no, action, **asked)
