"""A whole harvest over OAI-PMH: records a second, and what it costs the department in memory and processor.

`python -m tests.bench oai` starts the department alone with the demonstration library, multiplies its
records by statements of whole sets until there are 200,000, and harvests all of them twice, once in each
form, as a harvester does: one request after the other, each answer read to its end. `--quick` takes 5,000.
"""

from __future__ import annotations

import re
import sys
import time
from typing import Any
from urllib.parse import quote

import aiohttp
import psutil
import psycopg

from tests.bench.alone import resources_alone

MANY, FEW = 200_000, 5_000
PAGE = 500
STEP = 2_000
TOKEN = re.compile(rb"<resumptionToken[^>]*>([^<]+)</resumptionToken>")


async def measure() -> dict[str, Any]:
    """The figures of this part."""
    count = FEW if "--quick" in sys.argv else MANY
    with resources_alone("oai") as (suite, settings):
        made = time.monotonic()
        with psycopg.connect(settings.database_url, autocommit=True) as link:
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
            "INSERT INTO instance SELECT made.* "
            "FROM (SELECT i AS base, row_number() OVER () AS nth FROM (SELECT * FROM instance ORDER BY number LIMIT %(n)s) AS first "
            "JOIN instance i USING (id)) AS picked, jsonb_populate_record(picked.base, jsonb_build_object('id', gen_random_uuid(), "
            "'number', 'B' || lpad((%(last)s + nth)::text, 7, '0'), 'digest', md5((picked.base).digest || %(last)s::text))) AS made",
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
