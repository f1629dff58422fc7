"""Loads a department's demonstration data in a process of its own, so that a day's work in a minute leaves no large heap behind.

A lock of the database lets one load run at a time: a replica, or a service begun again while the former
load still runs, waits and then finds the rooms filled.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import sys
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import text

if TYPE_CHECKING:
    from shared.service import Kit, Service

log = structlog.get_logger()
WORD = "demonstration"


async def beside(name: str) -> bool:
    """Run the load of that department in another process; whether it ended well. Cancelled, it takes the process along."""
    child = await asyncio.create_subprocess_exec(sys.executable, "-m", f"services.{name}", WORD)
    try:
        return await child.wait() == 0
    finally:
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                child.terminate()


async def load(service: Service, kit: Kit) -> int:
    """What the other process does; its exit code."""
    assert isinstance(service.demo, str)
    module, _, name = service.demo.partition(":")
    seed: Callable[[Kit], Awaitable[None]] = getattr(importlib.import_module(module), name)
    started = time.monotonic()
    try:
        lone = kit.engine.execution_options(isolation_level="AUTOCOMMIT")
        async with lone.connect() as guard:
            # Waits longer than a statement may elsewhere; the lock ends with the connection.
            await guard.execute(text("SET statement_timeout = 0"))
            await guard.execute(text("SET lock_timeout = 0"))
            await guard.execute(text("SELECT pg_advisory_lock(hashtext('demonstration'))"))
            await seed(kit)
            await guard.invalidate()
    except Exception:
        log.exception("demonstration data failed")
        return 1
    finally:
        await kit.engine.dispose()
    log.info("demonstration data ready", seconds=round(time.monotonic() - started, 1))
    return 0
