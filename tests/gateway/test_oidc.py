"""The university's sign-in, against a small provider that can also lie."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlparse

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from joserfc import jwt
from joserfc.jwk import RSAKey

from gateway.accounts.oidc import Provider
from shared.settings import Settings
from tests.gateway.conftest import Running, Start
from tests.gateway.standin import serving


@dataclass
class University:
    """An OpenID provider of one person; `lies` changes what its ID token says."""

    url: str = ""
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "u-77", "preferred_username": "S001"})
    lies: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048))
    published: RSAKey | None = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def app(self) -> FastAPI:
        app = FastAPI(openapi_url=None)

        @app.get("/.well-known/openid-configuration")
        async def about() -> dict[str, Any]:
            return {
                "issuer": self.url, "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token", "jwks_uri": f"{self.url}/keys",
                "id_token_signing_alg_values_supported": ["RS256"],
            }

        @app.get("/keys")
        async def keys() -> dict[str, Any]:
            shown = (self.published or self.key).as_dict(private=False)
            return {"keys": [{**shown, "use": "sig", "alg": "RS256"}]}

        @app.get("/authorize")
        async def authorize(request: Request) -> Response:
            asked = dict(request.query_params)
            assert asked["response_type"] == "code"
            assert asked["code_challenge_method"] == "S256"
            code = secrets.token_urlsafe(8)
            self.codes[code] = asked
            return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")

        @app.post("/token")
        async def token(request: Request) -> Response:
            form = await request.form()
            asked = self.codes.pop(str(form["code"]), None)
            given = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
            proof = base64.urlsafe_b64encode(hashlib.sha256(str(form["code_verifier"]).encode()).digest())
            if not asked or given != "library:secret" or proof.rstrip(b"=").decode() != asked["code_challenge"]:
                return JSONResponse({"error": "invalid_grant"}, status_code=400)
            now = int(time.time())
            claims = {
                "iss": self.url, "aud": "library", "iat": now, "exp": now + 300, "nonce": asked["nonce"],
                **self.person, **self.lies,
            }
            signed = jwt.encode({"alg": "RS256"}, claims, self.key, algorithms=["RS256"])
            return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": signed})

        return app


@dataclass
class Campus:
    gateway: Running
    university: University

    async def go(self, client: httpx.AsyncClient) -> httpx.Response:
        """To the provider and back, as a browser would."""
        out = await client.get("/login/university?next=/timeline")
        assert out.status_code == 303, out.text
        async with httpx.AsyncClient() as browser:
            home = await browser.get(out.headers["location"])
        return await client.get(home.headers["location"])


@pytest.fixture
async def campus(start: Start) -> AsyncIterator[Campus]:
    university = University()
    async with serving(university.app()) as address:
        university.url = address
        gateway = await start(oidc_issuer=address, oidc_client_id="library", oidc_client_secret="secret")
        yield Campus(gateway, university)


async def test_the_universitys_word_opens_a_session_and_links_the_subject_once(campus: Campus) -> None:
    await campus.gateway.staff("rdr-dsk")
    client = await campus.gateway.client()
    assert "/login/university" in (await client.get("/login")).text
    back = await campus.go(client)
    assert (back.status_code, back.headers["location"]) == (303, "/timeline")
    assert "林晓雯" in (await client.get("/account")).text
    # Once linked, the subject counts and not the name, which may have gone to somebody else.
    campus.university.person = {"sub": "u-77", "preferred_username": "S002"}
    again = await campus.gateway.client()
    await campus.go(again)
    assert "林晓雯" in (await again.get("/account")).text


async def test_somebody_the_house_knows_gets_an_account_and_a_stranger_does_not(campus: Campus) -> None:
    from shared.events.reader import PatronRegistered

    await campus.gateway.feed(PatronRegistered(card="R2023", category="ug"), actor="system", kind="system")
    campus.university.person = {"sub": "u-1", "preferred_username": "R2023"}
    client = await campus.gateway.client()
    assert (await campus.go(client)).status_code == 303
    assert "R2023" in (await client.get("/")).text
    campus.university.person = {"sub": "u-2", "preferred_username": "nobody"}
    stranger = await campus.gateway.client()
    refused = await campus.go(stranger)
    assert refused.status_code == 403
    assert (await stranger.get("/")).status_code == 302


@pytest.mark.parametrize(
    "lies",
    [
        {"nonce": "another"}, {"aud": "somebody else"}, {"iss": "https://evil.example"}, {"exp": 1_700_000_000},
        {"aud": ["library", "other"]}, {"sub": ""}, {"iat": 4_000_000_000},
    ],
    ids=lambda lies: next(iter(lies)),
)
async def test_an_id_token_that_does_not_hold_in_every_respect_opens_nothing(
    campus: Campus, lies: dict[str, Any]
) -> None:
    await campus.gateway.staff("rdr-dsk")
    campus.university.lies = lies
    client = await campus.gateway.client()
    assert (await campus.go(client)).status_code == 401
    assert (await client.get("/")).status_code == 302


async def test_a_signature_of_another_key_opens_nothing(campus: Campus) -> None:
    await campus.gateway.staff("rdr-dsk")
    campus.university.published = RSAKey.generate_key(2048)
    client = await campus.gateway.client()
    assert (await campus.go(client)).status_code == 401


async def test_an_answer_brought_by_another_browser_or_a_second_time_opens_nothing(campus: Campus) -> None:
    await campus.gateway.staff("rdr-dsk")
    attacker = await campus.gateway.client()
    out = await attacker.get("/login/university")
    async with httpx.AsyncClient() as browser:
        home = (await browser.get(out.headers["location"])).headers["location"]
    victim = await campus.gateway.client()
    assert (await victim.get(home)).status_code == 401  # the state is not in this browser
    assert (await victim.get("/")).status_code == 302
    state = parse_qs(urlparse(home).query)["state"][0]
    assert (await attacker.get(home)).status_code == 303
    attacker.cookies.set("guanwu-oidc", state, domain="127.0.0.1", path="/login/university")
    assert (await attacker.get(home)).status_code == 401


async def test_a_provider_that_is_down_leaves_local_sign_in_open(campus: Campus, start: Start) -> None:
    from deploy.local.ports import free_port

    gateway = await start(oidc_issuer=f"http://127.0.0.1:{free_port()}", oidc_client_id="library")
    client = await gateway.client()
    answer = await client.get("/login/university")
    assert answer.status_code == 401
    assert 'name="password"' in answer.text


async def test_an_issuer_without_tls_is_not_trusted(start: Start) -> None:
    with pytest.raises(ValueError, match="https"):
        await start(oidc_issuer="http://sso.example.edu", oidc_client_id="library")


@pytest.mark.parametrize(("url", "may"), [
    ("https://sso.example.edu/token", True), ("http://sso.example.edu/token", False), ("https://127.0.0.1/token", False),
    ("https://10.0.0.7/token", False), ("https://[::1]/token", False), ("https://169.254.169.254/latest", False),
    ("https://[::ffff:10.0.0.7]/", False), ("https://1.1.1.1/token", True), ("file:///etc/passwd", False), ("", False),
    ("https://sso.example.edu@10.0.0.7/", False),
])
async def test_a_discovery_document_sends_us_into_no_private_network(url: str, may: bool) -> None:
    provider = Provider(Settings(service="gateway", database_url="", oidc_issuer="https://sso.example.edu", oidc_client_id="x"))
    assert await provider._may_go_to(url) is may
