"""One hop: the request goes to its department and the answer comes back, piece by piece."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping
from typing import Any

import aiohttp
import structlog
from multidict import CIMultiDict
from starlette.types import Receive, Scope, Send
from yarl import URL

from gateway.proxy.body import Body, CallerLeft
from gateway.proxy.breaker import Breaker
from gateway.proxy.compress import LARGEST, SMALLEST, encoding_for, packed, worth
from gateway.proxy.headers import Raw, forwarded, inbound, outbound, value_of
from gateway.proxy.limits import MB, BodyTooLarge, DepartmentDown, DepartmentSlow, limit_of
from gateway.proxy.open_doors import DOORS
from shared import tracing
from shared.metrics import REQUESTS
from shared.refusals import Refusal

log = structlog.get_logger()

SKIPPED = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
BODILESS = {204, 304}


class Departments:
    """The connections to all departments, and what is known of their health."""

    def __init__(self, addresses: Mapping[str, str]) -> None:
        self.addresses = dict(addresses)
        self.breakers = {name: Breaker() for name in self.addresses}
        self._http: aiohttp.ClientSession | None = None

    @property
    def http(self) -> aiohttp.ClientSession:
        """The pool of open connections; made at first use, inside the loop."""
        if self._http is None or self._http.closed:
            self._http = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, limit_per_host=256, keepalive_timeout=30),
                cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False,
                skip_auto_headers=SKIPPED, read_bufsize=256 << 10,
            )
        return self._http

    async def close(self) -> None:
        """Let the connections go."""
        if self._http:
            await self._http.close()

    def of(self, path: str) -> str:
        """The department a path belongs to: `/<dept>/…`, `/api/<dept>/…` or an open door; else nothing."""
        first, _, rest = path[1:].partition("/")
        if first == "api":
            first = rest.partition("/")[0]
        elif not rest:
            first = DOORS.get(first, first)
        return first if first in self.addresses else ""

    async def fetch(
        self, dept: str, path: str, token: str, *, seconds: float, headers: Mapping[str, str] | None = None,
        plain: bool = False,
    ) -> Any:
        """A department's JSON (or `plain` text) for a page of ours; None when it does not answer in time."""
        breaker = self.breakers[dept]
        if breaker.open and not breaker.lets_pass():
            return None
        sent = {"accept": "application/json", **(headers or {})}
        if token:
            sent["authorization"] = f"Bearer {token}"
        timeout = aiohttp.ClientTimeout(total=seconds)
        try:
            async with self.http.get(
                URL(self.addresses[dept] + path, encoded=True), headers=sent, timeout=timeout
            ) as answer:
                breaker.succeeded()
                if answer.status != 200:
                    return None
                return await answer.text() if plain else await answer.json(content_type=None)
        except aiohttp.ClientConnectorError:
            breaker.failed()
        except (aiohttp.ClientError, TimeoutError, ValueError):
            pass
        return None

    async def relay(
        self, scope: Scope, receive: Receive, send: Send, *, dept: str, token: str, correlation: str
    ) -> None:
        """Pass the request on and the answer back; raises a refusal when there is no answer."""
        started = time.perf_counter()
        status = 503
        try:
            with tracing.span(f"{scope['method']} /{dept}/*", "client", **{"guanwu.correlation": correlation}):
                status = await self._relay(scope, receive, send, dept, token, correlation)
        except Refusal as refusal:
            status = refusal.status
            raise
        finally:
            REQUESTS.labels(scope["method"], f"/{dept}/*", str(status)).observe(
                time.perf_counter() - started
            )

    async def _relay(
        self, scope: Scope, receive: Receive, send: Send, dept: str, token: str, correlation: str
    ) -> int:
        raw: Raw = scope["headers"]
        limit = limit_of(scope["path"], value_of(raw, b"accept"))
        declared = value_of(raw, b"content-length")
        if declared.isdigit() and int(declared) > limit.body:
            raise BodyTooLarge(mb=limit.body // MB)
        breaker = self.breakers[dept]
        if not breaker.lets_pass():
            raise DepartmentDown(dept)

        headers: CIMultiDict[str] = CIMultiDict(
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in (
                *((n, v) for n, v in inbound(raw) if n != b"accept-encoding"),
                *forwarded(scope, value_of(raw, b"host"), correlation, token),
            )
        )
        body = Body(receive, limit.body)
        data: Any = None
        if declared not in (b"", b"0") or value_of(raw, b"transfer-encoding"):
            data = await body.first()
            if data is None:
                data = body.pieces()
        timeout = aiohttp.ClientTimeout(
            total=None, connect=None, sock_connect=limit.connect, sock_read=limit.read
        )
        query = scope["query_string"]
        target = self.addresses[dept] + (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
        url = URL(f"{target}?{query.decode('latin-1')}" if query else target, encoded=True)
        try:
            answer = await self.http.request(
                scope["method"], url, headers=headers, data=data, allow_redirects=False, timeout=timeout
            )
        except aiohttp.ClientError as error:
            if body.too_large:
                raise BodyTooLarge(mb=limit.body // MB) from error
            if body.left:
                return 499
            if isinstance(error, aiohttp.ServerTimeoutError) and not isinstance(error, aiohttp.ConnectionTimeoutError):
                raise DepartmentSlow(dept) from error
            breaker.failed()
            log.warning("department does not answer", department=dept, error=type(error).__name__)
            raise DepartmentDown(dept) from error
        except CallerLeft:
            if body.too_large:
                raise BodyTooLarge(mb=limit.body // MB) from None
            return 499
        breaker.succeeded()
        async with answer:
            await _answer(answer, scope, receive, send, body_done=data is None or body.done)
        return answer.status


async def _answer(
    answer: aiohttp.ClientResponse, scope: Scope, receive: Receive, send: Send, *, body_done: bool
) -> None:
    headers = outbound(answer.raw_headers)
    length = answer.content_length
    if scope["method"] == "HEAD" or answer.status in BODILESS or length == 0:
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return
    if length is not None and length <= LARGEST and worth(headers, answer.status):
        content = await answer.read()
        encoding = encoding_for(value_of(scope["headers"], b"accept-encoding"))
        if encoding and length >= SMALLEST:
            headers, content = packed(headers, content, encoding)
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": content})
        return
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    # A caller who goes away must free the department too, above all on endless streams.
    gone = asyncio.create_task(_gone(receive)) if body_done else None
    try:
        pump = asyncio.create_task(_pump(answer, send))
        await asyncio.wait({pump, gone} if gone else {pump}, return_when=asyncio.FIRST_COMPLETED)
        if pump.done():
            pump.result()
        else:
            pump.cancel()
            answer.close()
    finally:
        if gone:
            gone.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await gone


async def _pump(answer: aiohttp.ClientResponse, send: Send) -> None:
    async for piece in answer.content.iter_any():
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
