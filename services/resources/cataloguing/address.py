"""The open doors of cataloguing: their address as the outside sees it, and how much a stranger may send."""

from __future__ import annotations

from starlette.requests import Request

from shared.service import Kit


def public_address(request: Request, path: str) -> str:
    """The address of one of our open doors, with the name the caller used unless the library fixed one."""
    kit: Kit = request.app.state.kit
    if kit.settings.public_url:
        return kit.settings.public_url.rstrip("/") + path
    host = request.headers.get("x-forwarded-host") or request.headers.get("host", "localhost")
    return f"{request.headers.get('x-forwarded-proto', request.url.scheme)}://{host}{path}"


async def posted(request: Request, most: int) -> str:
    """The form a stranger sent, as the text a query string would be; nobody's gigabyte is read for it."""
    found = bytearray()
    async for piece in request.stream():
        found += piece
        if len(found) > most:
            return ""
    return found.decode("utf-8", "replace")
