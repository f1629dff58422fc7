"""Sessions: fixation, expiry, sign-out, other devices, forged requests, tokens for programs."""

from __future__ import annotations

import httpx
from sqlalchemy import text

from gateway.accounts.sessions import FRESH
from tests.gateway.conftest import PASSWORD, Running, Start


async def _age(gateway: Running, column: str, by: str) -> None:
    async with gateway.kit.works.open() as work:
        await work.session.execute(text(f"UPDATE session SET {column} = {column} - CAST('{by}' AS interval)"))
    gateway.gate.sessions.known.clear()


async def test_a_session_planted_before_sign_in_is_worth_nothing_afterwards(gateway: Running) -> None:
    attacker = await gateway.signed_in("rdr-dsk")
    planted = attacker.cookies["guanwu"]
    await gateway.staff("res-dig")
    victim = await gateway.client()
    victim.cookies.set("guanwu", planted, domain="127.0.0.1")
    answer = await victim.post("/login", data={"username": "res-dig", "password": PASSWORD})
    fresh = answer.cookies["guanwu"]
    assert fresh != planted
    assert (await attacker.get("/")).status_code == 302


async def test_a_session_ends_when_idle_and_in_any_case_after_half_a_day(gateway: Running) -> None:
    client = await gateway.signed_in("rdr-dsk")
    await _age(gateway, "last_seen_at", "1 hour 59 minutes")
    assert (await client.get("/")).status_code == 200  # and is fresh again now
    await _age(gateway, "last_seen_at", "2 hours 1 minute")
    assert (await client.get("/")).status_code == 302
    other = await gateway.client()
    await other.post("/login", data={"username": "rdr-dsk", "password": PASSWORD})
    await _age(gateway, "expires_at", "12 hours")
    assert (await other.get("/")).status_code == 302


async def test_pages_that_ask_by_themselves_do_not_keep_a_session_alive(gateway: Running) -> None:
    client = await gateway.signed_in("rdr-dsk")
    await _age(gateway, "last_seen_at", "1 hour 59 minutes")
    assert (await client.get("/work/badges")).status_code == 200
    await _age(gateway, "last_seen_at", "2 minutes")
    assert (await client.get("/work/badges")).status_code == 303


async def test_signing_out_ends_the_session_here_at_once_and_in_another_process_within_seconds(
    gateway: Running, start: Start
) -> None:
    client = await gateway.signed_in("rdr-dsk")
    secret = client.cookies["guanwu"]
    replica = await (await start()).client()
    replica.cookies.set("guanwu", secret, domain="127.0.0.1")
    assert (await replica.get("/account")).status_code == 200
    out = await client.post("/logout")
    assert (out.status_code, out.headers["location"]) == (303, "/login")
    client.cookies.set("guanwu", secret, domain="127.0.0.1")
    assert (await client.get("/account")).status_code == 303
    assert FRESH <= 5


async def test_one_may_end_ones_own_sessions_and_nobody_elses(gateway: Running) -> None:
    here = await gateway.signed_in("rdr-dsk")
    there = await gateway.client()
    await there.post("/login", data={"username": "rdr-dsk", "password": PASSWORD})
    stranger = await gateway.signed_in("res-dig")
    async with gateway.kit.reading() as session:
        rows = (await session.execute(text(
            "SELECT s.id FROM session s JOIN account a ON a.id = s.account_id "
            "WHERE a.user_name = 'rdr-dsk' ORDER BY s.opened_at"
        ))).all()
    assert (await stranger.post(f"/account/sessions/{rows[1].id}/end")).status_code == 404
    page = await here.get("/account")
    assert str(rows[1].id) in page.text
    assert (await here.post(f"/account/sessions/{rows[1].id}/end")).status_code == 303
    assert (await there.get("/account")).status_code == 303
    assert (await here.get("/account")).status_code == 200


