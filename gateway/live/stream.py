"""One stream of signals for one signed-in person: small JSON lines, a heartbeat, an end at sign-out.

Answered before routing: an open stream is no slow request and belongs in no figure of them.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from starlette.responses import StreamingResponse

from gateway.live.hub import Hub, Stream

HEARTBEAT = 20.0
HEADERS = {"cache-control": "no-store, no-transform", "x-accel-buffering": "no", "x-content-type-options": "nosniff"}


def line(message: Mapping[str, Any], lang: str) -> str:
    """A message as the browser reads it, a notice in the person's language."""
    said = dict(message)
    if said["type"] == "notice":
        zh, en = said.pop("zh"), said.pop("en")
        said["text"] = en if lang == "en" and en else zh
    return f"data: {json.dumps(said, ensure_ascii=False)}\n\n"


async def _messages(
    hub: Hub, stream: Stream, lang: str, still: Callable[[], Awaitable[bool]], heartbeat: float
) -> AsyncIterator[str]:
    try:
        yield "retry: 3000\n\n"
        while True:
            try:
                message = await asyncio.wait_for(stream.queue.get(), heartbeat)
            except TimeoutError:
                if not await still():  # signed out meanwhile, here or elsewhere
                    return
                yield ": still here\n\n"
                continue
            if message is None:
                return
            yield line(message, lang)
    finally:
        hub.leave(stream)


def answer(
    hub: Hub, stream: Stream, lang: str, still: Callable[[], Awaitable[bool]],
    heartbeat: float = HEARTBEAT,
) -> StreamingResponse:
    """The endless answer; it ends when the browser goes, the session ends or the process stops."""
    return StreamingResponse(
        _messages(hub, stream, lang, still, heartbeat), media_type="text/event-stream", headers=HEADERS
    )
