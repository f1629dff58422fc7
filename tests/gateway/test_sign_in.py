"""Signing in: who gets in, who does not, and what an attacker can learn from the answers."""

from __future__ import annotations

import asyncio
import statistics
import time

import pytest
from sqlalchemy import text

from gateway.accounts.rules import FAILS_PER_ACCOUNT, attempt_keys, safe_next
from tests.gateway.conftest import PASSWORD, Running, Start


async def test_a_right_password_opens_a_session_and_leads_back_to_where_one_wanted_to_go(gateway: Running) -> None:
    await gateway.staff("rdr-dsk")
    client = await gateway.client()
    asked = await client.get("/timeline")
    assert asked.status_code == 303
    assert asked.headers["location"] == "/login?next=%2Ftimeline"
    form = {"username": " RDR-DSK ", "password": PASSWORD, "next": "/timeline"}
    answer = await client.post("/login", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/timeline")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert (await client.get("/")).status_code == 200


async def test_over_tls_the_cookie_is_bound_to_the_host(start: Start) -> None:
    gateway = await start(public_url="https://library.example.edu")
    await gateway.staff("rdr-dsk")
    client = await gateway.client()
    answer = await client.post("/login", data={"username": "rdr-dsk", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-guanwu=")
    assert "Secure" in cookie
    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
    secret = cookie.split(";")[0].split("=", 1)[1]
    assert (await client.get("/", headers={"cookie": f"__Host-guanwu={secret}"})).status_code == 200
    # The name that binds nothing is not accepted there.
    assert (await client.get("/", headers={"cookie": f"guanwu={secret}"})).status_code == 302


async def test_unknown_name_wrong_password_and_disabled_account_get_the_same_answer_in_the_same_time(
    gateway: Running,
) -> None:
    await gateway.account("known", "S1")
    await gateway.account("closed", "S2", disabled=True)
    client = await gateway.client()
    await client.post("/login", data={"username": "warm up", "password": "x"})

    async def attempt(name: str) -> tuple[str, float]:
        started = time.perf_counter()
        answer = await client.post("/login", data={"username": name, "password": "not the password"})
        assert answer.status_code == 401
        return answer.text.replace(name, "NAME"), time.perf_counter() - started

    pages, times = {}, {}
    for name in ("known", "nobody", "closed"):
        tries = [await attempt(name) for _ in range(5)]
        pages[name], times[name] = tries[0][0], statistics.median(spent for _page, spent in tries)
    assert pages["known"] == pages["nobody"] == pages["closed"]
    # Hashing dominates; an early "no such account" would be more than ten times quicker.
    assert max(times.values()) < 6 * min(times.values())


async def test_guessing_is_stopped_for_the_account_even_with_the_right_password_and_after_a_restart(
    gateway: Running, start: Start
) -> None:
    await gateway.staff("rdr-dsk")
    client = await gateway.client()
    wrong = {"username": "rdr-dsk", "password": "wrong"}
    for _ in range(FAILS_PER_ACCOUNT):
        assert (await client.post("/login", data=wrong)).status_code == 401
    right = {"username": "rdr-dsk", "password": PASSWORD}
    refused = await client.post("/login", data=right)
    assert refused.status_code == 429
    assert "retry-after" in refused.headers
    another = await (await start()).client()
    assert (await another.post("/login", data=right)).status_code == 429
    program = await another.post("/api/token", json=right)
    assert (program.status_code, program.json()["code"]) == (429, "too-many-attempts")


async def test_parallel_guesses_cannot_slip_past_the_limit(gateway: Running) -> None:
    await gateway.account("known", "S1")
    client = await gateway.client()
    answers = await asyncio.gather(*(
        client.post("/login", data={"username": "known", "password": f"guess {n}"})
        for n in range(FAILS_PER_ACCOUNT + 6)
    ))
    assert sum(answer.status_code == 401 for answer in answers) == FAILS_PER_ACCOUNT
    assert sum(answer.status_code == 429 for answer in answers) == 6


async def test_a_right_password_clears_the_count(gateway: Running) -> None:
    await gateway.staff("rdr-dsk")
    client = await gateway.client()
    for _ in range(FAILS_PER_ACCOUNT - 1):
        await client.post("/login", data={"username": "rdr-dsk", "password": "wrong"})
    assert (await client.post("/login", data={"username": "rdr-dsk", "password": PASSWORD})).status_code == 303
    async with gateway.kit.reading() as session:
        left = (await session.execute(text("SELECT key, failed FROM sign_in_attempts"))).all()
    assert [row.key for row in left] == ["address:127.0.0.1"]
    assert left[0].failed == FAILS_PER_ACCOUNT - 1


def test_an_ipv6_network_counts_as_one_address() -> None:
    one, other = (attempt_keys("x", address)[1][0] for address in ("2001:db8::1", "2001:db8::ffff"))
    assert one == other == "address:2001:db8::/64"


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        ("/work?dept=tech", "/work?dept=tech"), ("https://evil.example", "/"), ("//evil.example", "/"),
        ("/\\evil.example", "/"), ("javascript:alert(1)", "/"), ("/login?next=/", "/"), ("/a\r\nx: y", "/"),
    ],
)
def test_sign_in_leads_only_into_this_house(asked: str, led: str) -> None:
    assert safe_next(asked) == led


async def test_passwords_and_cookies_are_kept_only_as_hashes(gateway: Running) -> None:
    client = await gateway.signed_in("rdr-dsk")
    async with gateway.kit.reading() as session:
        kept = await session.scalar(text("SELECT password FROM account"))
        digest = await session.scalar(text("SELECT digest FROM session"))
        audited = (await session.scalars(text("SELECT changes::text FROM audit WHERE subject = 'account'"))).all()
    assert kept.startswith("$argon2id$")
    assert client.cookies["guanwu"].encode() not in bytes(digest)
    assert not any("argon2" in line for line in audited)


async def test_staff_who_left_and_closed_cards_do_not_get_in(gateway: Running) -> None:
    from datetime import date

    from shared.events.office import StaffLeft
    from shared.events.reader import CardStateChanged

    staff = await gateway.signed_in("rdr-dsk")
    await gateway.patron("R2023")
    patron = await gateway.signed_in("r2023")
    await gateway.feed(StaffLeft(staff_no="S001", left_on=date(2026, 1, 31)))
    await gateway.feed(CardStateChanged(card="R2023", state="closed", state_label="注销"))
    gateway.gate.sessions.known.clear()
    assert (await staff.get("/")).status_code == 302
    assert (await patron.get("/")).status_code == 302


async def test_an_empty_library_is_entered_by_a_first_account_that_may_open_others(gateway: Running) -> None:
    from gateway.accounts.first import open_first_account

    async with gateway.kit.works.open() as work:
        first = await open_first_account(work, user_name="Founder")
    client = await gateway.client()
    await client.post("/login", data={"username": "founder", "password": first})
    new = "the library opens today"
    await client.post("/account/password", data={"old": first, "new": new, "again": new})
    assert "馆长" in (await client.get("/account")).text
    assert (await client.get("/accounts")).status_code == 200
