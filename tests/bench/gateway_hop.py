"""What the gateway adds to a request: milliseconds and CPU, for a signed-in person and a small page.

A department that answers at once, the real gateway in front of it, one client: first straight to
the department, then through the gateway. `python -m tests.bench.gateway_hop` prints the figures.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import psycopg

from deploy.local.nats import Nats
from deploy.local.ports import free_port
from deploy.local.postgres import Postgres
from shared.migrations import upgrade

REQUESTS, WARM_UP, CLIENTS = 1500, 200, 8
PAGE = ("<!doctype html><title>desk</title>" + "<tr><td>三体<td>A100001<td>2026-11-22" * 120).encode()
ROOT = Path(__file__).resolve().parents[2]


async def department(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """A department whose pages cost nothing."""
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    headers = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", str(len(PAGE)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": PAGE})


def _session(url: str) -> str:
    """A person with a session, written as sign-in would."""
    secret = secrets.token_urlsafe(32)
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("INSERT INTO person (id, kind, name, name_en, dept, rank, category, state, heard_at) "
                   "VALUES ('S001', 'staff', '林晓雯', '', 'reader', '', '', '', now())")
        db.execute("INSERT INTO held_post (holding_id, staff_no, post, subposts, rank, valid_from, stand_in_for) "
                   "VALUES ('h', 'S001', 'RDR-DSK', '[]', '', '2026-01-01', '')")
        db.execute("INSERT INTO account (id, user_name, person_id, kind, must_change, disabled, created_at) "
                   "VALUES (gen_random_uuid(), 'desk', 'S001', 'staff', false, false, now())")
        db.execute("INSERT INTO session (id, digest, account_id, how, address, agent, opened_at, last_seen_at, expires_at) "
                   "SELECT gen_random_uuid(), %s, id, 'password', '', '', now(), now(), now() + interval '12 hours' "
                   "FROM account", [hashlib.sha256(secret.encode()).digest()])
    return secret


async def _answering(url: str) -> None:
    async with aiohttp.ClientSession() as http, asyncio.timeout(60):
        while True:
            try:
                async with http.get(url) as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.05)


async def _ask(url: str, headers: dict[str, str], *, clients: int) -> tuple[list[float], float]:
    """Seconds of each request, and requests a second."""
    spent: list[float] = []
    connector = aiohttp.TCPConnector(limit=clients)
    async with aiohttp.ClientSession(connector=connector, auto_decompress=False, headers=headers) as http:

        async def one(number: int) -> None:
            for _ in range(number):
                started = time.perf_counter()
                async with http.get(url) as answer:
                    assert answer.status == 200
                    await answer.read()
                spent.append(time.perf_counter() - started)

        await asyncio.gather(*(one(WARM_UP // clients) for _ in range(clients)))
        spent.clear()
        started = time.perf_counter()
        await asyncio.gather(*(one(REQUESTS // clients) for _ in range(clients)))
        return sorted(spent), len(spent) / (time.perf_counter() - started)


def _at(ordered: list[float], share: float) -> float:
    return round(ordered[int(len(ordered) * share)] * 1000, 3)


async def measure() -> dict[str, Any]:
    """Added milliseconds at one client, CPU per request, and requests a second of one process."""
    with ExitStack() as until_the_end:
        home = Path(until_the_end.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        home.chmod(0o711)
        postgres = Postgres(home / "pg", free_port(), "bench", home / "run", home / "pg.log", durable=False, say=lambda _line: None)
        postgres.start()
        until_the_end.callback(postgres.stop)
        nats = Nats(home / "nats", free_port(), home / "run", home / "nats.log", durable=False)
        nats.start()
        until_the_end.callback(nats.stop)
        with psycopg.connect(postgres.url(), autocommit=True) as admin:
            admin.execute("CREATE DATABASE gateway")
        url = postgres.url("gateway")
        await asyncio.to_thread(upgrade, "gateway", url)
        cookie = _session(url)

        ports = {"reader": free_port(), "gateway": free_port()}
        commands = {
            "reader": ["-m", "uvicorn", "tests.bench.gateway_hop:department", "--port", str(ports["reader"]), "--no-access-log", "--log-level", "error"],
            "gateway": ["-m", "gateway"],
        }
        env = os.environ | {
            "GUANWU_DATABASE_URL": url, "GUANWU_OWNER_DATABASE_URL": url, "GUANWU_NATS_URL": nats.url,
            "GUANWU_PORT": str(ports["gateway"]), "GUANWU_DATA": str(home / "data"),
            "GUANWU_SERVICES": f"reader=http://127.0.0.1:{ports['reader']}", "GUANWU_DEMO": "0",
        }
        running = {}
        for name, command in commands.items():
            running[name] = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
            until_the_end.callback(running[name].wait)
            until_the_end.callback(running[name].terminate)
        straight, through = (f"http://127.0.0.1:{ports[name]}/reader/desk" for name in ("reader", "gateway"))
        await _answering(straight)
        await _answering(f"http://127.0.0.1:{ports['gateway']}/readyz")

        def cpu() -> float:
            times = psutil.Process(running["gateway"].pid).cpu_times()
            return float(times.user + times.system)

        found: dict[str, Any] = {"page_bytes": len(PAGE)}
        direct, _rate = await _ask(straight, {}, clients=1)
        for name, accept in (("plain", "identity"), ("brotli", "br"), ("gzip", "gzip")):
            headers = {"cookie": f"guanwu={cookie}; lang=zh", "accept-encoding": accept}
            before = cpu()
            spent, _rate = await _ask(through, headers, clients=1)
            used = (cpu() - before) / (REQUESTS + WARM_UP)
            found[name] = {
                "added_ms_p50": round(_at(spent, 0.5) - _at(direct, 0.5), 3),
                "added_ms_p95": round(_at(spent, 0.95) - _at(direct, 0.95), 3),
                "cpu_us": round(used * 1e6),
            }
        headers = {"cookie": f"guanwu={cookie}; lang=zh", "accept-encoding": "br"}
        _spent, rate = await _ask(through, headers, clients=CLIENTS)
        found["requests_per_second_brotli"] = round(rate)
        return found


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure()), indent=2))
