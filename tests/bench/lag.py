"""From the desk's damage report to the repair job on the workshop's list, both as people's programs see it."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from tests.bench.desk import clerks
from tests.bench.load import Watch, spread
from tests.bench.stage import Stage, Unexpected

WITHIN = 20.0


async def measure(stage: Stage) -> dict[str, Any]:
    """Milliseconds until the job is listed, at rest and while eight clerks lend and take back."""
    number = 15 if stage.quick else 60
    copies = await stage.stock(2 * number)
    await stage.token("res-dig")
    await stage.quiet()
    for code in copies[:3]:
        await _one(stage, code)
    at_rest = [await _one(stage, code) for code in copies[3:number]]
    busy = await clerks(stage, 8)
    await stage.quiet()
    over, watch = asyncio.Event(), Watch()

    async def lend(client: Any) -> None:
        while not over.is_set():
            await client(watch)

    async with asyncio.TaskGroup() as group:
        for client in busy:
            group.create_task(lend(client))
        begun = time.monotonic()
        await asyncio.sleep(0.5)
        at_work = [await _one(stage, code) for code in copies[number:]]
        over.set()
    rate = len(watch.seen) / (time.monotonic() - begun)
    return {
        "at_rest": spread(at_rest),
        "under_load": {**spread(at_work), "operations_per_second_beside": round(rate, 1)},
    }


async def _one(stage: Stage, code: str) -> float:
    """Seconds from sending the report until the list shows the job; the asking itself is part of it."""
    begun = time.perf_counter()
    report = {"barcode": code, "kind": "torn", "grade": "medium", "note": ""}
    await stage.ask("rdr-dsk", "POST", "/api/reader/damage-reports", report, status=201)
    while True:
        found = await stage.ask("res-dig", "GET", f"/api/resources/repairs?q={code}")
        if found["items"]:
            return time.perf_counter() - begun
        if time.perf_counter() - begun > WITHIN:
            raise Unexpected(f"no repair job for {code} after {WITHIN:.0f} s")
        await asyncio.sleep(0.002)
