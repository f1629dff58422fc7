"""A NATS client as we want it: never gives up, tells our log, keeps its replies to itself."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable

import structlog
from nats.aio.client import Client
from nats.errors import Error as NatsError

log = structlog.get_logger()

# What may go wrong on the wire and passes by itself.
WIRE_ERRORS = (NatsError, OSError, TimeoutError)


async def connect(
    service: str,
    url: str,
    seed: str = "",
    *,
    reconnected: Callable[[], Awaitable[None]] | None = None,
    closed: Callable[[], Awaitable[None]] | None = None,
    patient: bool = True,
) -> Client:
    """A client that never gives up (unless told to) and whose replies nobody else can read."""

    async def on_error(error: Exception) -> None:
        log.warning("bus error", error=str(error) or type(error).__name__)

    client = Client()
    try:
        # A server that refuses us may leave nats-py waiting for ever.
        async with asyncio.timeout(20):
            await client.connect(
                url.split(","),
                name=f"{service}@{socket.gethostname()}",
                nkeys_seed_str=seed or None,
                inbox_prefix=f"_INBOX.{service}",
                max_reconnect_attempts=-1 if patient else 2,
                reconnect_time_wait=0.5,  # type: ignore[arg-type]
                connect_timeout=3,
                ping_interval=20,
                pending_size=8 * 1024 * 1024,
                drain_timeout=5,
                error_cb=on_error,
                reconnected_cb=reconnected,
                closed_cb=closed,
            )
    except BaseException:
        with contextlib.suppress(*WIRE_ERRORS):
            await client.close()
        raise
    return client
