"""The job that forgets: a batch is one transaction that holds the run's row.

The clock begins a run at night, a head may begin one by day. Whoever holds the row works; a process that
dies lets it go and the next goes on with the same step.
"""

from __future__ import annotations

import asyncio
import contextlib

import structlog
from sqlalchemy import select

from services.reader.desk.privacy import commands, rules
from services.reader.desk.privacy.model import LinkCut, RunState
from shared.messaging.failures import passes
from shared.service import Kit
from shared.work import Works

log = structlog.get_logger()
PAUSE = 5.0
# Between two batches the desk comes first.
BREATH = 0.05


async def once(works: Works, *, size: int = rules.BATCH, **when: object) -> bool:
    """One batch of the run that is under way; False when there is none, or another process has it."""
    async with works.open(**when) as work:  # type: ignore[arg-type]
        run = (await work.session.scalars(
            select(LinkCut).where(LinkCut.state == RunState.running, LinkCut.patron_id.is_(None))
            .with_for_update(skip_locked=True).limit(1)
        )).first()
        if run is None:
            return False
        await commands.advance(work, run, size=size)
        return True


async def _run(kit: Kit) -> None:
    while True:
        try:
            if await once(kit.works):
                await asyncio.sleep(BREATH)
                continue
        except Exception as error:
            # The database may be away for a while: the batch was rolled back and is taken up again.
            log.warning("forgetting will be tried again", error=type(error).__name__, exc_info=not passes(error))
        await asyncio.sleep(PAUSE)


_tasks: dict[int, asyncio.Task[None]] = {}


async def start(kit: Kit) -> None:
    """For `Service.on_start`."""
    _tasks[id(kit)] = asyncio.create_task(_run(kit), name="forgetting")


async def stop(kit: Kit) -> None:
    """For `Service.on_stop`: the batch in hand is rolled back and stays to be done."""
    if task := _tasks.pop(id(kit), None):
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
