"""Reads one department: the stream while it is whole, the producer's log where it is not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from shared.messaging.client import WIRE_ERRORS
from shared.messaging.failures import passes
from shared.messaging.inbox import Applied, Inbox, LeaseLost, cursor_of
from shared.messaging.lease import Leases
from shared.messaging.logbook import read_log
from shared.messaging.metrics import Figures
from shared.messaging.pull import Pull
from shared.messaging.records import Record, from_message
from shared.messaging.stream import Line, Offline

if TYPE_CHECKING:
    from nats.aio.msg import Msg

log = structlog.get_logger()

BATCH = 200
WAIT = 2.0
LONGEST_PAUSE = 5.0
# While facts come thick and fast, a breath gathers them: one transaction for a dozen costs little more than for one.
BREATH = 0.1
# After so many tries in a row a failure that "passes by itself" evidently does not.
PATIENCE = 30


class Consumer:
    """One task per department that is heard; active while this replica holds the lease."""

    def __init__(
        self, line: Line, inbox: Inbox, leases: Leases, figures: Figures, poke: Callable[[], None]
    ) -> None:
        self.line, self.inbox, self.leases, self.figures, self.poke = (
            line,
            inbox,
            leases,
            figures,
            poke,
        )
        self.source = inbox.source
        self.labels = (inbox.service, inbox.source)
        self.pull = Pull(line, inbox.source)
        self.cursor = 0
        self.epoch: UUID | None = None
        self.known = False  # whether `cursor` has been read since we hold the lease
        self.head = 0
        self.doubted_at = 0.0
        self.ahead_of: int | None = None
        self.busy_until = 0.0
        self.stopping = asyncio.Event()

    def stop(self) -> None:
        """Finish the batch at hand, then leave."""
        self.stopping.set()

    def hear_head(self, said: dict[str, Any]) -> None:
        """The producer says how far its log has been published."""
        head, epoch = int(said["seq"]), said.get("epoch")
        # Behind where we stood a whole beacon ago, in the same epoch: it was restored from a copy.
        behind = self.ahead_of is not None and head < self.ahead_of and epoch == str(self.epoch)
        self.ahead_of = self.cursor if self.known else None
        self.head = head
        if behind:
            self.doubted_at = time.monotonic()
        self._measure()

    async def run(self) -> None:
        """Until told to stop: fetch, apply, acknowledge; mend what is missing."""
        pause = 0.2
        while not self.stopping.is_set():
            try:
                if not self.leases.holds(self.source):
                    self.known = False
                    await self._sleep(0.2)
                    continue
                if not self.known:
                    self.cursor, self.epoch = await cursor_of(self.inbox.sessions, self.source)
                    self.known = True
                await self._turn()
                pause = 0.2
            except LeaseLost:
                self.leases.drop(self.source)
                await self.pull.give_back([])
            except Offline:
                await self._sleep(0.3)
            except (SQLAlchemyError, *WIRE_ERRORS) as error:
                log.warning("consumer held up", source=self.source, error=type(error).__name__)
                await self._sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            except Exception:
                log.exception("consumer failed", source=self.source)
                await self._sleep(LONGEST_PAUSE)
        await self.pull.close()

    async def _turn(self) -> None:
        head = self.head
        messages = await self._fetch()
        if messages:
            try:
                whole = await self.take_in(self._read(messages))
            except Exception:
                await self.pull.give_back(messages, delay=1)
                raise
            if whole:
                await self.pull.ack(messages)
            else:
                await self.pull.give_back(messages, delay=2)
        elif head > self.cursor or self.doubted_at:
            # Published, yet nothing comes: the stream lost it (or its producer its memory).
            self.doubted_at = 0.0
            await self.read_log()

    async def _fetch(self) -> list[Msg]:
        """The next messages; a stop interrupts the wait, never a batch."""
        fetching = asyncio.ensure_future(self.pull.fetch(BATCH, WAIT))
        leaving = asyncio.ensure_future(self.stopping.wait())
        try:
            await asyncio.wait({fetching, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not fetching.done():
                return []
            found = fetching.result()
            if 0 < len(found) < BATCH and time.monotonic() < self.busy_until:
                await self._sleep(BREATH)
                found += self.pull.waiting(BATCH - len(found))
            self.busy_until = time.monotonic() + 2 * BREATH if found else 0.0
            return found
        finally:
            leaving.cancel()
            if not fetching.done():
                fetching.cancel()

    async def take_in(self, records: Sequence[Record]) -> bool:
        """Apply what the stream delivered, closing holes from the log; whether nothing is left."""
        if not records or records[-1].seq <= self.cursor:
            return True
        if not (await self._apply(records)).gap:
            return True
        self.figures.gaps.labels(*self.labels).inc()
        await self.read_log()
        return not (await self._apply(records)).gap

    def _read(self, messages: list[Msg]) -> list[Record]:
        """Messages as records, in the order of the log."""
        found = []
        for message in messages:
            try:
                found.append(
                    from_message(self.source, message.subject, message.headers, message.data)
                )
            except ValueError as error:
                log.warning("foreign message skipped", subject=message.subject, error=str(error))
        return sorted(found, key=lambda record: record.seq)

    async def _apply(self, records: Sequence[Record]) -> Applied:
        """Apply, trying again while the cause passes by itself."""
        tries = 0
        while True:
            try:
                applied = await self.inbox.apply(records, patient=tries < PATIENCE)
            except LeaseLost:
                raise
            except Exception as error:
                if self.stopping.is_set() or not passes(error):
                    raise
                tries += 1
                log.warning(
                    "events wait", source=self.source, error=type(error).__name__, tries=tries
                )
                await self._sleep(min(0.05 * 2**tries, LONGEST_PAUSE))
                continue
            if applied.epoch != self.epoch and self.epoch is not None:
                log.warning("producer began a new epoch", source=self.source, at=applied.cursor)
            self.cursor, self.epoch = applied.cursor, applied.epoch
            if applied.handled:
                self.leases.extend(self.source)
            if applied.stated:
                self.poke()
            self._measure()
            return applied

    async def read_log(self) -> None:
        """Ask the producer for what follows our cursor until its log ends."""
        while not self.stopping.is_set():
            records = await read_log(self.line, self.source, self.cursor)
            if not records:
                return
            self.figures.log_reads.labels(*self.labels).inc(len(records))
            if (await self._apply(records)).gap:
                log.error("the producer's log begins after our cursor", source=self.source)
                return

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self.stopping.wait()
        except TimeoutError:
            pass

    def _measure(self) -> None:
        if self.known:
            self.figures.lag.labels(*self.labels).set(max(0, self.head - self.cursor))
