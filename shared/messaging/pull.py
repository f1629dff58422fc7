"""A continuous pull from one stream, which nats-py lacks: ask once, receive until the credit is used."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from typing import TYPE_CHECKING

from nats.errors import Error as NatsError

from shared.messaging.client import WIRE_ERRORS
from shared.messaging.shapes import stream_name
from shared.messaging.stream import Line

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg
    from nats.aio.subscription import Subscription

CREDIT = 400
EXPIRES = 30
HEARTBEAT = 5
SECOND = 1_000_000_000


class Pull:
    """The reading end of one department's stream; survives reconnects and deleted consumers."""

    def __init__(self, line: Line, source: str) -> None:
        self.line, self.source = line, source
        self.subject = f"$JS.API.CONSUMER.MSG.NEXT.{stream_name(source)}.{line.service}"
        self._queue: asyncio.Queue[Msg | None] = asyncio.Queue()
        self._subscription: Subscription | None = None
        self._client: Client | None = None
        self._connection = 0
        self._inbox = ""
        self._credit = 0
        self._heard = 0.0
        self._bound = False

    async def fetch(self, limit: int, timeout: float) -> list[Msg]:
        """Up to `limit` messages, as soon as there is one; none when `timeout` passes."""
        await self._request_if_needed(limit)
        try:
            async with asyncio.timeout(timeout):
                first = await self._queue.get()
        except TimeoutError:
            if time.monotonic() - self._heard > 2 * HEARTBEAT + 2:
                self._bound = False
            return []
        found = [] if first is None else [first]
        return found + self.waiting(limit - len(found))

    def waiting(self, limit: int) -> list[Msg]:
        """Up to `limit` messages that are here already."""
        found: list[Msg] = []
        while len(found) < limit and not self._queue.empty():
            message = self._queue.get_nowait()
            if message is not None:
                found.append(message)
        return found

    async def ack(self, messages: list[Msg]) -> None:
        """Say that these are dealt with; a lost word only costs a duplicate."""
        with contextlib.suppress(*WIRE_ERRORS):
            for message in messages:
                await message.ack()

    async def give_back(self, messages: list[Msg], delay: float = 0) -> None:
        """Have these, and all that wait unread, delivered again."""
        while not self._queue.empty():
            waiting = self._queue.get_nowait()
            if waiting is not None:
                messages = [*messages, waiting]
        with contextlib.suppress(*WIRE_ERRORS):
            for message in messages:
                await message.nak(delay=delay or None)

    async def close(self) -> None:
        """Stop asking, and hand back what was not looked at."""
        if self._subscription is not None:
            with contextlib.suppress(*WIRE_ERRORS):
                await self._subscription.unsubscribe()
        self._subscription = None
        await self.give_back([])

    async def _request_if_needed(self, limit: int) -> None:
        client = self.line.client
        if self._client is not client or self._subscription is None:
            self._inbox = client.new_inbox()
            self._subscription = await client.subscribe(self._inbox, cb=self._received)
            self._client, self._bound = client, False
        if self._connection != self.line.connections:
            self._connection, self._bound = self.line.connections, False
        if not self._bound:
            await self.line.ensure_consumer(self.source, self.line.service)
            self._bound, self._credit = True, 0
        if self._credit <= 0 and self._queue.qsize() < limit:
            await self._request()

    async def _request(self) -> None:
        self._credit, self._heard = CREDIT, time.monotonic()
        asked = {
            "batch": CREDIT,
            "expires": EXPIRES * SECOND - 100_000,
            "idle_heartbeat": HEARTBEAT * SECOND,
        }
        await self.line.client.publish(self.subject, json.dumps(asked).encode(), reply=self._inbox)

    async def _received(self, message: Msg) -> None:
        self._heard = time.monotonic()
        status = message.headers.get("Status") if message.headers else None
        if status is None or message.reply:
            self._credit -= 1
            self._queue.put_nowait(message)
        elif status in {"404", "408"}:
            # The request ran out; asking again at once keeps the next fact from waiting.
            self._credit = 0
            with contextlib.suppress(NatsError):
                await self._request()
        elif status != "100":
            # 409: consumer deleted or moved, 503: nobody there. Look again before asking.
            self._credit, self._bound = 0, False
            self._queue.put_nowait(None)
