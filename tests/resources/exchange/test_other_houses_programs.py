"""Programs that are not ours meet our doors: a harvester of PyPI, and YAZ's client for SRU and its Z39.50 server.

covers: RES-ACQ-05, RES-MGT-01
"""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from oaipmh_scythe import Scythe

from deploy.local.ports import free_port
from services.resources.cataloguing.copying import ber, z3950
from services.resources.cataloguing.copying.ber import encode
from services.resources.cataloguing.copying.model import Version
from services.resources.cataloguing.copying.rules import LARGEST
from services.resources.cataloguing.records.commands import suppress
from services.resources.cataloguing.records.queries import by_key
from tests.gateway.standin import serving
from tests.resources.conftest import RECORDS, House
from tests.resources.exchange.test_copying_records import hits, search, target
from tests.resources.exchange.test_harvesting import page_of

yaz = pytest.mark.skipif(shutil.which("yaz-client") is None, reason="needs YAZ (make partners)")
TITLE = "The book of tea"


async def test_a_harvester_of_other_makers_takes_everything(house: House) -> None:
    """Complete, in parts, with the deletion among them, and each record as the database has it."""
    await house.places()
    for name in ("bnu.mrc", "classics.mrc"):
        await house.read(RECORDS / name)
    await page_of(house, 10)
    known = {row.number: row.title for row in await house.rows("SELECT number, title FROM instance")}
    async with house.work() as work:
        await suppress(work, await by_key(work.session, min(known)), reason="剔旧")

    def harvest(address: str) -> list[Any]:
        with Scythe(f"{address}/oai") as scythe:
            return list(scythe.list_records(metadata_prefix="oai_dc"))

    async with serving(house.app) as address:
        found = await asyncio.to_thread(harvest, address)
    assert sorted(one.header.identifier.rpartition(":")[2] for one in found) == sorted(known)
    assert [one.header.identifier.rpartition(":")[2] for one in found if one.header.deleted] == [min(known)]
    for one in found:
        if not one.header.deleted:
            assert one.metadata["title"][0].startswith(known[one.header.identifier.rpartition(":")[2]])


@yaz
@pytest.mark.parametrize("version", ["1.2", "2.0"])
async def test_the_client_of_yaz_searches_our_catalogue(house: House, version: str) -> None:
    await house.places()
    await house.read(RECORDS / "bnu.mrc")
    (one,) = await house.rows("SELECT title, projection->'isbns'->0->>'isbn13' AS isbn FROM instance ORDER BY number LIMIT 1")
    async with serving(house.app) as address:
        said = await _yaz(f"open {address}/sru", f"sru get {version}", "querytype cql", "schema marcxchange", f"find bath.isbn={one.isbn}", "show 1")
    assert set(re.findall(r"Number of hits: (\d+)", said)) == {"1"}, said  # told by the search and by show
    assert one.title in said


