"""The wire. Only this module, `client`, `pull`, `shapes` and `provision` know nats-py; another client touches these."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import APIError, NotFoundError

from shared.messaging.client import WIRE_ERRORS, connect
from shared.messaging.shapes import consumer_config, stream_config, stream_name

log = structlog.get_logger()

Message = tuple[str, bytes, dict[str, str]]
Answer = Callable[[dict[str, Any]], Awaitable[dict[str, Any] | None]]

WRONG_LAST_SEQUENCE = 10071


class Offline(NatsError):
    """There is no connection right now; everything is tried again later."""


class StreamMoved(NatsError):
    """The stream is not where the relay left it: another relay published, or its end was lost."""


@dataclass(frozen=True, slots=True)
class StreamEnd:
    """What a stream last stored: its own number, and the log position and epoch written on it."""

    number: int
    position: int | None = None
    epoch: UUID | None = None


class Line:
    """One connection that is kept for the life of the process, whatever happens to the server."""

    def __init__(self, service: str, url: str, seed: str = "", *, api_timeout: float = 2.0) -> None:
        self.service, self.url, self.seed, self.api_timeout = service, url, seed, api_timeout
        self.nc: Client | None = None
        self.connections = 0  # counts connects and reconnects: what was asked before is forgotten
        self.on_connect: list[Callable[[], None]] = []
        self._subscriptions: list[tuple[str, str, Callable[[Msg], Awaitable[None]]]] = []
        self._closed = asyncio.Event()
        self._up = asyncio.Event()
        self._over = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._acks: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._ack_inbox = ""
        self._batches = 0

    @property
    def connected(self) -> bool:
        """Whether the server can be spoken to."""
        return self.nc is not None and self.nc.is_connected

    @property
    def stopping(self) -> bool:
        """Whether we were told to let go."""
        return self._over.is_set()

    @property
    def client(self) -> Client:
        """The live client, or `Offline`: nothing is queued for a server that is away."""
        if self.nc is None or not self.nc.is_connected:
            raise Offline
        return self.nc

    @property
    def js(self) -> JetStreamContext:
        """JetStream on the live client."""
        return self.client.jetstream(timeout=self.api_timeout)

    def start(self) -> None:
        """Connect in the background, for ever."""
        self._task = asyncio.create_task(self._keep(), name="nats-line")

    async def ready(self, timeout: float) -> None:
        """Wait for the first connection, for programs that can do nothing without it."""
        async with asyncio.timeout(timeout):
            await self._up.wait()

    async def stop(self) -> None:
        """Let go of the server."""
        self._over.set()
        if self._task:
            self._closed.set()
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self.nc is not None and not self.nc.is_closed:
            with contextlib.suppress(*WIRE_ERRORS):
                await self.nc.flush(1)
            await self.nc.close()
        self.nc = None

    async def _keep(self) -> None:
        while True:
            self._closed.clear()
            try:
                client = await connect(
                    self.service,
                    self.url,
                    self.seed,
                    reconnected=self._reconnected,
                    closed=self._on_closed,
                )
            except WIRE_ERRORS as error:
                log.warning("bus unreachable", error=type(error).__name__)
                await asyncio.sleep(1)
                continue
            if self.stopping:  # nats-py swallows a cancellation while it connects
                await client.close()
                return
            self.nc = client
            try:
                self._ack_inbox = client.new_inbox() + "."
                await client.subscribe(self._ack_inbox + "*", cb=self._acknowledged)
                for subject, queue, callback in self._subscriptions:
                    await client.subscribe(subject, queue=queue, cb=callback)
                await self._reconnected()
                await self._closed.wait()
            except WIRE_ERRORS as error:
                log.warning("bus lost", error=type(error).__name__)
            finally:
                # A client closes for good when it is refused; a new one may be let in.
                with contextlib.suppress(*WIRE_ERRORS):
                    await client.close()
            await asyncio.sleep(0.5)

    async def _reconnected(self) -> None:
        self.connections += 1
        self._up.set()
        log.info("bus connected", times=self.connections)
        for callback in self.on_connect:
            callback()

    async def _on_closed(self) -> None:
        self._closed.set()

    # -- control words --------------------------------------------------------------------------

    def answer(self, subject: str, reply: Answer) -> None:
        """Answer questions on `subject`; of several replicas one does (call before `start`)."""

        async def on_message(message: Msg) -> None:
            try:
                said = await reply(json.loads(message.data))
                if said is not None and message.reply:
                    words = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
                    await self.client.publish(message.reply, words.encode())
            except Exception as error:
                log.warning("question unanswered", subject=subject, error=type(error).__name__)

        self._subscriptions.append((subject, self.service, on_message))

    def hear(self, subject: str, heard: Callable[[dict[str, Any]], None]) -> None:
        """Listen to an announcement (call before `start`)."""

        async def on_message(message: Msg) -> None:
            with contextlib.suppress(ValueError, KeyError, TypeError):
                heard(json.loads(message.data))

        self._subscriptions.append((subject, "", on_message))

    async def ask(
        self, subject: str, question: dict[str, Any], timeout: float = 5
    ) -> dict[str, Any]:
        """One question, one answer."""
        reply = await self.client.request(subject, json.dumps(question).encode(), timeout=timeout)
        found: dict[str, Any] = json.loads(reply.data)
        return found

    async def say(self, subject: str, announcement: dict[str, Any]) -> None:
        """Tell whoever listens."""
        await self.client.publish(subject, json.dumps(announcement).encode())

    # -- publishing -----------------------------------------------------------------------------

    async def publish(self, messages: Sequence[Message], *, after: int, timeout: float = 5) -> int:
        """Store a run of messages directly behind number `after`; returns the last number.

        All are sent at once and each names the number it must follow, so they are stored in order
        or not at all. nats-py's own `publish_async` never resolves on an error, hence this.
        """
        client = self.client
        self._batches += 1
        run = [f"{self._batches}-{place}" for place in range(len(messages))]
        loop = asyncio.get_running_loop()
        futures = [self._acks.setdefault(token, loop.create_future()) for token in run]
        try:
            async with asyncio.timeout(timeout):
                for place, (subject, data, headers) in enumerate(messages):
                    fenced = {**headers, "Nats-Expected-Last-Sequence": str(after + place)}
                    await client.publish(
                        subject, data, reply=self._ack_inbox + run[place], headers=fenced
                    )
                acks = await asyncio.gather(*futures)
        except APIError as error:
            if error.err_code == WRONG_LAST_SEQUENCE:
                raise StreamMoved from error
            raise
        finally:
            for token, future in zip(run, futures, strict=True):
                self._acks.pop(token, None)
                if not future.cancel() and not future.cancelled():
                    future.exception()  # looked at, so that asyncio does not complain
        if any(ack.get("duplicate") for ack in acks):
            raise StreamMoved
        return int(acks[-1]["seq"])

    async def _acknowledged(self, message: Msg) -> None:
        future = self._acks.get(message.subject[len(self._ack_inbox) :])
        if future is None or future.done():
            return
        if message.headers and message.headers.get("Status") == "503":
            future.set_exception(NotFoundError())
            return
        try:
            found = json.loads(message.data)
        except ValueError as error:
            future.set_exception(error)
            return
        if "error" in found:
            future.set_exception(APIError(**found["error"]))
        else:
            future.set_result(found)

    # -- streams --------------------------------------------------------------------------------

    async def stream_end(self, source: str) -> StreamEnd:
        """Where the stream of a department ends; it is made when missing and we may make it."""
        name = stream_name(source)
        try:
            info = await self.js.stream_info(name)
        except NotFoundError:
            await self.ensure_stream(source)
            info = await self.js.stream_info(name)
        number = int(info.state.last_seq)
        if not number:
            return StreamEnd(0)
        try:
            last = await self.js.get_msg(name, seq=number)
        except NotFoundError:
            return StreamEnd(number)
        headers = last.headers or {}
        position, epoch = headers.get("Guanwu-Seq"), headers.get("Guanwu-Epoch")
        return StreamEnd(
            number, int(position) if position else None, UUID(epoch) if epoch else None
        )

    async def ensure_stream(self, source: str, replicas: int = 1) -> None:
        """Make the stream of a department unless it stands."""
        try:
            await self.js.stream_info(stream_name(source))
        except NotFoundError:
            await self.js.add_stream(stream_config(source, replicas))

    async def ensure_consumer(self, source: str, service: str, replicas: int = 1) -> None:
        """Make the durable consumer through which a service reads a stream, unless it stands."""
        try:
            await self.js.consumer_info(stream_name(source), service)
        except NotFoundError:
            await self.ensure_stream(source, replicas)
            await self.js.add_consumer(stream_name(source), consumer_config(service))
