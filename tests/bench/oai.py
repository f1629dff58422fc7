"""A whole harvest over OAI-PMH: records a second, and what it costs the department in memory and processor.

`python -m tests.bench oai` starts the department alone with the demonstration library, multiplies its
records by statements of whole sets until there are 200,000, and harvests all of them twice, once in each
form, as a harvester does: one request after the other, each answer read to its end. `--quick` takes 5,000.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import psutil
import psycopg

from deploy.local.ports import free_port
from deploy.local.suite import Suite
from tests.support.infra import clear

MANY, FEW = 200_000, 5_000
PAGE = 500
STEP = 2_000
TOKEN = re.compile(rb"<resumptionToken[^>]*>([^<]+)</resumptionToken>")
COLUMNS = (
    "state, dialect, material, sort_title, year, language, clc, call_number, projection, fields, raw, warnings, search, also, "
    "source, revision, proofread, created_by, created_at, updated_at"
)


async def measure() -> dict[str, Any]:
    """The figures of this part."""
    count = FEW if "--quick" in sys.argv else MANY
    with ExitStack() as until_the_end:
        var = Path(until_the_end.enter_context(
            tempfile.TemporaryDirectory(prefix="guanwu-bench-oai-", ignore_cleanup_errors=True)
        ))
        var.chmod(0o711)
        until_the_end.callback(clear, var)
        suite = Suite(var, free_port(), ("resources",), demo=True, password="bench-only-password", sip2=0, say=_quiet)
        until_the_end.callback(suite.stop)
        suite.start()
        suite.await_demo()
        made = time.monotonic()
        with psycopg.connect(suite.database_url("resources", owner=True), autocommit=True) as link:
            have = multiply(link, count)
            link.execute("UPDATE oai_settings SET page_size = %s", [PAGE])
            link.execute("VACUUM ANALYZE instance")
            link.execute("VACUUM ANALYZE oai_record")
        made = time.monotonic() - made
        pid = suite.pid("resources")
        assert pid
        process = psutil.Process(pid)
        address = f"{suite.url_of('resources')}/oai"
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=600)) as http:
            await _get(http, f"{address}?verb=Identify")  # dates every change, and warms the connection
            before = _pss(process)
            found = {prefix: await harvest(http, address, prefix, process) for prefix in ("oai_dc", "cnmarcxml")}
        return {
            "records": have, "page": PAGE, "seconds_to_make": round(made), "pss_before_mib": before,
            "harvests": found, "folio_records_per_second": 102,
        }


def _quiet(_line: str) -> None:
    """The table says it."""


def multiply(link: psycopg.Connection[Any], count: int) -> int:
    """More records like those there are, each with a number and a digest of its own; triggers date them all."""
    link.execute("SET statement_timeout = 0")
    while True:
        have, last = link.execute(
            "SELECT count(*), coalesce(max(substr(number, 2)::bigint), 0) FROM instance WHERE number ~ '^B[0-9]+$'"
        ).fetchone() or (0, 0)
        if have >= count:
            return int(have)
        link.execute(
            f"INSERT INTO instance (id, number, title, digest, {COLUMNS}) "
            f"SELECT gen_random_uuid(), 'B' || lpad((%(last)s + row_number() OVER ())::text, 7, '0'), title, "
            f"md5(digest || %(last)s::text), {COLUMNS} FROM instance ORDER BY number LIMIT %(n)s",
            {"last": last, "n": min(STEP, have, count - have)},
        )


async def harvest(http: aiohttp.ClientSession, address: str, prefix: str, process: psutil.Process) -> dict[str, Any]:
    """Everything in one form, answer by answer."""
    begun, spent = time.monotonic(), sum(process.cpu_times()[:2])
    records = size = answers = 0
    highest, slowest = 0.0, 0.0
    url = f"{address}?verb=ListRecords&metadataPrefix={prefix}"
    while url:
        asked = time.monotonic()
        body = await _get(http, url)
        slowest = max(slowest, time.monotonic() - asked)
        records, size, answers = records + body.count(b"<record><header"), size + len(body), answers + 1
        token = TOKEN.search(body)
        url = f"{address}?verb=ListRecords&resumptionToken={quote(token[1].decode())}" if token else ""
        if answers % 20 == 0 or not url:
            highest = max(highest, _pss(process))
    seconds = time.monotonic() - begun
    return {
        "records": records, "answers": answers, "seconds": round(seconds, 1), "records_per_second": round(records / seconds),
        "mib": round(size / (1 << 20)), "slowest_answer_ms": round(slowest * 1000),
        "cpu_ms_per_record": round(1000 * (sum(process.cpu_times()[:2]) - spent) / max(records, 1), 2),
        "pss_highest_mib": highest,
    }


async def _get(http: aiohttp.ClientSession, url: str) -> bytes:
    async with http.get(url) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.read()


def _pss(process: psutil.Process) -> float:
    return round(process.memory_full_info().pss / (1 << 20), 1)
