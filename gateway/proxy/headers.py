"""Which headers pass, in which direction: a department believes what the gateway says about a person."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.types import Scope

from shared import tracing

Raw = list[tuple[bytes, bytes]]

HOP = frozenset({
    b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection",
    b"te", b"trailer", b"transfer-encoding", b"upgrade", b"expect",
})
# Whatever outside says about who is asking, from where, or for which case is not passed on.
CLAIMS = frozenset({
    b"authorization", b"forwarded", b"x-real-ip", b"x-correlation-id", b"traceparent", b"tracestate", b"x-forwarded-for",
    b"x-forwarded-host", b"x-forwarded-proto", b"x-forwarded-port", b"x-forwarded-prefix",
})
PREFIXES = (b"x-guanwu-", b"x-remote-", b"x-user-", b"x-auth-")
SESSION_COOKIES = (b"guanwu", b"__Host-guanwu")


def inbound(raw: Iterable[tuple[bytes, bytes]]) -> Raw:
    """The caller's headers without hop-by-hop ones, without identity, without the session cookie."""
    found: Raw = []
    named: frozenset[bytes] = frozenset()
    pairs = list(raw)
    for name, value in pairs:
        if name == b"connection":
            named = frozenset(part.strip().lower() for part in value.split(b","))
    for name, value in pairs:
        if name in HOP or name in CLAIMS or name in named or name.startswith(PREFIXES):
            continue
        if name == b"cookie":
            value = without_session(value)
            if not value:
                continue
        found.append((name, value))
    return found


def without_session(cookies: bytes) -> bytes:
    """Departments need language and theme, never the session."""
    kept = [
        part for part in cookies.split(b";")
        if part.strip().partition(b"=")[0] not in SESSION_COOKIES
    ]
    return b";".join(kept).strip()


def forwarded(scope: Scope, host: bytes, correlation: str, token: str) -> Raw:
    """What the gateway itself says about the request."""
    client = scope.get("client")
    said = [
        (b"x-forwarded-for", (client[0] if client else "").encode()),
        (b"x-forwarded-host", host),
        (b"x-forwarded-proto", scope.get("scheme", "http").encode()),
        (b"x-correlation-id", correlation.encode()),
    ]
    if trace := tracing.carried():
        said.append((tracing.HEADER.encode(), trace.encode()))
    if token:
        said.append((b"authorization", b"Bearer " + token.encode()))
    return said


def outbound(raw: Iterable[tuple[bytes, bytes]]) -> Raw:
    """The department's headers without hop-by-hop ones; no department hands out our session."""
    found: Raw = []
    for name, value in raw:
        lower = name.lower()
        if lower in HOP:
            continue
        if lower == b"set-cookie" and value.partition(b"=")[0].strip() in SESSION_COOKIES:
            continue
        found.append((lower, value))
    return found


def value_of(raw: Iterable[tuple[bytes, bytes]], wanted: bytes) -> bytes:
    """The first value of a header, or nothing."""
    for name, value in raw:
        if name == wanted:
            return value
    return b""
