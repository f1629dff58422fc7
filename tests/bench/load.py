"""Closed-loop load: so many clients, each sending its next request when the last was answered."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.bench.machine import Meter, Used, used

AT_LEAST = 40


def at(ordered: Sequence[float], share: float) -> float:
    """The value below which that share lies, in milliseconds."""
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 1)


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """Median, 95th and 99th percentile in milliseconds, and of how many."""
    ordered = sorted(seconds)
    return {
        "p50_ms": at(ordered, 0.50), "p95_ms": at(ordered, 0.95), "p99_ms": at(ordered, 0.99),
        "n": len(ordered),
    }


@dataclass
class Watch:
    """Writes down how long each operation took and when it ended."""

    seen: list[tuple[str, float, float]] = field(default_factory=list)

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Time one operation; one that fails ends the run instead of counting as a quick one."""
        begun = time.perf_counter()
        yield
        ended = time.perf_counter()
        self.seen.append((name, ended, ended - begun))


@dataclass(frozen=True)
class Window:
    """A few seconds of the run: every operation that ended in it, and who used the processors."""

    seconds: dict[str, list[float]]
    used: Used

    @property
    def rate(self) -> float:
        """Operations a second, of all kinds."""
        return sum(map(len, self.seconds.values())) / self.used.seconds

    def as_json(self) -> dict[str, Any]:
        """For the record."""
        return {
            "per_second": round(self.rate, 1), "foreign_cpu_percent": self.used.foreign_percent,
            "generator_cpu_percent": round(100 * self.used.own / self.used.seconds),
            "operations": {name: spread(spent) for name, spent in self.seconds.items()},
        }


Round = Callable[[Watch], Awaitable[None]]


async def closed_loop(
    clients: Sequence[Round], meter: Meter, *, windows: int, seconds: float, warm_up: float
) -> list[Window]:
    """Let every client do round after round; what happens in the warm-up is not counted.

    On a crowded machine a window lasts longer, until there is something to count.
    """
    watch, over = Watch(), asyncio.Event()

    async def go_on(client: Round) -> None:
        while not over.is_set():
            await client(watch)

    async with asyncio.TaskGroup() as group:
        for client in clients:
            group.create_task(go_on(client))
        await asyncio.sleep(warm_up)
        marks = [(time.perf_counter(), meter.read())]
        for _ in range(windows):
            enough, latest = len(watch.seen) + AT_LEAST, time.perf_counter() + 10 * seconds
            await asyncio.sleep(seconds)
            while len(watch.seen) < enough and time.perf_counter() < latest:
                await asyncio.sleep(seconds / 10)
            marks.append((time.perf_counter(), meter.read()))
        over.set()
    found = []
    for (begun, before), (ended, after) in itertools.pairwise(marks):
        taken: dict[str, list[float]] = {}
        for name, moment, spent in watch.seen:
            if begun <= moment < ended:
                taken.setdefault(name, []).append(spent)
        found.append(Window(taken, used(before, after)))
    return found


def calmest(windows: Sequence[Window]) -> Window:
    """The window in which others used the processors least: latencies are taken from it."""
    return min(windows, key=lambda window: window.used.foreign_percent)


def best(windows: Sequence[Window]) -> Window:
    """The window with the highest rate: throughput is taken from it."""
    return max(windows, key=lambda window: window.rate)
