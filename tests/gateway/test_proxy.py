"""The way to a department: what passes, what does not, and what happens when nobody is at home."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator

import httpx
import psutil
import pytest

from deploy.local.ports import free_port
from gateway.proxy import limits
from tests.gateway.conftest import House, Start
from tests.gateway.standin import MB, Department, serving


async def test_a_department_learns_who_asks_and_only_from_the_gateway(house: House) -> None:
    client = await house.gateway.signed_in("rdr-dsk")
    lies = {
        "authorization": "Bearer forged", "x-forwarded-for": "10.9.9.9", "x-forwarded-host": "evil.example",
        "x-real-ip": "10.9.9.9", "x-correlation-id": "00000000-0000-7000-8000-000000000001",
        "x-guanwu-user": "director", "x-remote-user": "director", "forwarded": "for=10.9.9.9",
        "connection": "x-secret", "x-secret": "hop", "te": "trailers",
    }
    seen = (await client.get("/reader/desk%2Fa?q=%E4%B9%A6&x=1", headers=lies)).json()
    assert (seen["path"], seen["query"]) == ("/reader/desk%2Fa", "q=%E4%B9%A6&x=1")
    assert seen["who"] == {"id": "S001", "posts": ["RDR-DSK"], "kind": "staff", "name": "林晓雯"}
    headers = seen["headers"]
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-host"] == house.gateway.url.removeprefix("http://")
    assert headers["x-forwarded-proto"] == "http"
    assert headers["x-correlation-id"] != lies["x-correlation-id"]
    assert not {"x-real-ip", "x-guanwu-user", "x-remote-user", "forwarded", "x-secret", "te"} & set(headers)
    assert "guanwu" not in headers.get("cookie", "")


async def test_somebody_not_signed_in_is_nobody_to_the_department(house: House) -> None:
    client = await house.gateway.client()
    seen = (await client.get("/reader/catalogue", headers={"authorization": "Bearer forged"})).json()
    assert seen["who"] is None
    assert "authorization" not in seen["headers"]


async def test_a_programs_token_is_resolved_to_its_person(house: House) -> None:
    await house.gateway.staff("rdr-dsk")
    client = await house.gateway.client()
    from tests.gateway.conftest import PASSWORD

    given = (await client.post("/api/token", json={"username": "rdr-dsk", "password": PASSWORD})).json()
    seen = (await client.get("/api/reader/x", headers={"authorization": f"Bearer {given['access_token']}"})).json()
    assert seen["who"]["id"] == "S001"
    assert given["access_token"] not in str(seen)


async def test_a_forged_post_never_reaches_the_department(house: House) -> None:
    client = await house.gateway.signed_in("rdr-dsk")
    answer = await client.post("/reader/loans", data={"code": "A1"}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert house.reader.requests == []
    assert (await client.post("/reader/loans", content=b"code=A1")).json()["body"] == "code=A1"


async def test_no_department_hands_out_our_session(house: House) -> None:
    client = await house.gateway.signed_in("rdr-dsk")
    mine = client.cookies["guanwu"]
    answer = await client.get("/reader/page")
    assert [line.split("=")[0] for line in answer.headers.get_list("set-cookie")] == ["flash"]
    assert client.cookies["guanwu"] == mine


@pytest.mark.parametrize("encoding", ["br", "gzip"])
async def test_pages_leave_compressed(house: House, encoding: str) -> None:
    client = await house.gateway.client()
    async with client.stream("GET", "/reader/page", headers={"accept-encoding": encoding}) as answer:
        raw = b"".join([piece async for piece in answer.aiter_raw()])
    assert answer.headers["content-encoding"] == encoding
    assert "Accept-Encoding" in answer.headers["vary"]
    assert len(raw) < 1500
    plain = await client.get("/reader/page", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert len(plain.content) > 10_000


def _memory() -> int:
    return psutil.Process().memory_info().rss


async def test_a_hundred_megabytes_pass_both_ways_without_being_held(house: House) -> None:
    client = await house.gateway.signed_in("rdr-dsk")
    piece, sent = b"y" * (MB // 4), hashlib.sha256()

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(400):
            sent.update(piece)
            yield piece

    before = most = _memory()
    answer = await client.post("/reader/imports", content=pieces(), headers={"content-length": str(100 * MB)})
    assert answer.json() == {"received": 100 * MB}
    assert house.reader.digest == sent.hexdigest()
    most = max(most, _memory())
    received = 0
    async with client.stream("GET", "/reader/big/100") as stream:
        async for part in stream.aiter_raw():
            received += len(part)
            if received % (10 * MB) < MB // 4:
                most = max(most, _memory())
    assert received == 100 * MB
    assert most - before < 40 * MB


async def test_too_large_a_body_is_refused_before_or_while_it_is_sent(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PAGE", limits.Limit(1 * MB))
    client = await house.gateway.signed_in("rdr-dsk")
    declared = await client.post("/reader/photos", content=b"z" * (2 * MB), headers={"accept": "application/json"})
    assert (declared.status_code, declared.json()["code"]) == (413, "body-too-large")

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"z" * (MB // 4)

    try:
        streamed = await client.post("/reader/photos", content=endless(), headers={"accept": "application/json"})
        assert streamed.status_code == 413
    except httpx.WriteError:
        pass  # the connection was closed on the sender, which is as good an answer
    assert house.reader.received < 3 * MB
    assert limits.limit_of("/reader/orders/imports", b"").body == 700 * MB


async def test_a_department_that_is_down_says_so_decently_and_the_rest_goes_on(start: Start) -> None:
    up = Department("office")
    async with serving(up.app()) as address:
        gateway = await start(departments={"reader": f"http://127.0.0.1:{free_port()}", "office": address})
        client = await gateway.signed_in("rdr-dsk")
        for _ in range(5):
            page = await client.get("/reader/desk")
            assert page.status_code == 503
            assert "读者服务部" in page.text
            assert "content-security-policy" in page.headers
        program = await client.get("/api/reader/loans")
        assert program.status_code == 503
        assert program.json()["code"] == "department-down"
        assert program.json()["reasons"][0]["code"] == "department-down"
        fragment = await client.get("/reader/desk", headers={"hx-request": "true"})
        assert fragment.status_code == 503
        assert "toast" in fragment.headers["hx-trigger"]
        assert (await client.get("/office/tasks")).status_code == 200
        assert (await client.get("/")).status_code == 200
        assert gateway.gate.departments.breakers["reader"].open
        assert not gateway.gate.departments.breakers["office"].failures


async def test_an_open_breaker_answers_at_once_and_closes_when_the_department_is_back(start: Start) -> None:
    port = free_port()
    gateway = await start(departments={"reader": f"http://127.0.0.1:{port}"})
    client = await gateway.client()
    for _ in range(3):
        await client.get("/reader/x")
    assert gateway.gate.departments.breakers["reader"].open
    async with serving(Department("reader").app(), port):
        async with asyncio.timeout(8):
            while (await client.get("/reader/x")).status_code != 200:
                await asyncio.sleep(0.05)
        assert (await client.get("/reader/x")).status_code == 200
        assert not gateway.gate.departments.breakers["reader"].open


async def test_a_department_that_does_not_answer_in_time_is_not_called_down(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def mute(scope: dict[str, object], receive: object, send: object) -> None:
        if scope["type"] == "http":
            await asyncio.sleep(5)

    monkeypatch.setattr(limits, "PAGE", limits.Limit(1 * MB, read=0.3))
    async with serving(mute) as address:
        gateway = await start(departments={"reader": address})
        client = await gateway.client()
        answer = await client.get("/api/reader/x")
        assert (answer.status_code, answer.json()["code"]) == (504, "department-slow")
        assert not gateway.gate.departments.breakers["reader"].failures


async def test_signals_pass_as_they_come_and_the_department_is_freed_when_the_browser_goes(house: House) -> None:
    client = await house.gateway.signed_in("rdr-dsk")
    started = time.monotonic()
    async with client.stream("GET", "/reader/signals", headers={"accept": "text/event-stream"}) as stream:
        assert "content-encoding" not in stream.headers
        async for line in stream.aiter_lines():
            if line.startswith("data:"):
                break
    assert time.monotonic() - started < 2
    async with asyncio.timeout(5):
        while not house.reader.streams_left:
            await asyncio.sleep(0.02)


async def test_figures_are_not_for_people_outside(house: House) -> None:
    client = await house.gateway.client()
    assert (await client.get("/metrics")).status_code == 200
    assert (await client.get("/metrics", headers={"x-forwarded-for": "203.0.113.7"})).status_code == 404
