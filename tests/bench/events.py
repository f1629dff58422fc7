"""How long a fact takes from one department's commit to another's, and how fast a backlog drains.

Two processes with durable servers of their own, as in production: one states facts and relays them,
the other writes one row per fact. `python -m tests.bench.events` prints the figures.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from deploy.local.nats import Nats
from deploy.local.ports import free_port
from deploy.local.postgres import Postgres
from shared.events.reader import ItemShelved
from shared.messaging.handlers import Handlers
from shared.work import Work
from tests.shared.messaging.rig import (
    Department,
    create_database,
    department,
    effect,
    shelved,
    until,
)

RATE, SECONDS, BACKLOG = 50, 12, 10_000


async def listen(url: str, nats_url: str) -> None:
    """The hearing department; on SIGTERM it says when each effect was committed."""
    place = await department("office", url, nats_url)
    committed: dict[int, float] = {}
    handlers = Handlers()

    @handlers.on(ItemShelved)
    async def note_on_shelved(work: Work, event: ItemShelved) -> None:
        await effect(work, event)
        work.after_commit.append(lambda: committed.__setitem__(int(event.title), time.time()))

    await place.bus(handlers)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await ended.wait()
    await place.stop()
    await place.engine.dispose()
    Path(os.environ["GUANWU_BENCH_OUT"]).write_text(json.dumps(committed))


def quantile(ordered: list[float], share: float) -> float:
    """The value below which that share lies, in milliseconds."""
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 1)


async def measure() -> dict[str, Any]:
    """Lag at fifty facts a second, then the drain of ten thousand."""
    with ExitStack() as until_the_end:
        folder = Path(until_the_end.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o711)
        postgres = Postgres(folder / "pg", free_port(), "bench", folder / "run", folder / "pg.log")
        postgres.start()
        until_the_end.callback(postgres.stop)
        nats = Nats(folder / "nats", free_port(), folder / "run", folder / "nats.log")
        nats.start()
        until_the_end.callback(nats.stop)
        urls = {name: create_database(postgres.url(), name) for name in ("reader", "office")}
        reader = await department("reader", urls["reader"], nats.url)
        office = await department("office", urls["office"], nats.url)
        try:
            return {
                **await _lag(reader, office, folder),
                **await _drain(reader, office, folder),
            }
        finally:
            await reader.engine.dispose()
            await office.engine.dispose()


class Listening:
    """The other process."""

    def __init__(self, office: Department, folder: Path) -> None:
        self.office, self.out = office, folder / "committed.json"
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "tests.bench.events",
                office.settings.database_url, office.settings.nats_url,
            ],
            env={**os.environ, "GUANWU_BENCH_OUT": str(self.out)}, stdout=subprocess.DEVNULL,
        )  # fmt: skip

    async def heard(self, number: int) -> None:
        """Wait until so many facts took effect."""

        async def there() -> bool:
            return bool(await self.office.one("SELECT max(seq) FROM inbox_cursor") == number)

        await until(there, within=120)

    def end(self) -> dict[int, float]:
        """When each effect was committed."""
        self.process.terminate()
        self.process.wait(timeout=20)
        found = json.loads(self.out.read_text())
        return {int(n): at for n, at in found.items()}


async def _lag(reader: Department, office: Department, folder: Path) -> dict[str, Any]:
    listening = Listening(office, folder)
    bus = await reader.bus()
    await reader.state(shelved(0))
    await listening.heard(1)
    stated: dict[int, float] = {}
    begun = time.monotonic()
    for n in range(1, RATE * SECONDS + 1):
        await asyncio.sleep(max(0, begun + n / RATE - time.monotonic()))
        async with reader.works.open() as work:
            work.emit(shelved(n))
        stated[n] = time.time()
        bus.poke()
    await listening.heard(RATE * SECONDS + 1)
    committed = listening.end()
    await reader.stop()
    lags = sorted(committed[n] - at for n, at in stated.items())
    return {
        "facts_per_second": RATE,
        "lag_p50_ms": quantile(lags, 0.50),
        "lag_p95_ms": quantile(lags, 0.95),
        "lag_p99_ms": quantile(lags, 0.99),
    }


async def _drain(reader: Department, office: Department, folder: Path) -> dict[str, Any]:
    before = await reader.one("SELECT count(*) FROM outbox")
    for start in range(0, BACKLOG, 500):
        await reader.state(*(shelved(before + n) for n in range(start, start + 500)))
    begun = time.monotonic()
    await reader.bus()
    await reader.published(before + BACKLOG)
    relayed = time.monotonic() - begun
    listening = Listening(office, folder)
    await listening.heard(before + BACKLOG)
    committed = sorted(listening.end().values())
    await reader.stop()
    # The first batch's commit starts the clock, so it does not count itself.
    first = sum(at == committed[0] or at - committed[0] < 0.005 for at in committed)
    drained = (len(committed) - first) / (committed[-1] - committed[0])
    return {
        "backlog": BACKLOG,
        "relay_per_second": round(BACKLOG / relayed),
        "drain_per_second": round(drained),
    }


if __name__ == "__main__":
    if len(sys.argv) == 3:
        asyncio.run(listen(*sys.argv[1:]))
    else:
        print(asyncio.run(measure()))
