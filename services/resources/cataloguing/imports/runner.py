"""Reads files in the background: one job at a time a replica, in batches, able to go on after a crash.

A job belongs to the runner whose name it bears and whose heart beats; every batch checks that,
and moves the job on in the transaction that wrote its records. So a record is taken once, however
often and wherever a job is begun again.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import structlog
from sqlalchemy import or_, select, update
from sqlalchemy.exc import DBAPIError

from services.resources.cataloguing.imports import commands
from services.resources.cataloguing.imports.batch import Batch, prepare
from services.resources.cataloguing.imports.model import ImportJob, JobState
from services.resources.cataloguing.imports.rules import BATCH, BATCH_BYTES, LEASE_SECONDS, RAW_KEPT
from services.resources.cataloguing.marc.outcome import Accepted, Refused
from services.resources.cataloguing.marc.reading import read
from shared.database import uuid7
from shared.files import FileDamaged
from shared.i18n import N_
from shared.identity import Actor
from shared.messaging.failures import passes
from shared.service import Kit
from shared.work import Work

log = structlog.get_logger()
LOST = N_("文件不见了或已损坏，请重新上传")
BROKEN = N_("读取时出错，已停在第 {n} 条之后；可以继续，不会重复")


class Gone(Exception):
    """The job was stopped or is another runner's now."""


class Runner:
    """The background reader of one replica."""

    def __init__(self, kit: Kit, *, pause: float = 1.0, batch: int = BATCH) -> None:
        self.kit, self.pause, self.batch = kit, pause, batch
        self.name = str(uuid7())
        self.task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin looking for jobs."""
        self.task = asyncio.create_task(self._run(), name="imports")

    async def stop(self) -> None:
        """Let go of the job in hand; the next start goes on with it at once."""
        if self.task:
            self.task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.task

    async def _run(self) -> None:
        while True:
            try:
                if await self.once():
                    continue
            except Exception as error:
                # The database may be away for a while; the job waits for its lease to run out.
                log.warning("import will be tried again", error=type(error).__name__, exc_info=not passes(error))
            await asyncio.sleep(self.pause)

    async def once(self) -> bool:
        """Take one waiting job to its end; False when none waits."""
        job = await self._claim()
        if job is None:
            return False
        beating = asyncio.create_task(self._beat(job.id))
        try:
            with tempfile.TemporaryDirectory(prefix="guanwu-import-") as folder:
                await self._read(job, Path(folder) / "file")
        except Gone:
            log.info("import let go", job=job.no)
        except (FileDamaged, FileNotFoundError, OSError) as error:
            log.warning("import file unreadable", job=job.no, error=type(error).__name__)
            await self._fail(job.id, LOST)
        except asyncio.CancelledError:
            await asyncio.shield(self._release(job.id))
            raise
        except Exception as error:
            if passes(error):
                raise
            log.exception("import failed", job=job.no)
            await self._fail(job.id, BROKEN)
        finally:
            beating.cancel()
        return True

    async def _claim(self) -> ImportJob | None:
        async with self.kit.works.open() as work:
            silent = work.now - timedelta(seconds=LEASE_SECONDS)
            job = (await work.session.scalars(
                select(ImportJob)
                .where(
                    ImportJob.state == JobState.reading,
                    or_(ImportJob.beat_at.is_(None), ImportJob.beat_at < silent),
                )
                .order_by(ImportJob.created_at).limit(1).with_for_update(skip_locked=True)
            )).first()
            if job is not None:
                job.runner, job.beat_at = self.name, work.now
            return job

    async def _beat(self, job_id: UUID) -> None:
        mine = (ImportJob.id == job_id, ImportJob.runner == self.name)
        while True:
            await asyncio.sleep(LEASE_SECONDS / 3)
            with contextlib.suppress(DBAPIError):
                async with self.kit.works.open() as work:
                    await work.session.execute(update(ImportJob).where(*mine).values(beat_at=work.now))

    async def _release(self, job_id: UUID) -> None:
        mine = (ImportJob.id == job_id, ImportJob.runner == self.name)
        async with self.kit.works.open() as work:
            await work.session.execute(update(ImportJob).where(*mine).values(runner="", beat_at=None))

    async def _fail(self, job_id: UUID, reason: str) -> None:
        async with self.kit.works.open() as work:
            job = await work.lock(ImportJob, ImportJob.id == job_id)
            if job.state is JobState.reading and job.runner == self.name:
                commands.failed(job, reason)

    async def _read(self, job: ImportJob, path: Path) -> None:
        await self.kit.files.copy_to(job.digest, path)
        with path.open("rb") as file:
            records = read(file, name=job.file_name, charset=job.charset, dialect=job.dialect)
            await asyncio.to_thread(_skip, records, job.position)
            while outcomes := await asyncio.to_thread(self._next, records):
                await self._take(job, outcomes)
        async with self._work(job) as work:
            commands.finished(work, await self._mine(work, job))

    def _next(self, records: Iterator[Accepted | Refused]) -> list[Accepted | Refused]:
        found: list[Accepted | Refused] = []
        size = 0
        for one in records:
            found.append(one)
            size += len(one.raw)
            if len(found) >= self.batch or size >= BATCH_BYTES:
                break
        return found

    def _work(self, job: ImportJob) -> contextlib.AbstractAsyncContextManager[Work]:
        actor = Actor(id=job.created_by, posts=tuple(job.posts.split()), dept="resources")
        return self.kit.works.open(actor, correlation=job.correlation, origin="import")

    async def _mine(self, work: Work, job: ImportJob) -> ImportJob:
        locked = await work.lock(ImportJob, ImportJob.id == job.id, what=job.no)
        if locked.state is not JobState.reading or locked.runner != self.name:
            raise Gone
        return locked

    async def _take(self, job: ImportJob, outcomes: list[Accepted | Refused]) -> None:
        """A batch in one transaction; should the database refuse it, record by record."""
        try:
            await self._batch(job, outcomes)
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            log.warning("import batch taken apart", job=job.no, first=outcomes[0].number, error=str(error.orig)[:200])
            for one in outcomes:
                await self._alone(job, one)

    async def _alone(self, job: ImportJob, one: Accepted | Refused) -> None:
        try:
            await self._batch(job, [one])
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            log.warning("record not stored", job=job.no, number=one.number, error=type(error.orig).__name__)
            await self._batch(job, [Refused(one.number, one.raw[:RAW_KEPT], "not-stored", one.offset)])

    async def _batch(self, job: ImportJob, outcomes: list[Accepted | Refused]) -> None:
        prepared = await asyncio.to_thread(prepare, outcomes)
        async with self._work(job) as work:
            locked = await self._mine(work, job)
            if prepared.last > locked.position:
                await Batch(work, locked, prepared).take()


def _skip(records: Iterator[Accepted | Refused], count: int) -> None:
    for _one in range(count):
        if next(records, None) is None:
            return


_runners: dict[int, Runner] = {}


async def begin(kit: Kit) -> None:
    """For `Service.on_start`."""
    _runners[id(kit)] = Runner(kit)
    await _runners[id(kit)].start()


async def end(kit: Kit) -> None:
    """For `Service.on_stop`."""
    if runner := _runners.pop(id(kit), None):
        await runner.stop()
