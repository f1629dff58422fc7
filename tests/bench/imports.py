"""Records a second of the real import: uploaded, read, projected, indexed, with items, and heard of by the desk.

The file repeats the records of the demonstration library with control numbers, titles and barcodes
of their own, two copies each, until there are three thousand. Beside it: how fast pymarc merely
reads the same bytes.
"""

from __future__ import annotations

import asyncio
import io
import itertools
import time
from pathlib import Path
from typing import Any

import aiohttp
import pymarc

from tests.bench.stage import Stage, Unexpected

RECORDS = Path(__file__).resolve().parents[2] / "services/resources/demo/records"
COUNT, COPIES, WITHIN = 3000, 2, 300
_NUMBERS = ("001", "010", "011", "020", "022", "024", "035", "905", "852")


def bases() -> list[pymarc.Record]:
    """The records of the demonstration library."""
    found = []
    for path in sorted(RECORDS.glob("*.mrc")):
        reader = pymarc.MARCReader(path.read_bytes(), force_utf8=True, permissive=True)
        found += [record for record in reader if record is not None]
    return found


def renumbered(record: pymarc.Record, number: str, codes: list[str]) -> bytes:
    """The record as if it were another work with copies of its own."""
    chinese = record.get("200") is not None
    made = pymarc.Record(leader=str(record.leader), force_utf8=True)
    made.add_field(pymarc.Field("001", data=number))
    for field in record.fields:
        if field.tag in _NUMBERS:
            continue
        if field.tag == ("200" if chinese else "245"):
            marks = [
                pymarc.Subfield(mark.code, f"{mark.value} {number}" if mark.code == "a" else mark.value)
                for mark in field.subfields
            ]
            field = pymarc.Field(field.tag, indicators=field.indicators, subfields=marks)
        made.add_field(field)
    tag, place, code_of, call = ("905", "c", "b", "d") if chinese else ("852", "b", "p", "h")
    for code in codes:
        marks = [pymarc.Subfield("a", "GW"), pymarc.Subfield(place, "sk-2f"), pymarc.Subfield(code_of, code),
                 pymarc.Subfield(call, "B0/1")]
        made.add_field(pymarc.Field(tag, indicators=pymarc.Indicators(" ", " "), subfields=marks))
    return bytes(made.as_marc())


def file_of(count: int, serials: Any) -> tuple[bytes, str]:
    """The file to import, and the last barcode in it."""
    whole, last = io.BytesIO(), ""
    for record in itertools.islice(itertools.cycle(bases()), count):
        codes = [f"BN{next(serials)}" for _ in range(COPIES)]
        whole.write(renumbered(record, f"BN{next(serials)}", codes))
        last = codes[-1]
    return whole.getvalue(), last


async def measure(stage: Stage) -> dict[str, Any]:
    """Seconds until the job is done, and until the desk can lend the last copy."""
    count = 1000 if stage.quick else COUNT
    content, last = await asyncio.to_thread(file_of, count, stage.serials)
    before = stage.meter.read()
    begun = time.monotonic()
    form = aiohttp.FormData({"start": "1"})
    form.add_field("file", content, filename="bench.mrc", content_type="application/marc")
    headers = {"authorization": f"Bearer {await stage.token('res-mgt')}"}
    async with stage.http.post("/api/resources/imports", data=form, headers=headers) as answer:
        if answer.status != 202:
            raise Unexpected(f"the import was not taken: {answer.status} {await answer.text()}")
        number = (await answer.json())["no"]
    job = await _done(stage, number, begun)
    read_in = time.monotonic() - begun
    await stage.known([last], within=WITHIN)
    lendable_in = time.monotonic() - begun
    heard_in = lendable_in + await stage.quiet(within=WITHIN)
    after = stage.meter.read()
    if job["added"] != count or job["items"] != count * COPIES:
        raise Unexpected(f"added {job['added']} of {count} records, {job['items']} items")
    return {
        "records": count, "items": job["items"], "bytes": len(content), "seconds": round(read_in, 1),
        "records_per_second": round(count / read_in),
        "seconds_until_lendable": round(lendable_in, 1),
        "records_per_second_until_lendable": round(count / lendable_in),
        "seconds_until_all_heard": round(heard_in, 1),
        "cpu_ms_per_record": {
            part: round(1000 * (after.parts[part] - spent) / count, 2) for part, spent in before.parts.items()
        },
        "pymarc_reads_per_second": await asyncio.to_thread(_pymarc, content, count),
    }


async def _done(stage: Stage, number: str, begun: float) -> dict[str, Any]:
    while True:
        job: dict[str, Any] = await stage.ask("res-mgt", "GET", f"/api/resources/imports/{number}")
        if job["state"] == "done":
            return job
        if job["state"] != "reading" or time.monotonic() - begun > WITHIN:
            raise Unexpected(f"the import ended as {job['state']}: {job['error']}")
        await asyncio.sleep(0.2)


def _pymarc(content: bytes, count: int) -> int:
    """The best of three readings of the same file, nothing done with the records."""
    best = 0.0
    for _ in range(3):
        begun = time.perf_counter()
        seen = sum(1 for record in pymarc.MARCReader(content, force_utf8=True) if record)
        assert seen == count, f"pymarc reads {seen} of {count} records"
        best = max(best, count / (time.perf_counter() - begun))
    return round(best)
