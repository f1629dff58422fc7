"""What happens around every request: language, correlation, one log line, safe headers."""

from __future__ import annotations

import time
from contextlib import nullcontext
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, parse_qsl, urlencode
from uuid import UUID

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import tracing
from shared.database import uuid7
from shared.i18n import LANGUAGES, speaking
from shared.metrics import REQUESTS

log = structlog.get_logger()

SECURITY = {
    "content-security-policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; "
        "img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; frame-ancestors 'none'; "
        "base-uri 'none'; form-action 'self'; object-src 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=()",
}
PREFERENCES = {"lang": LANGUAGES, "theme": ("light", "dark", "auto")}
QUIET = {"/healthz", "/readyz", "/metrics"}


def choose_language(headers: Headers, query: str) -> str:
    """`?lang=` wins, then the cookie; Chinese otherwise. The API may say Accept-Language."""
    asked = parse_qs(query).get("lang", [""])[-1]
    if asked in LANGUAGES:
        return asked
    if cookie := headers.get("cookie"):
        jar: SimpleCookie = SimpleCookie()
        jar.load(cookie)
        if "lang" in jar and jar["lang"].value in LANGUAGES:
            return jar["lang"].value
    return "en" if headers.get("accept-language", "").startswith("en") and "cookie" not in headers else "zh"


def preference(scope: Scope) -> Response | None:
    """`?lang=en` or `?theme=dark` on a page: remember it and show the page as it was."""
    query = scope.get("query_string", b"").decode("latin-1")
    if scope["method"] != "GET" or scope["path"].startswith("/api/") or not ("lang=" in query or "theme=" in query):
        return None
    pairs = parse_qsl(query, keep_blank_values=True)
    chosen = {k: v for k, v in pairs if v in PREFERENCES.get(k, ())}
    if not chosen:
        return None
    rest = urlencode([(k, v) for k, v in pairs if k not in PREFERENCES])
    # A path of two slashes would lead to another host.
    answer = RedirectResponse("/" + scope["path"].lstrip("/") + (f"?{rest}" if rest else ""), status_code=303)
    for name, value in chosen.items():
        answer.set_cookie(name, value, max_age=31_536_000, path="/", samesite="lax")
    return answer


class Edge:
    """The outermost ASGI layer of every process."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self.app, self.service = app, service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if (kept := preference(scope)) is not None:
            await kept(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500
        correlation = _uuid(headers.get("x-correlation-id")) or str(uuid7())
        if "x-correlation-id" not in headers:
            scope["headers"] = [*scope["headers"], (b"x-correlation-id", correlation.encode())]

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                out = MutableHeaders(scope=message)
                for name, value in SECURITY.items():
                    if name not in out:
                        out[name] = value
                if "x-correlation-id" not in out:
                    out["x-correlation-id"] = correlation
            await send(message)

        lang = choose_language(headers, scope.get("query_string", b"").decode("latin-1"))
        quiet = scope["path"] in QUIET
        # A browser's word on traces is not taken: the gateway hears none, passes none on and sends departments its own.
        above = "" if self.service == "gateway" else headers.get(tracing.HEADER, "")
        begun = nullcontext() if quiet else tracing.span(scope["method"], "server", parent=above)
        with speaking(lang), begun as span:
            try:
                await self.app(scope, receive, send_with_headers)
            finally:
                seconds = time.perf_counter() - started
                route = getattr(scope.get("route"), "path", "other")
                if span is not None:
                    span.update_name(f"{scope['method']} {route}")
                    span.set_attributes({
                        "http.request.method": scope["method"], "http.route": route, "http.response.status_code": status,
                        "guanwu.correlation": correlation,
                    })
                if not quiet:
                    REQUESTS.labels(scope["method"], route, str(status)).observe(seconds)
                    if status >= 500 or seconds > 1:
                        log.warning(
                            "slow or failed request", method=scope["method"], route=route, status=status,
                            ms=round(seconds * 1000), correlation=correlation,
                        )


def _uuid(text: str | None) -> str | None:
    try:
        return str(UUID(text)) if text else None
    except ValueError:
        return None
