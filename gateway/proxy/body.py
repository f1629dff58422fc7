"""The caller's body, passed on as it comes; counted, never collected."""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.types import Receive

SMALL = 256 << 10


class CallerLeft(Exception):
    """The browser went away while it was sending."""


class Body:
    """Reads ASGI messages as the outgoing request asks for them."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self.receive, self.limit = receive, limit
        self.read = 0
        self.done = False
        self.too_large = False
        self.left = False

    async def first(self) -> bytes | None:
        """The whole body when it came in one message (most forms), else None: then stream it."""
        message = await self.receive()
        self._head = message.get("body", b"")
        if message["type"] == "http.disconnect":
            self.left = True
            raise CallerLeft
        self.done = not message.get("more_body")
        self.read = len(self._head)
        return self._head if self.done and self.read <= SMALL else None

    async def pieces(self) -> AsyncIterator[bytes]:
        """Piece after piece; stops when the limit is passed or the caller has gone."""
        if self._head:
            yield self._head
        while not self.done:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                self.left = True
                raise CallerLeft
            piece = message.get("body", b"")
            self.done = not message.get("more_body")
            self.read += len(piece)
            if self.read > self.limit:
                self.too_large = True
                raise CallerLeft
            if piece:
                yield piece
