"""Things that happen at a time of day: one firing per due time, however many replicas run.

`next_at` lives in the department's database; a replica claims a due row with SKIP LOCKED, runs
the command in the same transaction and moves `next_at` on. A crash in between leaves the row due.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from cronsim import CronSim
from sqlalchemy import Column, DateTime, Table, Text, text
from sqlalchemy.exc import SQLAlchemyError

from shared import tracing
from shared.database import KIT
from shared.settings import LOCAL
from shared.work import Work, Works

log = structlog.get_logger()

schedule = Table(
    "schedule", KIT,
    Column("name", Text, primary_key=True),
    Column("cron", Text, nullable=False),
    Column("next_at", DateTime(timezone=True), nullable=False),
    Column("last_at", DateTime(timezone=True)),
)

_SETTLE = text(
    "INSERT INTO schedule (name, cron, next_at) VALUES (:name, :cron, :next_at) "
    "ON CONFLICT (name) DO UPDATE SET cron = :cron, next_at = :next_at WHERE schedule.cron <> :cron"
)
_DUE = text(
    "SELECT name, next_at FROM schedule WHERE name = ANY(:names) AND next_at <= :now "
    "ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED"
)
_MOVE = text("UPDATE schedule SET last_at = next_at, next_at = :next_at WHERE name = :name")


@dataclass(frozen=True, slots=True)
class Scheduled:
    """`run(work, due_at)` at every time `cron` names, in library time."""

    name: str
    cron: str
    run: Callable[[Work, datetime], Awaitable[Any]]

    def after(self, moment: datetime) -> datetime:
        """The first due time later than `moment`."""
        return next(CronSim(self.cron, moment.astimezone(LOCAL))).astimezone(UTC)


class Scheduler:
    """Runs a department's schedules in the background of each replica."""

    def __init__(self, works: Works, jobs: list[Scheduled], *, tick: float = 5.0) -> None:
        self.works, self.tick = works, tick
        self.jobs = {job.name: job for job in jobs}
        self.task: asyncio.Task[None] | None = None

    async def settle(self, now: datetime | None = None) -> None:
        """Write down the jobs of this version."""
        now = now or datetime.now(UTC)
        async with self.works.open() as work:
            for job in self.jobs.values():
                await work.session.execute(
                    _SETTLE, {"name": job.name, "cron": job.cron, "next_at": job.after(now)}
                )

    async def fire_due(self, now: datetime | None = None) -> list[str]:
        """Run everything that is due; returns the names that fired, each in its own transaction."""
        fired: list[str] = []
        while True:
            at = now or datetime.now(UTC)
            async with self.works.open(now=at) as work:
                row = (await work.session.execute(_DUE, {"names": list(self.jobs), "now": at})).first()
                if row is None:
                    return fired
                job = self.jobs[row.name]
                with tracing.span(f"schedule {job.name}"):
                    await job.run(work, row.next_at)
                await work.session.execute(_MOVE, {"name": job.name, "next_at": job.after(at)})
            fired.append(job.name)
            log.info("schedule fired", name=job.name, due=row.next_at.isoformat())

    async def _run(self) -> None:
        while True:
            try:
                await self.fire_due()
            except (SQLAlchemyError, OSError) as error:
                log.warning("schedule will be tried again", error=type(error).__name__)
            except Exception:
                log.exception("schedule failed")
            await asyncio.sleep(self.tick)

    async def start(self) -> None:
        """Begin watching the clock."""
        if self.jobs:
            await self.settle()
            self.task = asyncio.create_task(self._run(), name="schedules")

    async def stop(self) -> None:
        """Stop watching; a job that runs is rolled back and stays due."""
        if self.task:
            self.task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.task
