"""The front door: every request passes here first, before any routing.

Plain ASGI, because what most requests need is a look-up, a token and a relay; only the gateway's
own pages go on into FastAPI.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import parse_qsl, urlencode

import aiohttp
import structlog
from sqlalchemy.exc import DBAPIError
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.accounts.rules import PasswordMustChange
from gateway.accounts.sessions import SignedIn, cookie_of
from gateway.gate import Gate
from gateway.live import stream
from gateway.proxy.compress import Packer
from gateway.proxy.headers import CLAIMS, PREFIXES, Raw, value_of
from gateway.proxy.limits import AboutDepartment, DepartmentDown
from gateway.proxy.open_doors import DOORS, TooFast
from shared.database import uuid7
from shared.doors import ANONYMOUS, SAFE, check_origin, gone
from shared.i18n import LANGUAGES, speaking
from shared.identity import Actor
from shared.refusals import Away, NotFound, NotSignedIn, Refusal
from shared.web import errors
from shared.web.middleware import SECURITY, choose_language
from shared.web.pages import page

log = structlog.get_logger()

PLAIN = {"/healthz", "/readyz", "/.well-known/jwks.json"}
WHILE_PASSWORD_IS_OLD = ("/account/password", "/logout", "/login")
THEMES = ("light", "dark", "auto")
YEAR = 31_536_000
HSTS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
_SAFE_HEADERS = [(name.encode(), value.encode()) for name, value in SECURITY.items()]


class Front:
    """Static files, identity, CSRF, then: the department, or our own pages."""

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self.app, self.gate = app, gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        path = scope["path"]
        if path.startswith("/static/"):
            await self.gate.shelf(scope, send)
        elif path in PLAIN:
            await self.app(scope, receive, send)
        elif path == "/metrics":
            await self._figures(scope, receive, send)
        else:
            await self._pass(scope, receive, send)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw: Raw = scope["headers"]
        correlation = str(uuid7())
        state = scope.setdefault("state", {})
        state["signed_in"], state["actor"] = None, ANONYMOUS
        try:
            who = await self._asker(scope, raw)
        except Away as refusal:  # who asks cannot be looked up: nothing has begun, and the same request may come again
            await self._refuse(scope, receive, send, refusal)
            return
        state["signed_in"], state["actor"] = who, who.actor if who else ANONYMOUS
        started = False

        secure = self.gate.secure(scope.get("scheme", "http"))

        async def sending(message: Message) -> None:
            nonlocal started
            started = True
            if secure and message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], HSTS]
            await send(message)

        try:
            if who and who.by_cookie and scope["method"] not in SAFE:
                check_origin(Request(scope))
            if who and who.must_change and not scope["path"].startswith(WHILE_PASSWORD_IS_OLD):
                raise PasswordMustChange
            if await self._preference(scope, receive, send):
                return
            dept = self.gate.departments.of(scope["path"])
            if scope["path"][1:] in DOORS and dept:
                self.gate.pace.take((scope.get("client") or ("",))[0])
            if scope["path"] == "/events":
                await self._stream(scope, receive, sending, who)
            elif dept:
                token = self._token(who, dept)
                await self.gate.departments.relay(
                    scope, receive, sending, dept=dept, token=token, correlation=correlation
                )
            else:
                await self._own(scope, receive, sending, who, correlation)
        except Refusal as refusal:
            await self._refuse(scope, receive, sending, refusal)
        except (aiohttp.ClientError, TimeoutError) as error:
            # The answer broke off in the middle: ending without a last piece tells the browser so.
            log.warning("answer broke off", error=type(error).__name__, correlation=correlation)
            if not started:
                await self._refuse(scope, receive, send, NotFound(scope["path"]))

    async def _asker(self, scope: Scope, raw: Raw) -> SignedIn | None:
        """Who asks; looked up once more when the database had gone away, as a door does."""
        try:
            return await self._who(scope, raw)
        except DBAPIError as error:
            if not gone(error):
                raise
        try:
            return await self._who(scope, raw)
        except DBAPIError as error:
            if not gone(error):
                raise
            raise Away from error

    async def _who(self, scope: Scope, raw: Raw) -> SignedIn | None:
        bearer = value_of(raw, b"authorization")
        if bearer[:7].lower() == b"bearer ":
            found = await self.gate.sessions.by_token(bearer[7:].decode("latin-1"))
            if found:
                return found
        cookies = b"; ".join(value for name, value in raw if name == b"cookie")
        secure = self.gate.secure(scope.get("scheme", "http"))
        if secret := cookie_of(cookies.decode("latin-1"), secure=secure):
            return await self.gate.sessions.by_cookie(secret, scope["path"])
        return None

    def _token(self, who: SignedIn | None, audience: str) -> str:
        return self.gate.mint.token(who.actor, audience, str(who.id)) if who else ""

    async def _own(
        self, scope: Scope, receive: Receive, send: Send, who: SignedIn | None, correlation: str
    ) -> None:
        """Our own pages come in by the same kind of door as a department's."""
        raw: Raw = scope["headers"]
        kept = [(n, v) for n, v in raw if n not in CLAIMS and not n.startswith(PREFIXES)]
        kept.append((b"x-correlation-id", correlation.encode()))
        client = scope.get("client")
        kept.append((b"x-forwarded-for", (client[0] if client else "").encode()))
        if who:
            kept.append((b"authorization", b"Bearer " + self._token(who, "gateway").encode()))
        scope["headers"] = kept
        await self.app(scope, receive, Packer(send, value_of(raw, b"accept-encoding")))

    async def _stream(self, scope: Scope, receive: Receive, send: Send, who: SignedIn | None) -> None:
        if who is None:
            raise NotSignedIn
        gate, headers = self.gate, Headers(scope=scope)

        async def still_signed_in() -> bool:
            found = await self._who(scope, scope["headers"])
            return found is not None and found.id == who.id

        lang = choose_language(headers, scope["query_string"].decode("latin-1"))
        answer = stream.answer(gate.hub, gate.hub.open(who.actor), lang, still_signed_in)
        await answer(scope, receive, send)

    async def _preference(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """`?lang=` and `?theme=` without JavaScript: remember, and show the page again."""
        query = scope["query_string"]
        if scope["method"] != "GET" or not (b"lang=" in query or b"theme=" in query):
            return False
        headers = Headers(scope=scope)
        if scope["path"].startswith("/api/") or headers.get("hx-request"):
            return False
        pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
        wanted = {n: v for n, v in pairs if (n, v) in {*(("lang", o) for o in LANGUAGES), *(("theme", o) for o in THEMES)}}
        if not wanted:
            return False
        rest = urlencode([(n, v) for n, v in pairs if n not in wanted])
        path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
        if path.startswith(("//", "/\\")):
            return False
        answer = RedirectResponse(f"{path}?{rest}" if rest else path, status_code=303)
        for name, value in wanted.items():
            answer.set_cookie(name, value, max_age=YEAR, samesite="lax", path="/")
        await answer(scope, receive, send)
        return True

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, refusal: Refusal) -> None:
        request = Request(scope, receive)
        headers = request.headers
        actor: Actor = request.state.actor
        with speaking(choose_language(headers, scope["query_string"].decode("latin-1"))):
            if isinstance(refusal, AboutDepartment):
                refusal = refusal.in_words()
            whole_page = not errors.wants_json(request) and not headers.get("hx-request")
            answer: Response
            if isinstance(refusal, PasswordMustChange) and whole_page:
                answer = RedirectResponse("/account/password", status_code=303)
            elif isinstance(refusal, DepartmentDown) and whole_page:
                answer = page(
                    request, "down.html", status=refusal.status, refusal=refusal,
                    page_title=str(refusal.params["name"]), headers={"retry-after": "5"},
                )
            else:
                answer = errors.answer(request, refusal)
            log.info("refused at the front door", code=refusal.code, kind=actor.kind)

            if isinstance(refusal, TooFast):
                answer.headers["retry-after"] = str(refusal.params["seconds"])

            async def with_safe_headers(message: Message) -> None:
                if message["type"] == "http.response.start":
                    message["headers"] = [*message["headers"], *_SAFE_HEADERS]
                await send(message)

            await answer(scope, receive, with_safe_headers)

    async def _figures(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Figures are for the collector on our own network, not for whoever asks from outside."""
        client = scope.get("client")
        try:
            near = client is None or ipaddress.ip_address(client[0]).is_private
        except ValueError:
            near = False
        if near and not value_of(scope["headers"], b"x-forwarded-for"):
            await self.app(scope, receive, send)
        else:
            scope.setdefault("state", {})["actor"] = ANONYMOUS
            await self._refuse(scope, receive, send, NotFound("/metrics"))

