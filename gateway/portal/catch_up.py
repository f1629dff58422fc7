"""The gateway has no demonstration data of its own: it is ready when it has heard the others'."""

from __future__ import annotations

import asyncio
import time

from sqlalchemy import text

from shared.service import Kit

QUIET = 1.5
PATIENCE = 300.0
_HEARD = text("SELECT (SELECT count(*) FROM account), (SELECT coalesce(max(arrived), 0) FROM chronicle)")


async def catch_up(kit: Kit) -> None:
    """Return when people can sign in and nothing new has been heard for a moment."""
    began = since = time.monotonic()
    last = None
    while time.monotonic() - began < PATIENCE:
        async with kit.reading() as session:
            heard = tuple((await session.execute(_HEARD)).one())
        if heard != last:
            last, since = heard, time.monotonic()
        elif heard[0] and time.monotonic() - since > QUIET:
            return
        await asyncio.sleep(0.25)
