"""The Z39.50 door before our SRU server, asked by the client of YAZ and by our own copy cataloguing.

covers: RES-ACQ-05, RES-MGT-01
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pymarc
import pytest

from deploy.local.ports import free_port
from deploy.local.suite import ROOT
from services.resources.cataloguing.copying.model import Version
from services.resources.cataloguing.marc.record import Record
from tests.gateway.standin import serving
from tests.resources.conftest import RECORDS, House
from tests.resources.exchange.test_copying_records import hits, search, target
from tests.resources.exchange.test_other_houses_programs import _listening, _yaz
from tests.support.debian import partners

pytestmark = pytest.mark.skipif(not partners(), reason="needs YAZ and SimpleServer (make partners)")


@asynccontextmanager
async def door(sru: str) -> AsyncIterator[int]:
    """The door before this SRU server, on a free port."""
    port, folder = free_port(), ROOT / "deploy" / "z3950"
    running = await asyncio.create_subprocess_exec(
        "perl", str(folder / "front.pl"), "-f", str(folder / "gfs.xml"), f"@:{port}", env={**os.environ, "SRU_URL": sru},
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL, start_new_session=True,
    )
    try:
        await _listening(port)
        yield port
    finally:
        os.killpg(running.pid, 15)
        await running.wait()


async def _stock(house: House) -> None:
    await house.places()
    for name in ("bnu.mrc", "classics.mrc", "foreign.mrc"):
        await house.read(RECORDS / name)


async def test_the_client_of_yaz_searches_and_fetches_over_z3950(house: House) -> None:
    await _stock(house)
    (one,) = await house.rows("SELECT number, title, projection->'isbns'->0->>'isbn13' AS isbn, dialect FROM instance "
                              "WHERE projection->'isbns'->0 IS NOT NULL ORDER BY number LIMIT 1")
    total = (await house.rows("SELECT count(*) AS n FROM instance"))[0].n
    async with serving(house.app) as address, door(f"{address}/sru") as port:
        syntax = "usmarc" if one.dialect == "marc21" else "unimarc"
        said = await _yaz(f"open tcp:127.0.0.1:{port}", f"format {syntax}", f"find @attr 1=7 {one.isbn}", "show 1")
        assert "Number of hits: 1" in said, said
        assert one.title in said
        assert re.search(r"Record type: (USmarc|Unimarc)", said), said
        every = await _yaz(f"open tcp:127.0.0.1:{port}", "find @attr 2=103 @attr 1=1035 x")
        assert f"Number of hits: {total}" in every, every
        both = await _yaz(
            f"open tcp:127.0.0.1:{port}", f"find @or @attr 1=7 {one.isbn} @attr 1=12 {one.number}", "find @not @attr 2=103 @attr 1=1035 x @set 1",
        )
        assert re.findall(r"Number of hits: (\d+)", both) == ["1", str(total - 1)], both
        dublin = await _yaz(f"open tcp:127.0.0.1:{port}", "format xml", "elements dc", f"find @attr 1=7 {one.isbn}", "show 1")
        assert "<dc:title" in dublin or "<title" in dublin, dublin


async def test_every_record_comes_out_as_iso_2709(house: House, tmp_path: Path) -> None:
    """All of one format, over more than two of the door's pages, as another program reads them; the others are refused one by one."""
    await _stock(house)
    rows = await house.rows("SELECT dialect, fields FROM instance")
    syntax, dialect = max((("usmarc", "marc21"), ("unimarc", "cnmarc")), key=lambda one: sum(row.dialect == one[1] for row in rows))
    wanted = sorted(Record.from_json(row.fields).first("001") for row in rows if row.dialect == dialect)
    assert len(wanted) > 20
    dump = tmp_path / "all.mrc"
    async with serving(house.app) as address, door(f"{address}/sru") as port:
        said = await _yaz(
            f"open tcp:127.0.0.1:{port}", f"format {syntax}", f"set_marcdump {dump}", "find @attr 2=103 @attr 1=1035 x",
            *(f"show {at}+1" for at in range(1, len(rows) + 1)),
        )
    assert said.count("[238]") == len(rows) - len(wanted), said[-2000:]
    with dump.open("rb") as file:
        read = [record for record in pymarc.MARCReader(file, to_unicode=True, force_utf8=True) if record is not None]
    assert sorted(record["001"].data for record in read) == wanted


async def test_what_cannot_be_asked_is_said_with_its_number(house: House) -> None:
    await _stock(house)
    async with serving(house.app) as address, door(f"{address}/sru") as port:
        said = await _yaz(
            f"open tcp:127.0.0.1:{port}", "find @attr 1=9999 x", "find @attr 2=6 x", "find @attr 5=2 x", "find @set nothing",
            'find @attr 1=4 "a \\" b"', "find @attr 1=4 tea", "show 99999",
        )
        for code in (114, 117, 120, 30, 13):
            assert f"[{code}]" in said, (code, said)
    # Its server is gone: a temporary error, and the door stays.
    async with door("http://127.0.0.1:1/sru") as port:
        said = await _yaz(f"open tcp:127.0.0.1:{port}", "find tea", "find tea")
    assert said.count("[2]") == 2, said


async def test_our_own_copy_cataloguing_is_a_client_of_it(house: House) -> None:
    await _stock(house)
    for dialect, syntax in (("marc21", "usmarc"), ("cnmarc", "unimarc")):
        (one,) = await house.rows(
            "SELECT title, projection->'isbns'->0->>'isbn13' AS isbn FROM instance WHERE dialect = :d AND projection->'isbns'->0 IS NOT NULL "
            "ORDER BY number LIMIT 1", d=dialect,
        )
        async with serving(house.app) as address, door(f"{address}/sru") as port:
            await target(house, syntax, f"z3950://127.0.0.1:{port}/Default", protocol=Version.z3950, record_schema=syntax)
            async with house.client() as client:
                assert (await search(client, syntax, isbn=one.isbn)).status_code == 200
                assert one.title in {hit.title for hit in await hits(house)}
