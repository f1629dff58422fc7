"""The raw limits of this machine, now: what PostgreSQL, FastAPI and JetStream do with nothing of ours in between."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import nats
import psycopg
from fastapi import FastAPI

from deploy.local.nats import Nats
from deploy.local.ports import free_port
from deploy.local.suite import ROOT
from tests.bench.desk import LEVELS
from tests.bench.load import Round, Watch, best, calmest, closed_loop, spread
from tests.bench.machine import Meter
from tests.bench.stage import Stage

SCALE = 10
hello = FastAPI()


@hello.get("/")
async def greet() -> dict[str, str]:
    """The smallest FastAPI answer."""
    return {"hello": "world"}


async def measure(stage: Stage) -> dict[str, Any]:
    """All three."""
    return {
        "pgbench_simple_update": await asyncio.to_thread(_pgbench, stage),
        "fastapi_hello": await _fastapi(stage.quick),
        "jetstream_publish": await _jetstream(stage.quick),
    }


def _pgbench(stage: Stage) -> list[dict[str, Any]]:
    """PostgreSQL's own benchmark on the suite's own server, durable like everything here."""
    postgres = stage.suite.postgres
    with psycopg.connect(postgres.url(), autocommit=True) as admin:
        admin.execute("drop database if exists pgbench with (force)")
        admin.execute("create database pgbench")
    env = {**os.environ, "PGPASSWORD": postgres.password}
    door = ["-h", "127.0.0.1", "-p", str(postgres.port), "-U", "postgres"]

    def run(*flags: str) -> str:
        command = postgres.program("pgbench", *door, *flags, "pgbench")
        return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout

    run("-i", "-q", "-s", str(SCALE))
    found = []
    for clients in (1, 8):
        said = run("-N", "-n", "-c", str(clients), "-T", "2" if stage.quick else "4", "-M", "prepared")
        rate = re.search(r"tps = ([0-9.]+)", said)
        found.append({"clients": clients, "per_second": round(float(rate[1])) if rate else 0})
    with psycopg.connect(postgres.url(), autocommit=True) as admin:
        admin.execute("drop database pgbench with (force)")
    return found


async def _fastapi(quick: bool) -> list[dict[str, Any]]:
    """A FastAPI answer under uvicorn, asked by the same generator with the same numbers of clients."""
    async with served("tests.bench.raw:hello") as (url, pid), aiohttp.ClientSession(
        url, connector=aiohttp.TCPConnector(limit=0)
    ) as http:

        async def ask(watch: Watch) -> None:
            with watch("hello"):
                async with http.get("/") as answer:
                    await answer.read()

        meter, found = Meter({"hello": pid}), []
        clients: list[Round] = [ask] * LEVELS[-1]
        for number in LEVELS:
            seen = await closed_loop(
                clients[:number], meter, windows=1 if quick else 3, seconds=0.7, warm_up=0.3
            )
            calm = calmest(seen)
            found.append({
                "clients": number, "per_second": round(best(seen).rate), **spread(calm.seconds["hello"]),
                "cpu_ms_per_operation": round(1000 * calm.used.suite / len(calm.seconds["hello"]), 3),
            })
        return found


@asynccontextmanager
async def served(app: str) -> AsyncIterator[tuple[str, int]]:
    """An application under uvicorn in a process of its own."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "uvicorn", app, "--port", str(port), "--no-access-log", "--log-level", "error",
        cwd=ROOT,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        async with asyncio.timeout(30), aiohttp.ClientSession() as http:
            while True:
                try:
                    async with http.get(url):
                        break
                except aiohttp.ClientError:
                    await asyncio.sleep(0.05)
        yield url, process.pid
    finally:
        process.terminate()
        await process.wait()


async def _jetstream(quick: bool) -> dict[str, Any]:
    """JetStream that syncs each message, as in the suite: one in flight, and many."""
    count, payload = (300, b"x" * 350) if quick else (1500, b"x" * 350)
    with ExitStack() as until_the_end:
        home = Path(until_the_end.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        server = Nats(home / "nats", free_port(), home / "run", home / "nats.log")
        server.start()
        until_the_end.callback(server.stop)
        bus = await nats.connect(server.url)
        stream = bus.jetstream()
        await stream.add_stream(name="RAW", subjects=["raw"])
        begun = time.perf_counter()
        for _ in range(count):
            await stream.publish("raw", payload)
        one_by_one = count / (time.perf_counter() - begun)
        begun = time.perf_counter()
        for start in range(0, count * 4, 64):
            await asyncio.gather(*(stream.publish("raw", payload) for _ in range(start, start + 64)))
        together = count * 4 / (time.perf_counter() - begun)
        await bus.close()
    return {"one_in_flight_per_second": round(one_by_one), "64_in_flight_per_second": round(together)}
