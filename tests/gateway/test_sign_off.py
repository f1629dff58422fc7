"""A second person signs at somebody else's desk: proven like a sign-in, limited like one, and no session comes of it."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from sqlalchemy import text

from gateway.accounts.rules import FAILS_PER_ACCOUNT
from shared.identity import ApprovalWorthless, Verifier
from tests.gateway.conftest import PASSWORD, PEOPLE, Running, Start
from tests.gateway.standin import Department, serving

FORM = {
    "to": "/reader/desk/lines/1/signed", "act": "lend", "about": "20231001 A1 debt", "reason": "已当面核对", "of": "me",
}


@pytest.fixture(autouse=True)
def head(monkeypatch: pytest.MonkeyPatch) -> None:
    """One more colleague: a head of the service point."""
    monkeypatch.setitem(PEOPLE, "rdr-led", ("S003", "陈责任", "reader", "RDR-LED"))


@pytest.fixture
async def desk(start: Start) -> Any:
    """A gateway in front of a department that shows what it was sent."""
    reader = Department("reader")
    async with serving(reader.app()) as address:
        gateway = await start(departments={"reader": address})
        reader.jwks_url = f"{gateway.url}/.well-known/jwks.json"
        await gateway.staff("rdr-led")
        yield gateway, reader


def claims(approval: str) -> dict[str, Any]:
    part = approval.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


async def rows(gateway: Running, sql: str) -> list[Any]:
    async with gateway.kit.sessions() as session:
        return list((await session.execute(text(sql))).all())


async def test_the_room_gets_the_approval_and_nobody_gets_the_password(desk: Any) -> None:
    gateway, reader = desk
    clerk = await gateway.signed_in("rdr-dsk")
    answer = await clerk.post(
        "/sign-off", data={**FORM, "username": " RDR-LED ", "password": PASSWORD}, headers={"hx-request": "true"}
    )
    assert answer.status_code == 200
    seen = reader.requests[-1]
    assert (seen["method"], seen["path"], seen["headers"]["hx-request"]) == ("POST", FORM["to"], "true")
    assert answer.json()["who"]["id"] == "S001"  # the clerk still acts
    fields = dict(pair.split("=", 1) for pair in seen["body"].split("&"))
    assert set(fields) == {"of", "approval"}
    given = await Verifier(reader.jwks_url, "reader").approval(fields["approval"])
    assert (given.by.id, given.by.posts, given.of) == ("S003", ("RDR-LED",), "S001")
    assert (given.act, given.about, given.reason) == ("lend", "20231001 A1 debt", "已当面核对")
    said = claims(fields["approval"])
    assert said["exp"] - said["iat"] == 90
    assert "set-cookie" not in answer.headers
    # No session of the head, no trace of the password, both people in the trail.
    assert await rows(gateway, "SELECT count(*) FROM session s JOIN account a ON a.id = s.account_id WHERE a.person_id = 'S003'") == [(0,)]
    trail = (await rows(gateway, "SELECT actor, changes FROM audit WHERE action = 'sign-off'"))[0]
    assert (trail[0], trail[1]["signed_by"], trail[1]["asked_by"]) == ("S001", "S003", "S001")
    assert "20231001" not in json.dumps(trail[1])
    for table in ("audit", "idempotency", "outbox"):
        kept = await rows(gateway, f"SELECT count(*) FROM {table} t WHERE t::text LIKE '%{PASSWORD}%'")
        assert kept == [(0,)]


async def test_a_key_sent_along_leaves_no_print_of_the_password(desk: Any) -> None:
    gateway, _reader = desk
    clerk = await gateway.signed_in("rdr-dsk")
    await clerk.post(
        "/sign-off", data={**FORM, "username": "rdr-led", "password": PASSWORD}, headers={"idempotency-key": "k"}
    )
    assert await rows(gateway, "SELECT count(*) FROM idempotency") == [(0,)]


async def test_wrong_passwords_close_the_account_here_as_at_the_sign_in_page(desk: Any) -> None:
    gateway, reader = desk
    clerk = await gateway.signed_in("rdr-dsk")
    before = len(reader.requests)
    wrong = {**FORM, "username": "rdr-led", "password": "wrong"}
    for _ in range(FAILS_PER_ACCOUNT):
        assert (await clerk.post("/sign-off", data=wrong)).status_code == 401
    right = {**wrong, "password": PASSWORD}
    assert (await clerk.post("/sign-off", data=right)).status_code == 429
    browser = await gateway.client()
    assert (await browser.post("/login", data={"username": "rdr-led", "password": PASSWORD})).status_code == 429
    assert len(reader.requests) == before
    # The clerk goes on working.
    assert (await clerk.get("/reader/desk")).status_code == 200


async def test_a_right_password_clears_the_count(desk: Any) -> None:
    gateway, _reader = desk
    clerk = await gateway.signed_in("rdr-dsk")
    await clerk.post("/sign-off", data={**FORM, "username": "rdr-led", "password": "wrong"})
    await clerk.post("/sign-off", data={**FORM, "username": "rdr-led", "password": PASSWORD})
    assert await rows(gateway, "SELECT failed FROM sign_in_attempts WHERE key = 'account:rdr-led'") == []


async def test_who_may_sign_and_who_may_ask(desk: Any) -> None:
    gateway, reader = desk
    clerk = await gateway.signed_in("rdr-dsk")
    await gateway.patron("20231001")
    own = await clerk.post("/sign-off", data={**FORM, "username": "rdr-dsk", "password": PASSWORD})
    assert own.status_code == 409
    patron = await clerk.post("/sign-off", data={**FORM, "username": "20231001", "password": PASSWORD})
    assert patron.status_code == 403
    unsigned = await gateway.client()
    sent = {**FORM, "username": "rdr-led", "password": PASSWORD}
    assert (await unsigned.post("/sign-off", data=sent)).status_code in {303, 401}
    reading = await gateway.signed_in("20231001")
    assert (await reading.post("/sign-off", data=sent)).status_code == 403
    elsewhere = await clerk.post("/sign-off", data=sent, headers={"sec-fetch-site": "cross-site"})
    assert elsewhere.status_code == 403
    assert reader.requests == []


@pytest.mark.parametrize("changed", [
    {"to": "/account/password"}, {"to": "//evil.example/reader"}, {"to": "/reader/../account"}, {"to": "/reader/a?x=1"},
    {"to": ""},
])
async def test_only_a_room_of_a_department_is_handed_an_approval(desk: Any, changed: dict[str, str]) -> None:
    gateway, reader = desk
    clerk = await gateway.signed_in("rdr-dsk")
    sent = {**FORM, **changed, "username": "rdr-led", "password": PASSWORD}
    assert (await clerk.post("/sign-off", data=sent)).status_code == 404
    assert reader.requests == []


async def test_without_a_reason_nothing_is_signed_and_no_try_is_counted(desk: Any) -> None:
    gateway, _reader = desk
    clerk = await gateway.signed_in("rdr-dsk")
    sent = {**FORM, "reason": " ", "username": "rdr-led", "password": "wrong"}
    assert (await clerk.post("/sign-off", data=sent)).status_code == 422
    assert await rows(gateway, "SELECT failed FROM sign_in_attempts WHERE key = 'account:rdr-led'") == []


async def test_a_program_gets_an_approval_that_only_its_department_takes(desk: Any) -> None:
    gateway, reader = desk
    clerk = await gateway.signed_in("rdr-dsk")
    body = {
        "username": "rdr-led", "password": PASSWORD, "department": "reader", "act": "lend", "about": "c b", "reason": "可以",
    }
    answer = await clerk.post("/api/sign-off", json=body)
    assert (answer.status_code, answer.json()["expires_in"]) == (200, 90)
    approval = answer.json()["approval"]
    assert (await Verifier(reader.jwks_url, "reader").approval(approval)).by.id == "S003"
    with pytest.raises(ApprovalWorthless):
        await Verifier(reader.jwks_url, "office").approval(approval)
    unknown = await clerk.post("/api/sign-off", json={**body, "department": "cafe"})
    assert unknown.status_code == 404
    short = await clerk.post("/api/sign-off", json={**body, "password": "x" * 300})
    assert short.status_code == 422
    assert "xxx" not in short.text


async def test_an_initial_password_signs_nothing(desk: Any) -> None:
    gateway, reader = desk
    clerk = await gateway.signed_in("rdr-dsk")
    await rows_changed(gateway, "UPDATE account SET must_change = true WHERE user_name = 'rdr-led'")
    sent = {**FORM, "username": "rdr-led", "password": PASSWORD}
    assert (await clerk.post("/sign-off", data=sent)).status_code in {303, 403}
    assert reader.requests == []


async def rows_changed(gateway: Running, sql: str) -> None:
    async with gateway.kit.works.open() as work:
        await work.session.execute(text(sql))


async def test_the_department_being_down_is_said_in_words(start: Start) -> None:
    gateway = await start(departments={"reader": "http://127.0.0.1:9"})
    await gateway.staff("rdr-led")
    clerk = await gateway.signed_in("rdr-dsk")
    sent = {**FORM, "username": "rdr-led", "password": PASSWORD}
    answer = await clerk.post("/sign-off", data=sent)
    assert answer.status_code == 503
    assert "读者服务部" in answer.text
