"""The gateway's own doors: whatever is written into them nothing fails, nothing comes back as markup and nobody is led away;
and what the table of rights says is what real requests through it meet, at its own doors and at a department's.

covers: TEC-SYS-03
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from pathlib import Path
from random import Random

import httpx
import pytest

from deploy.access import ACCOUNT, NARROWER, Door, doors, listed
from services.tech.app import service as tech
from shared.doors import ANONYMOUS
from shared.identity import Actor
from shared.settings import Settings
from tests.gateway.conftest import PASSWORD, House, Start
from tests.gateway.standin import serving
from tests.support.databases import Database
from tests.support.doorways import knock, passes
from tests.support.hostile import HOSTILE, requests

ELSEWHERE = (
    "//evil.example", "/\\evil.example", "https://evil.example/", "\\\\evil.example", "/%09/evil.example", "javascript:alert(1)",
    "/\t/evil.example", "http:evil.example", "/login?next=//evil.example",
)
MARKUP = '<b>"&'
# What ends the very session that knocks is tested in test_sessions.py.
ENDS = ("POST /logout", "POST /login", "POST /account/sessions/end-others", "POST /account/password")
DESK = Actor("S001", "林晓雯", posts=("RDR-DSK",), rank="", dept="reader")
KEEPER = Actor("S004", "赵刚", posts=("TEC-SYS",), rank="", dept="tech")
PATRON = Actor("P001", "", kind="patron", card="P001")
SAMPLE = 20


def harmless(answer: httpx.Response) -> str:
    """What is wrong with an answer; empty when nothing is."""
    if answer.status_code >= 500 and answer.status_code != 503:  # a department that is down is said to be
        return f"failed with {answer.status_code}"
    where = answer.headers.get("location", "/")
    if not re.match(r"/(?![/\\])", where) or re.search(r"[\x00-\x20\\]", where):
        return f"leads to {where}"
    if "html" in answer.headers.get("content-type", "") and MARKUP in answer.text:
        return "gives markup back"
    return ""


async def test_no_value_makes_a_door_of_the_gateway_fail(house: House) -> None:
    gateway, wrong = house.gateway, []
    keeper = await gateway.signed_in("tec-sys")
    stranger = await gateway.client()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        document = gateway.app.openapi()
    for client in (keeper, stranger):
        for method, where, more in requests(document, Random("gateway, hostile")):
            if where in {"/events", "/logout", "/login/university"}:
                continue
            if wrongly := harmless(await client.request(method, where, **more)):
                wrong.append((method, where, more, wrongly))
    assert not wrong


@pytest.mark.parametrize("where", ["/login", "/timeline", "/work", "/search", "/status", "/oai", "/sru", "/api/token", "/account", "/reader/catalogue"])
async def test_hostile_words_in_addresses_headers_and_cookies_are_only_words(house: House, where: str) -> None:
    client = await house.gateway.client()
    for word in HOSTILE:
        plain = word.encode().decode("latin-1").replace("\x00", "") or "x"
        for more in (
            {"params": dict.fromkeys(("q", "next", "lang", "theme", "ref", "operation", "query", "verb"), word)},
            {"headers": {"cookie": f"guanwu={plain.strip() or 'x'}; lang={plain.strip() or 'x'}".encode("latin-1", "replace")}},
            {"headers": {"authorization": f"Bearer {plain}".strip().encode("latin-1", "replace")}},
            {"headers": {"x-forwarded-host": "evil.example", "x-forwarded-for": plain.strip().encode("latin-1", "replace") or b"x",
                         "x-correlation-id": plain.strip().encode("latin-1", "replace") or b"x"}},
        ):
            answer = await client.get(where, **more)  # type: ignore[arg-type]
            assert not harmless(answer), (word, more, answer.status_code)
            assert "evil.example" not in answer.headers.get("location", "")


async def test_sign_in_leads_nobody_away_and_tells_nothing(house: House) -> None:
    await house.gateway.staff("rdr-dsk")
    client = await house.gateway.client()
    for target in ELSEWHERE:
        page = await client.get("/login", params={"next": target})
        assert not harmless(page), target
    for target in ELSEWHERE[:2]:
        client = await house.gateway.client()
        answer = await client.post("/login", data={"username": "rdr-dsk", "password": PASSWORD, "next": target})
        assert answer.status_code == 303, target
        assert not harmless(answer), target
    wrong = await client.post("/login", data={"username": MARKUP, "password": MARKUP, "next": MARKUP})
    assert wrong.status_code == 401
    assert MARKUP not in wrong.text
    # A program that guesses gets one answer, whether the name exists or not.
    told = {
        name: (await client.post("/api/token", json={"username": name, "password": "no", "name": "x"})) for name in ("rdr-dsk", "nobody")
    }
    assert {answer.status_code for answer in told.values()} <= {401, 422}
    assert len({answer.json()["code"] for answer in told.values()}) == 1


def expected(door: Door, actor: Actor) -> bool:
    """What the table says of this person at this door; the home page leads a visitor to the sign-in."""
    return passes(door, actor) and (door.name not in {*ACCOUNT, "GET /"} or actor.kind != "anonymous")


async def judged(browser: httpx.AsyncClient, door: Door, actor: Actor) -> str:
    """One knock; what is not as declared."""
    answer = await knock(browser, door)
    asked_in = answer.status_code == 401 or answer.headers.get("location", "").startswith("/login")
    gone = door.by is not None and answer.status_code == 404
    turned_away = asked_in if actor.kind == "anonymous" else answer.status_code == 403
    if answer.status_code >= 500 or (turned_away if expected(door, actor) else not (turned_away or gone)):
        return f"{door.name} {door.verb} for {actor.posts or actor.kind}: {answer.status_code}"
    return ""


async def test_real_requests_meet_what_the_table_of_rights_says(
    start: Start, database: Callable[[str], Database], tmp_path: Path
) -> None:
    """Through the front door: session, token, department, its rights and its commands."""
    place = database("tech")
    settings = Settings(service="tech", database_url=place.url, data=tmp_path / "tech", migrate=False, jwks_url="")
    app = tech.app(settings)
    wrong: list[str] = []
    async with serving(_quiet(app)) as address:
        gateway = await start(departments={"tech": address})
        app.state.kit.verifier.url = f"{gateway.url}/.well-known/jwks.json"
        await gateway.patron("P001")
        visitors = {
            ANONYMOUS: await gateway.client(), DESK: await gateway.signed_in("rdr-dsk"), KEEPER: await gateway.signed_in("tec-sys"),
            PATRON: await gateway.client(),
        }
        entered = await visitors[PATRON].post("/login", data={"username": "p001", "password": PASSWORD})
        assert entered.status_code == 303
        chance = Random("front door")
        own = [d for d in doors() if d.dept == "gateway" and d.name not in ENDS and "university" not in d.path]
        theirs = [d for d in doors() if d.dept == "tech" and d.by != () and not listed(d.name, NARROWER)]
        for door in (*own, *chance.sample(theirs, SAMPLE)):
            actor = chance.choice(list(visitors))
            if complaint := await judged(visitors[actor], door, actor):
                wrong.append(complaint)
    await app.state.kit.engine.dispose()
    assert not wrong


def _quiet(app: object) -> object:
    """The department's doors without its background: no bus, no clock."""

    async def asgi(scope: dict[str, object], receive: object, send: object) -> None:
        if scope["type"] == "lifespan":
            while True:
                message = await receive()  # type: ignore[operator]
                await send({"type": f"{message['type']}.complete"})  # type: ignore[operator]
                if message["type"] == "lifespan.shutdown":
                    return
        await app(scope, receive, send)  # type: ignore[operator]

    return asgi
