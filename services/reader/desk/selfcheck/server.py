"""The listener: bytes, time limits and bounds, so that no machine can hurt another.

A connection is read line by line and answered in order; the next line waits in the socket while one is
worked on. At most `at_once` messages use the database; everybody else waits in turn.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import re
import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from services.reader.desk.selfcheck import commands, queries, rules
from services.reader.desk.selfcheck.codec import LONGEST
from services.reader.desk.selfcheck.model import Terminal
from services.reader.desk.selfcheck.rules import Home
from services.reader.desk.selfcheck.talk import MOST_NONSENSE, Talk, utc
from shared.identity import SYSTEM
from shared.work import Works

log = structlog.get_logger()
_END = re.compile(rb"[\r\n]+")


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and numbers a connection has to keep to."""

    sign_in: float = 60.0
    idle: float = 1800.0
    line: float = 30.0
    send: float = 20.0
    stop: float = 10.0
    connections: int = 5000
    at_once: int = 8


class Server:
    """All terminals that are connected to this process."""

    def __init__(
        self, works: Works, reading: async_sessionmaker[AsyncSession], *, library: str = "",
        limits: Limits | None = None, clock: Callable[[], datetime] = utc,
    ) -> None:
        self.works, self.reading, self.library, self.clock = works, reading, library, clock
        self.limits = limits or Limits()
        self.turns = asyncio.Semaphore(self.limits.at_once)
        self.home = Home("", library)
        self.talks: dict[Talk, tuple[asyncio.Task[None], asyncio.StreamWriter]] = {}
        self.port = 0
        self._counted: Counter[UUID] = Counter()
        self._told: set[UUID] = set()
        self._proven: dict[str, bytes] = {}
        self._key = secrets.token_bytes(32)
        self._proving = asyncio.Semaphore(2)
        self._listener: asyncio.Server | None = None
        self._beat: asyncio.Task[None] | None = None
        self._stopping = False

    async def start(self, host: str, port: int) -> None:
        """Listen; raises `OSError` when the port is taken."""
        await self.look()
        self._listener = await asyncio.start_server(self._serve, host, port, limit=2 * LONGEST, backlog=512)
        self.port = self._listener.sockets[0].getsockname()[1]
        self._beat = asyncio.create_task(self._beats(), name="beat")

    async def stop(self) -> None:
        """Take nothing new, let what is under way end, say goodbye."""
        self._stopping = True
        if self._listener:
            self._listener.close()
        if self._beat:
            self._beat.cancel()
        for talk, (task, _writer) in list(self.talks.items()):
            if not talk.busy:
                task.cancel()
        tasks = [task for task, _writer in self.talks.values()]
        if tasks:
            _done, late = await asyncio.wait(tasks, timeout=self.limits.stop)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        with contextlib.suppress(Exception):
            async with asyncio.timeout(5):
                await self.write_down()

    def count(self, terminal_id: UUID) -> None:
        """One more message of this terminal."""
        self._counted[terminal_id] += 1

    async def fits(self, terminal: Terminal, password: str) -> bool:
        """Whether the password is right; proven once, known again by a keyed digest until it changes."""
        digest = hmac.digest(self._key, password.encode(), hashlib.sha256)
        known = self._proven.get(terminal.password_hash)
        if known is not None and hmac.compare_digest(known, digest):
            return True
        async with self._proving:
            if not await asyncio.to_thread(commands.fits, terminal.password_hash, password):
                return False
        self._proven[terminal.password_hash] = digest
        return True

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        if self._stopping or len(self.talks) >= self.limits.connections:
            writer.close()
            return
        peer = writer.get_extra_info("peername")
        talk = Talk(self, str(peer[0]) if peer else "")
        self.talks[talk] = (task, writer)
        try:
            await self._converse(talk, reader, writer)
        except (TimeoutError, OSError):
            pass  # gone, or too slow: the machine comes back
        except asyncio.CancelledError:
            if not self._stopping:
                raise
        except Exception as error:
            log.warning("connection lost", error=type(error).__name__)
        finally:
            del self.talks[talk]
            writer.close()

    async def _converse(self, talk: Talk, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop, limits, rest = asyncio.get_running_loop(), self.limits, b""
        sign_in_by = loop.time() + limits.sign_in
        line_by = 0.0
        while not self._stopping and talk.nonsense < MOST_NONSENSE:
            until = loop.time() + limits.idle if talk.machine else sign_in_by
            if rest:
                line_by = line_by or loop.time() + limits.line
                until = min(until, line_by)
            async with asyncio.timeout_at(until):
                chunk = await reader.read(LONGEST)
            if not chunk:
                return
            *lines, rest = _END.split(rest + chunk)
            if lines:
                line_by = 0.0
            for line in lines:
                if talk.nonsense >= MOST_NONSENSE:
                    return
                if line.strip():
                    await self._one(talk, line, writer)
            if len(rest) > LONGEST:
                await self._one(talk, rest, writer)
                return

    async def _one(self, talk: Talk, line: bytes, writer: asyncio.StreamWriter) -> None:
        talk.busy = True
        try:
            writer.write(await talk.answer(line[: LONGEST + 1]))
        finally:
            talk.busy = False
        async with asyncio.timeout(self.limits.send):
            await writer.drain()

    async def _beats(self) -> None:
        while True:
            await asyncio.sleep(rules.BEAT_SECONDS)
            try:
                await self.write_down()
                await self.look()
            except Exception as error:
                log.warning("beat missed", error=type(error).__name__)

    async def write_down(self) -> None:
        """Tell the screen who is connected and how much was asked."""
        here = Counter(talk.machine.id for talk in self.talks if talk.machine)
        counted, self._counted = self._counted, Counter()
        rows = {one: (here[one], counted[one]) for one in {*here, *counted, *self._told}}
        self._told = set(here)
        if not rows:
            return
        try:
            async with self.works.open(SYSTEM, now=self.clock()) as work:
                await commands.count_up(work, rows)
        except Exception:
            self._counted += counted
            self._told |= set(rows)
            raise

    async def look(self) -> None:
        """Settings as they are now: connections follow, and who was shut out is sent away."""
        here = {talk.machine.id for talk in self.talks if talk.machine}
        async with self.reading() as session:
            self.home = await queries.home(session, self.library)
            known = {one.id: one for one in await queries.terminals(session, sorted(here))} if here else {}
        for talk, (_task, writer) in list(self.talks.items()):
            if talk.machine is None:
                continue
            terminal = known.get(talk.machine.id)
            if terminal is None or not terminal.active or terminal.password_hash != talk.password_hash:
                if terminal is not None or talk.machine.id in here:
                    writer.close()
                continue
            talk.machine = rules.machine(terminal)