async def test_another_sites_page_cannot_act_with_my_session(gateway: Running) -> None:
    client = await gateway.signed_in("rdr-dsk")
    for forged in (
        {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"},
        {"origin": "null"},
    ):
        answer = await client.post("/account/sessions/end-others", headers=forged)
        assert answer.status_code == 403
    assert (await client.get("/account", headers={"sec-fetch-site": "cross-site"})).status_code == 200
    fine = {"sec-fetch-site": "same-origin", "origin": gateway.url}
    assert (await client.post("/account/sessions/end-others", headers=fine)).status_code == 303


async def test_changing_the_password_needs_the_old_one_and_ends_other_sessions(gateway: Running) -> None:
    here = await gateway.signed_in("rdr-dsk")
    there = await gateway.client()
    await there.post("/login", data={"username": "rdr-dsk", "password": PASSWORD})
    new = "quite another sentence"

    async def change(**form: str) -> httpx.Response:
        return await here.post("/account/password", data={"old": PASSWORD, "new": new, "again": new, **form})

    assert (await change(old="wrong")).status_code == 422
    assert (await change(new="short", again="short")).status_code == 422
    assert (await change(new="my name is rdr-dsk", again="my name is rdr-dsk")).status_code == 422
    assert (await change(again="something else")).status_code == 422
    assert (await change()).status_code == 303
    assert (await there.get("/account")).status_code == 303
    assert (await here.get("/account")).status_code == 200
    again = await gateway.client()
    assert (await again.post("/login", data={"username": "rdr-dsk", "password": PASSWORD})).status_code == 401
    assert (await again.post("/login", data={"username": "rdr-dsk", "password": new})).status_code == 303


async def test_a_first_password_opens_nothing_but_the_page_that_changes_it(gateway: Running) -> None:
    admin = await gateway.signed_in("tec-sys")
    await gateway.patron("R2024")
    opened = await admin.post("/accounts", data={"person_id": "R2024", "user_name": "Reader"})
    assert opened.status_code == 200
    first = opened.text.split("note-box", 1)[1].split("<b>")[1].split("</b>")[0]
    client = await gateway.client()
    answer = await client.post("/login", data={"username": "reader", "password": first})
    assert answer.headers["location"] == "/account/password"
    assert (await client.get("/")).headers["location"] == "/account/password"
    assert (await client.get("/api/work")).json()["code"] == "password-must-change"
    program = await client.post("/api/token", json={"username": "reader", "password": first})
    assert program.json()["code"] == "password-must-change"
    new = "a sentence of my own"
    await client.post("/account/password", data={"old": first, "new": new, "again": new})
    assert (await client.get("/")).status_code == 200


async def test_only_those_in_charge_administer_accounts(gateway: Running) -> None:
    desk = await gateway.signed_in("rdr-dsk")
    workshop = await gateway.signed_in("res-dig")
    await gateway.patron("R2024")
    async with gateway.kit.reading() as session:
        rows = await session.execute(text("SELECT user_name, id::text AS id FROM account"))
        ids = {row.user_name: row.id for row in rows}
    assert (await workshop.get("/accounts")).status_code == 403
    assert (await desk.post(f"/accounts/{ids['r2024']}/reset")).status_code == 200
    assert (await desk.post(f"/accounts/{ids['res-dig']}/reset")).status_code == 403
    assert "res-dig" not in (await desk.get("/accounts")).text


async def test_a_program_signs_in_and_its_token_can_be_taken_back(gateway: Running) -> None:
    browser = await gateway.signed_in("rdr-dsk")
    bare = await gateway.client()
    given = (await bare.post("/api/token", json={"username": "rdr-dsk", "password": PASSWORD})).json()
    assert given["token_type"] == "bearer"
    assert given["expires_in"] == 3600
    program = {"authorization": f"Bearer {given['access_token']}"}
    assert (await bare.get("/api/work", headers=program)).json() == {"items": [], "total": 0, "next": None}
    assert (await bare.get("/api/work")).status_code == 401
    # A program's request is not a browser's: no origin to check.
    posted = await bare.post("/notices/read", headers={**program, "origin": "https://elsewhere.example"})
    assert posted.status_code == 403  # the door still refuses an origin that lies
    async with gateway.kit.reading() as session:
        token = await session.scalar(text("SELECT id::text FROM api_token"))
    assert (await browser.post(f"/account/tokens/{token}/revoke")).status_code == 303
    assert (await bare.get("/api/work", headers=program)).status_code == 401


async def test_a_token_is_shown_once_and_kept_as_a_hash(gateway: Running) -> None:
    browser = await gateway.signed_in("rdr-dsk")
    shown = (await browser.post("/account/tokens", data={"name": "到馆脚本"})).text
    secret = "gwt_" + shown.split("gwt_")[1].split("<")[0]
    assert (await browser.get("/api/work", headers={"authorization": f"Bearer {secret}"})).status_code == 200
    page = (await browser.get("/account")).text
    assert "到馆脚本" in page
    assert secret not in page


async def test_language_and_theme_can_be_chosen_without_javascript(gateway: Running) -> None:
    client = await gateway.client()
    answer = await client.get("/login?next=%2Fwork&lang=en&theme=dark")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Fwork"
    page = (await client.get("/login")).text
    assert '<html lang="en"' in page
    assert 'data-bs-theme="dark"' in page
