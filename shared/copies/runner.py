"""Carries comparisons out beside the serving process: by night and when somebody asks."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from shared.copies import commands
from shared.copies.comparing import Behind, BrokenAsAWhole, Comparison, Copy, Outcome, OwnerSilent
from shared.copies.ledger import ledger_subject
from shared.copies.tables import copy_check
from shared.i18n import N_
from shared.messaging.client import WIRE_ERRORS
from shared.schedules import Scheduled
from shared.work import Work

if TYPE_CHECKING:
    from shared.service import Kit

log = structlog.get_logger()

EVERY = 5.0
# A process that died in the middle of a comparison does not keep it for ever.
GIVEN_UP = timedelta(minutes=30)

BEHIND = N_("消息尚未收齐，未能核对")
BROKEN = N_("差异过多，请用 make replay 整体重建这份数据")


def nightly(copies: Sequence[Copy]) -> Scheduled:
    """Every copy is compared once a night."""

    async def run(work: Work, _due: datetime) -> None:
        await commands.want(work, copies, by="")

    return Scheduled("copies.compare", "50 3 * * *", run)


class Questions:
    """Asks one owner over the bus."""

    def __init__(self, kit: Kit, copy: Copy) -> None:
        self.kit, self.subject = kit, ledger_subject(copy.owner, kit.settings.service)

    async def __call__(self, question: dict[str, Any]) -> dict[str, Any]:
        """One question; `OwnerSilent` when nobody answers."""
        line = self.kit.bus.line
        if line is None:
            raise OwnerSilent
        try:
            return await line.ask(self.subject, question, timeout=10)
        except WIRE_ERRORS as error:
            raise OwnerSilent from error


class Runner:
    """Looks for wanted comparisons; of several replicas one takes each."""

    def __init__(self, copies: Sequence[Copy]) -> None:
        self.copies = copies
        self.task: asyncio.Task[None] | None = None

    async def begin(self, kit: Kit) -> None:
        """Look from now on."""
        self.task = asyncio.create_task(self._run(kit), name="copies")

    async def end(self, _kit: Kit) -> None:
        """Stop; what was begun is begun again later."""
        if self.task:
            self.task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.task

    async def _run(self, kit: Kit) -> None:
        while True:
            try:
                for copy in self.copies:
                    if await self._claim(kit, copy):
                        await compare(kit, copy)
            except (SQLAlchemyError, OSError) as error:
                log.warning("comparison will be tried again", error=type(error).__name__)
            except Exception:
                log.exception("comparison failed")
            await asyncio.sleep(EVERY)

    async def _claim(self, kit: Kit, copy: Copy) -> bool:
        async with kit.reading() as session:
            if await session.scalar(select(copy_check.c.wanted_at).where(copy_check.c.copy == copy.ledger)) is None:
                return False
        async with kit.works.open() as work:
            free = or_(copy_check.c.begun_at.is_(None), copy_check.c.begun_at < work.now - GIVEN_UP)
            claimed = await work.session.scalar(
                update(copy_check).values(begun_at=work.now).returning(copy_check.c.copy)
                .where(copy_check.c.copy == copy.ledger, copy_check.c.wanted_at.is_not(None), free)
            )
        return claimed is not None


async def compare(kit: Kit, copy: Copy, **more: Any) -> Outcome | None:
    """One comparison, written down; None when it could not be made, with the reason on the screen."""
    trouble = ""
    try:
        outcome = await Comparison(copy, Questions(kit, copy), kit.reading, **more).run()
    except OwnerSilent:
        trouble = OwnerSilent.message
    except Behind:
        trouble = BEHIND
    except BrokenAsAWhole:
        trouble = BROKEN
    async with kit.works.open() as work:
        if trouble:
            log.warning("copy not compared", copy=copy.ledger, trouble=trouble)
            await commands.ended(work, copy, trouble=trouble)
            return None
        await commands.record(work, copy, outcome)
    log.info("copy compared", copy=copy.ledger, compared=outcome.compared, differing=len(outcome.differences))
    return outcome
