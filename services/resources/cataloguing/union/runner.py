"""Sends in the background: claimed and committed first, sent without a connection to the database, each answer written by itself."""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from services.resources.cataloguing.union import client, commands, queries, rules
from services.resources.cataloguing.union.client import Line, Said
from shared.identity import SYSTEM
from shared.messaging.failures import passes
from shared.service import Kit

log = structlog.get_logger()


class Runner:
    """The background worker of one replica."""

    def __init__(self, kit: Kit, *, pause: float = 15.0) -> None:
        self.kit, self.pause = kit, pause
        self.task: asyncio.Task[None] | None = None

    async def once(self) -> bool:
        """One sending, if it is time; whether the next one is due at once."""
        async with self.kit.works.open(SYSTEM, origin="union") as work:
            parcels = await commands.claim(work)
            settings = await queries.settings_of(work.session)
            line = Line(
                settings.url, settings.inside, settings.seconds, settings.account, settings.format, self.kit.settings.union_password
            )
        if parcels is None:
            return False
        failed = await self._send(line, parcels)
        more = len(parcels) == rules.BATCH and failed is None
        async with self.kit.works.open(SYSTEM, origin="union") as work:
            await commands.note_waiting(work)
            await commands.ended(work, failed, more=more)
        return more

    async def _send(self, line: Line, parcels: list[commands.Parcel]) -> Said | None:
        """Record by record; the first failure ends it, and the rest goes back to the list."""
        for n, parcel in enumerate(parcels):
            if parcel.marc is None:
                said = await client.ask(line, parcel.request)
            else:
                said = await client.send(line, parcel.request, parcel.marc, parcel.act, parcel.control_no)
            async with self.kit.works.open(SYSTEM, origin="union") as work:
                await commands.answered(work, parcel, said)
                if said.failure:
                    await commands.release(work, parcels[n + 1:])
            if said.failure:
                return said
        return None

    def start(self) -> None:
        """Begin looking for what is due."""
        self.task = asyncio.create_task(self._run(), name="union")

    async def _run(self) -> None:
        while True:
            try:
                if await self.once():
                    continue
            except Exception as error:
                log.warning("sending to the union catalogue will be tried again", error=type(error).__name__, exc_info=not passes(error))
            await asyncio.sleep(self.pause)

    async def stop(self) -> None:
        """What was sent without an answer is asked about by the next start."""
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
