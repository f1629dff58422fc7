"""The university's card file at its real size: looked at, taken up, and the same file again with a few changes.

Forty thousand rows, all new at first: the worst case. Beside the times stands the memory of the department's
process before and at its highest: it must not grow with the file.
"""

from __future__ import annotations

import asyncio
import random
import time
from typing import Any

import aiohttp
import psutil

from tests.bench.stage import Stage, Unexpected

ROWS, QUICK, WITHIN = 40_000, 4_000, 600.0
CHANGED = 50  # one row in so many differs in the second file
HEADS = "学工号,姓名,人员类别,学院,班级,有效期,物理卡号,电话"
COLLEGES = ("文学院", "计算机学院", "机械工程学院", "医学院", "财经学院", "食品学院", "外国语学院")
SURNAMES, GIVEN = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗", "雨桐子涵思远若溪明轩佳宁文博清扬梓萱浩然"


def file_of(first: int, count: int, *, changed: bool = False) -> bytes:
    """The file as the card centre writes it; `changed` moves every fiftieth person to another college."""
    chance = random.Random(20261127)
    lines = [HEADS]
    for n in range(count):
        name = chance.choice(SURNAMES) + chance.choice(GIVEN) + chance.choice(GIVEN)
        college = COLLEGES[(n + (1 if changed and n % CHANGED == 0 else 0)) % len(COLLEGES)]
        kind = ("本科生", "本科生", "硕士", "教工")[n % 4]
        lines.append(f"BN{first + n},{name},{kind},{college},{2023 + n % 4} 级 {n % 9 + 1} 班,2030-06-30,C{first + n},138{first + n}")
    return ("\n".join(lines) + "\n").encode()


class Memory:
    """The resident memory of one process, looked at ten times a second; in MiB."""

    def __init__(self, pid: int) -> None:
        self.process = psutil.Process(pid)
        self.before = self.now()
        self.most = self.before

    def now(self) -> float:
        """At this moment."""
        return round(self.process.memory_info().rss / (1 << 20), 1)

    async def watch(self) -> None:
        """Until cancelled."""
        while True:
            self.most = max(self.most, self.now())
            await asyncio.sleep(0.1)


async def measure(stage: Stage) -> dict[str, Any]:
    """Seconds of the look and of the taking up; all rows new, then the file again."""
    count = QUICK if stage.quick else ROWS
    first = next(stage.serials)
    for _n in range(count):
        next(stage.serials)
    memory = Memory(stage.suite.pid("reader") or 0)
    watching = asyncio.create_task(memory.watch())
    try:
        new = await _one(stage, await asyncio.to_thread(file_of, first, count))
        again = await _one(stage, await asyncio.to_thread(lambda: file_of(first, count, changed=True)))
        same = await _one(stage, await asyncio.to_thread(lambda: file_of(first, count, changed=True)))
    finally:
        watching.cancel()
    moved = -(-count // CHANGED)
    wanted = ({"insert": count}, {"change": moved, "same": count - moved}, {"same": count})
    for run, expected in zip((new, again, same), wanted, strict=True):
        if run["came_to"] != expected:
            raise Unexpected(f"the file came to {run['came_to']}, not to {expected}")
    heard = await stage.quiet(within=WITHIN)
    return {
        "rows": count, "all_new": _figures(new), "one_in_fifty_changed": _figures(again), "the_same_again": _figures(same),
        "reader_mib": {"before": memory.before, "at_most": memory.most}, "heard_by_all_seconds_after": round(heard, 1),
    }


def _figures(run: dict[str, Any]) -> dict[str, Any]:
    return {name: run[name] for name in ("look_seconds", "apply_seconds")}


async def _one(stage: Stage, content: bytes) -> dict[str, Any]:
    form = aiohttp.FormData()
    form.add_field("file", content, filename="bench.csv", content_type="text/csv")
    headers = {"authorization": f"Bearer {await stage.token('rdr-led')}"}
    begun = time.monotonic()
    async with stage.http.post("/api/reader/card-files", data=form, headers=headers) as answer:
        if answer.status != 201:
            raise Unexpected(f"the file was not taken: {answer.status} {await answer.text()}")
        number = (await answer.json())["number"]
    looked = time.monotonic() - begun
    begun = time.monotonic()
    await stage.ask("rdr-led", "POST", f"/api/reader/card-files/{number}/apply")
    while True:
        file = await stage.ask("rdr-led", "GET", f"/api/reader/card-files/{number}?limit=1")
        if file["state"] == "done":
            break
        if time.monotonic() - begun > WITHIN:
            raise Unexpected(f"the file is still being taken up after {WITHIN:.0f} s")
        await asyncio.sleep(0.2)
    return {
        "look_seconds": round(looked, 1), "apply_seconds": round(time.monotonic() - begun, 1), "came_to": file["counts"],
    }
