"""Whatever becomes of a request, its answer bears the headers that keep a browser from harm, and says nothing of us."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request

from shared.refusals import NotAllowed
from shared.web import errors
from shared.web.middleware import SECURITY, Edge


def house() -> FastAPI:
    """A service of three doors: one answers, one refuses, one fails with a secret in its error."""
    app = FastAPI()
    app.add_middleware(Edge, service="office")
    errors.install(app)

    @app.get("/api/fine")
    async def fine() -> dict[str, str]:
        return {"fine": "yes"}

    @app.get("/api/refused")
    async def refused() -> None:
        raise NotAllowed

    @app.get("/api/failing")
    async def failing() -> None:
        raise RuntimeError("password=hunter2 at /srv/guanwu/app.py")

    return app


@pytest.mark.parametrize(
    ("path", "status"), [("/api/fine", 200), ("/api/refused", 403), ("/api/nowhere", 404), ("/api/failing", 500)]
)
async def test_every_answer_bears_the_safe_headers(path: str, status: int) -> None:
    transport = httpx.ASGITransport(house(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://office.test") as browser:
        answer = await browser.get(path, headers={"cookie": "lang=en"})
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in SECURITY} == SECURITY
    assert "hunter2" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["x-correlation-id"]


@pytest.mark.parametrize(("method", "said", "back"), [
    ("POST", "http://house/orders/7?tab=2", "/orders/7?tab=2"), ("GET", "http://house/orders/7", ""), ("GET", "http://house/orders", "/orders"),
    ("POST", "http://elsewhere/orders/7", ""), ("POST", "http://house/login", ""), ("POST", "http://house//elsewhere", ""), ("POST", "", ""),
])
def test_a_refusal_leads_back_to_the_screen_it_came_from_and_never_out_of_the_house(method: str, said: str, back: str) -> None:
    headers = [(b"host", b"10.0.0.7:8000"), (b"x-forwarded-host", b"house"), (b"referer", said.encode())]
    scope = {"type": "http", "method": method, "path": "/orders/7", "query_string": b"", "headers": headers}
    assert errors.came_from(Request(scope)) == back


def test_the_content_policy_lets_no_script_in_but_our_own() -> None:
    policy = dict(part.strip().split(" ", 1) for part in SECURITY["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["script-src"] == policy["connect-src"] == policy["form-action"] == policy["style-src"] == "'self'"
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
