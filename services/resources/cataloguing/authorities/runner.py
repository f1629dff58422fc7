"""Carries changes out in the background: a batch a transaction; whoever comes first takes the next, and a crash loses nothing."""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from services.resources.cataloguing.authorities import following
from shared.identity import SYSTEM
from shared.messaging.failures import passes
from shared.service import Kit

log = structlog.get_logger()


class Runner:
    """The background worker of one replica."""

    def __init__(self, kit: Kit, *, pause: float = 2.0) -> None:
        self.kit, self.pause = kit, pause
        self.task: asyncio.Task[None] | None = None

    async def once(self) -> bool:
        """One batch; False when nothing waits."""
        async with self.kit.works.open(SYSTEM, origin="authorities") as work:
            return await following.advance(work)

    def start(self) -> None:
        """Begin looking for changes."""
        self.task = asyncio.create_task(self._run(), name="authorities")

    async def _run(self) -> None:
        while True:
            try:
                if await self.once():
                    continue
            except Exception as error:
                log.warning("authority change will be tried again", error=type(error).__name__, exc_info=not passes(error))
            await asyncio.sleep(self.pause)

    async def stop(self) -> None:
        """Leave the batch in hand to the next start."""
        if self.task:
            self.task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.task


_runners: dict[int, Runner] = {}


async def begin(kit: Kit) -> None:
    """For `Service.on_start`."""
    _runners[id(kit)] = Runner(kit)
    _runners[id(kit)].start()


async def end(kit: Kit) -> None:
    """For `Service.on_stop`."""
    if runner := _runners.pop(id(kit), None):
        await runner.stop()
