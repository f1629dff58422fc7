"""Loads a department's demonstration data in a process of its own, so that a day's work in a minute leaves no large heap behind.

A lock of the database lets one load run at a time: a replica, or a service begun again while the former
load still runs, waits and then finds the rooms filled. What has been loaded is written down with a
fingerprint of the demonstration's files, so that a later start begins no process to find nothing missing.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import importlib
import sys
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import Column, DateTime, Table, Text, func, select, text
from sqlalchemy.dialects.postgresql import insert

from shared.database import KIT
from shared.i18n import ROOT

if TYPE_CHECKING:
    from shared.service import Kit, Service

log = structlog.get_logger()
WORD = "demonstration"
loads = Table(
    "demonstration", KIT,
    Column("fingerprint", Text, primary_key=True),
    Column("loaded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)


def fingerprint(demo: str) -> str:
    """One value for the files of a demonstration ("package.module:function"); another version of it has another."""
    module = ROOT.joinpath(*demo.partition(":")[0].split("."))
    files = [module.with_suffix(".py")] if module.with_suffix(".py").exists() else module.rglob("*")
    digest = hashlib.sha256()
    for file in sorted(path for path in files if path.is_file() and path.suffix != ".pyc"):
        digest.update(file.relative_to(ROOT).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


async def loaded(kit: Kit, demo: str) -> bool:
    """Whether this very demonstration is in the database already."""
    async with kit.reading() as session:
        return await session.scalar(select(loads.c.fingerprint).where(loads.c.fingerprint == fingerprint(demo))) is not None


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
    """What the other process does; its exit code. A seed that answers False has left something for another day."""
    assert isinstance(service.demo, str)
    module, _, name = service.demo.partition(":")
    seed: Callable[[Kit], Awaitable[bool | None]] = getattr(importlib.import_module(module), name)
    started = time.monotonic()
    try:
        lone = kit.engine.execution_options(isolation_level="AUTOCOMMIT")
        async with lone.connect() as guard:
            # Waits longer than a statement may elsewhere; the lock ends with the connection.
            await guard.execute(text("SET statement_timeout = 0"))
            await guard.execute(text("SET lock_timeout = 0"))
            await guard.execute(text("SELECT pg_advisory_lock(hashtext('demonstration'))"))
            if await seed(kit) is not False:
                await guard.execute(insert(loads).values(fingerprint=fingerprint(service.demo)).on_conflict_do_nothing())
            await guard.invalidate()
    except Exception:
        log.exception("demonstration data failed")
        return 1
    finally:
        await kit.engine.dispose()
    log.info("demonstration data ready", seconds=round(time.monotonic() - started, 1))
    return 0
