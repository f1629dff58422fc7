"""The job that takes files up: a batch is one transaction that holds the file's row.

The lock is the claim: whoever holds it works, a process that dies lets it go, and the next one goes on
behind the last committed batch. So a restart loses and repeats nothing.
"""

from __future__ import annotations

import asyncio
import contextlib

import structlog
from sqlalchemy import func, select

from services.reader.desk.campus import rules, taking
from services.reader.desk.campus.model import CardFile, FileState
from shared.identity import Actor
from shared.messaging.failures import passes
from shared.service import Kit
from shared.work import Works

log = structlog.get_logger()
PAUSE = 2.0


async def once(works: Works, *, size: int = rules.BATCH) -> bool:
    """One batch of the oldest waiting file; False when none waits, or another process is at it.

    Files are taken up one after the other: two that name the same people never race each other.
    """
    async with works.open() as work:
        if not await work.session.scalar(select(func.pg_try_advisory_xact_lock(func.hashtextextended("card-files", 0)))):
            return False
        file = (await work.session.scalars(
            select(CardFile).where(CardFile.state == FileState.applying)
            .order_by(CardFile.created_at, CardFile.number).limit(1).with_for_update()
        )).first()
        if file is None:
            return False
        work.actor = Actor(id=file.created_by, posts=tuple(file.posts.split()), dept="reader")
        work.origin = "card-file"
        work.follow(file.correlation)
        await taking.take_batch(work, file, size=size)
        return True


async def _run(kit: Kit) -> None:
    while True:
        try:
            if await once(kit.works):
                continue
        except Exception as error:
            # The database may be away for a while: the batch was rolled back and is taken up again.
            log.warning("card file will be tried again", error=type(error).__name__, exc_info=not passes(error))
        await asyncio.sleep(PAUSE)


_tasks: dict[int, asyncio.Task[None]] = {}


async def begin(kit: Kit) -> None:
    """For `Service.on_start`."""
    _tasks[id(kit)] = asyncio.create_task(_run(kit), name="card-files")


async def end(kit: Kit) -> None:
    """For `Service.on_stop`: the batch in hand is rolled back and stays to be done."""
    if task := _tasks.pop(id(kit), None):
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