async def _yaz(*commands: str) -> str:
    running = await asyncio.create_subprocess_exec(
        "yaz-client", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(30):
        said, _ = await running.communicate("\n".join([*commands, "quit", ""]).encode())
    return said.decode("utf-8", "replace")


@yaz
async def test_a_real_z3950_server_is_a_target_like_any_other(house: House) -> None:
    """The test server of YAZ answers as many hits as the question's fingerprint says; its records are MARC21."""
    await house.places()
    port = free_port()
    server = await asyncio.create_subprocess_exec(
        "yaz-ztest", f"tcp:127.0.0.1:{port}", stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await _listening(port)
        await target(house, "ztest", f"z3950://127.0.0.1:{port}/Default", protocol=Version.z3950, record_schema="usmarc")
        async with house.client() as client:
            page = await search(client, "ztest", title="computer", author="knuth")
            assert page.status_code == 200
            found = await hits(house)
            assert 0 < len(found) <= 20
            assert all(one.title for one in found)
            taken = await client.post(f"/resources/copying/hits/{found[0].id}/take")
            assert taken.status_code == 303, taken.text
            number = taken.headers["location"].rpartition("/")[2]
        (draft,) = await house.rows("SELECT state, title FROM instance WHERE number = :n", n=number)
        assert (draft.state, draft.title) == ("draft", found[0].title)
    finally:
        server.terminate()
        await server.wait()


async def _listening(port: int) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return


# A server as bad as a test wants it.

_ADMITTED = encode(z3950.INIT_ANSWER, [encode(12, b"\xff")])
_REFUSED = encode(z3950.INIT_ANSWER, [encode(12, b"\0"), encode(11, [encode(26, b"too many users", kind=ber.UNIVERSAL)])])
_DIAGNOSTIC = encode(z3950.SEARCH_ANSWER, [
    encode(23, b"\0"), encode(22, b"\0"),
    encode(130, [encode(6, ber.oid("1.2.840.10003.4.1"), kind=0), encode(2, b"\x72", kind=0), encode(26, b"1016", kind=0)]),
])
_EMPTY = encode(z3950.SEARCH_ANSWER, [encode(23, b"\0"), encode(22, b"\xff")])
_THREE = encode(z3950.SEARCH_ANSWER, [encode(23, b"\x03"), encode(22, b"\xff")])
_NO_RECORDS = encode(z3950.PRESENT_ANSWER, [encode(24, b"\0"), encode(27, b"\x05")])


@asynccontextmanager
async def bad(*answers: bytes) -> AsyncIterator[str]:
    """Says each of these in turn, one for each thing it hears, then hangs up."""
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for one in answers:
            await reader.read(1 << 16)
            writer.write(one)
            try:
                await writer.drain()
            except ConnectionError:
                break
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        yield f"z3950://127.0.0.1:{server.sockets[0].getsockname()[1]}/Default"


@pytest.mark.parametrize(("answers", "said"), [
    ((_REFUSED,), "对方不接受连接：too many users"), ((_ADMITTED, _DIAGNOSTIC), "对方说明：114 1016"),
    ((_ADMITTED, b"HTTP/1.1 400 Bad Request\r\n\r\n"), "答复不合 Z39.50 协议"), ((_ADMITTED,), "对方中途断开"),
    ((_ADMITTED, _EMPTY[:-2]), "对方中途断开"), ((_ADMITTED, encode(z3950.CLOSE, [encode(211, b"\x01"), encode(3, b"down at noon")])), "对方说明：down at noon"),
    ((_ADMITTED, b"\xb7\x80" + b"\x30\x80" * 60 + b"\0\0" * 61), "答复不合 Z39.50 协议"),
    ((_ADMITTED, b"\xb7\x84\x7f\xff\xff\xff" + b"x" * (LARGEST + 1)), "答复超过 8 MB，已停止接收"),
])
async def test_what_a_bad_server_says_is_said_and_hurts_nobody(house: House, answers: tuple[bytes, ...], said: str) -> None:
    async with bad(*answers) as address, house.client() as client:
        await target(house, "bad", address, protocol=Version.z3950)
        assert said in (await search(client, "bad", title=TITLE)).text


async def test_a_server_that_gives_fewer_than_it_counts_ends_the_fetching(house: House) -> None:
    async with bad(_ADMITTED, _THREE, _NO_RECORDS) as address, house.client() as client:
        await target(house, "few", address, protocol=Version.z3950)
        page = await search(client, "few", title=TITLE)
        assert page.status_code == 200
        assert await hits(house) == []


async def test_an_inner_address_is_not_gone_to_and_a_wrong_scheme_is_said(house: House) -> None:
    async with bad(_ADMITTED, _EMPTY) as address, house.client() as client:
        await target(house, "inner", address, protocol=Version.z3950, inside=False)
        await target(house, "name", address.replace("127.0.0.1", "localhost"), protocol=Version.z3950, inside=False)
        assert (await search(client, "inner", "name", title=TITLE)).text.count("地址属于内部网络") == 2
        refused = await client.post("/resources/sru-targets", data={"no": "x", "name": "馆", "url": address, "protocol": "1.2"})
        assert (refused.status_code, "Z39.50 目标的地址以 z3950:// 开头" in refused.text) == (422, True)


@pytest.mark.parametrize(("value", "octets"), [(0, b"\0"), (127, b"\x7f"), (128, b"\0\x80"), (8388608, b"\0\x80\0\0"), (-1, b"\xff")])
def test_numbers_are_written_as_the_standard_says(value: int, octets: bytes) -> None:
    assert ber.integer(value) == octets


def test_elements_read_back_as_they_were_written() -> None:
    for tag in (1, 30, 31, 127, 128, 211):
        for size in (0, 5, 127, 128, 70000):
            whole = encode(tag, [encode(5, b"x" * size)])
            assert ber.decode(whole + b"more") == (ber.Node(ber.CONTEXT, tag, parts=(ber.Node(ber.CONTEXT, 5, b"x" * size),)), len(whole))
            with pytest.raises(ber.Incomplete):
                ber.decode(whole[:-1])
    assert ber.oid("1.2.840.10003.5.10").hex() == "2a8648ce13050a"
