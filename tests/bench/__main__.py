"""`python -m tests.bench [part …] [--quick]`: measure the suite and say what was seen, raw limits beside it."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvloop

from deploy.local.ports import free_port
from deploy.local.suite import ROOT, Suite
from shared.settings import LOCAL
from tests.bench import (
    campus,
    day,
    desk,
    events,
    flatness,
    gateway_hop,
    holdings,
    imports,
    lag,
    oai,
    order,
    raw,
    report,
    search,
    selfcheck,
    weeding,
    work,
)
from tests.bench.machine import machine, versions
from tests.bench.stage import Stage, stage
from tests.support.infra import clear

# The raw limits come right before and after what they stand beside.
STAGED: dict[str, Callable[[Stage], Awaitable[dict[str, Any]]]] = {
    "raw": raw.measure, "desk": desk.measure, "selfcheck": selfcheck.measure, "flatness": flatness.measure, "lag": lag.measure,
    "work": work.measure, "imports": imports.measure, "campus": campus.measure, "day": day.measure,
}
ALONE: dict[str, Callable[[], Awaitable[dict[str, Any]]]] = {
    "events": events.measure, "search": search.measure, "hop": gateway_hop.measure,
    "oai": oai.measure, "holdings": holdings.measure, "order": order.measure, "weeding": weeding.measure,
}
SWITCHED_ON = (
    "PostgreSQL with fsync and synchronous commit, JetStream syncing every message, the demonstration library, "
    "loan rules, fines, holds, notices, audit, outbox and all five departments listening; "
    "requests go through the gateway with a bearer token"
)


def say(line: str) -> None:
    """Progress goes beside the table, not into it."""
    print(f"{time.strftime('%H:%M:%S')}  {line}", file=sys.stderr, flush=True)


def main() -> int:
    """Measure what was asked for, print one table, keep the figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join([*STAGED, *ALONE]))
    parser.add_argument("--quick", action="store_true", help="fewer samples: a look, not a figure to quote")
    parser.add_argument("--var", type=Path, help="keep the suite's folder here, for a warm start next time")
    parser.add_argument("--url", help="drive the day of a suite that runs elsewhere, such as https://127.0.0.1:8443")
    parser.add_argument("--password", default="", help="of its demonstration accounts")
    parser.add_argument("--sip2", default="", help="host:port of its self-check")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - {*STAGED, *ALONE}:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    logging.getLogger().setLevel(logging.ERROR)
    wanted = asked.parts or [*STAGED, *ALONE]
    if "desk" in wanted and "raw" not in wanted:
        wanted = ["raw", *wanted]
    found: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"), "quick": asked.quick,
        "machine": machine(), "versions": versions(), "switched_on": SWITCHED_ON, "parts": {},
    }
    if asked.url:
        found["switched_on"], wanted = f"whatever runs at {asked.url}, driven from this machine", []
        _note(found, "day", lambda: uvloop.run(day.elsewhere(asked.url, asked.password, sip2=asked.sip2, quick=asked.quick)))
    if any(part in STAGED for part in wanted):
        with ExitStack() as until_the_end:
            var = asked.var or Path(until_the_end.enter_context(
                tempfile.TemporaryDirectory(prefix="guanwu-bench-", ignore_cleanup_errors=True)
            ))
            if asked.var is None:
                var.chmod(0o711)  # PostgreSQL's own user passes through
                until_the_end.callback(clear, var)
            suite = Suite(var, free_port(), demo=True, password="bench-only-password", sip2=None, say=say)
            until_the_end.callback(suite.stop)
            say("starting the suite with the demonstration library")
            suite.start()
            suite.await_demo()
            uvloop.run(_staged(suite, [part for part in STAGED if part in wanted], found, quick=asked.quick))
    for part in (part for part in ALONE if part in wanted):
        _note(found, part, lambda part=part: uvloop.run(ALONE[part]()))
    found["load_after"] = [round(load, 1) for load in os.getloadavg()]
    print(report.table(found))
    path = ROOT / "var/bench" / f"{datetime.now(UTC).astimezone(LOCAL):%Y-%m-%dT%H%M}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    print(f"\nall figures: {path.relative_to(ROOT)}")
    return 1 if any("failed" in figures for figures in found["parts"].values()) else 0


def _note(found: dict[str, Any], part: str, measure: Callable[[], dict[str, Any]]) -> None:
    begun = time.monotonic()
    say(f"measuring {part}")
    try:
        found["parts"][part] = measure()
    except Exception as error:
        traceback.print_exc()
        found["parts"][part] = {"failed": f"{type(error).__name__}: {error}"[:500]}
    found["parts"][part]["took_seconds"] = round(time.monotonic() - begun, 1)


async def _staged(suite: Suite, parts: list[str], found: dict[str, Any], *, quick: bool) -> None:
    async with stage(suite, quick=quick) as ready:
        found["data"] = await _sizes(ready)
        for part in parts:
            begun = time.monotonic()
            say(f"measuring {part}")
            try:
                figures = await STAGED[part](ready)
                await ready.quiet()
            except Exception as error:
                traceback.print_exc()
                figures = {"failed": f"{type(error).__name__}: {error}"[:500]}
            found["parts"][part] = {**figures, "took_seconds": round(time.monotonic() - begun, 1)}


async def _sizes(ready: Stage) -> dict[str, int]:
    """How much there is before we add anything."""
    sizes = {}
    for service, tables in (("resources", ("instance", "item")), ("reader", ("patron", "loan"))):
        for table in tables:
            row = await (await ready.rows[service].execute(f"select count(*) from {table}")).fetchone()
            sizes[f"{service}.{table}"] = row[0] if row else 0
    return sizes


if __name__ == "__main__":
    sys.exit(main())
