"""What breaks, when, and for how long: planned from the seed alone, then done to the running suite."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import nats
import psycopg
from nats.aio.client import Client
from nats.errors import Error as NatsError

from deploy.local.suite import Suite
from shared.messaging.shapes import stream_name
from tests.chaos.line import BAD, USUAL, Line

FIRST, LEAST, MOST = 6.0, 5.0, 11.0
DEPARTMENTS = ("office", "resources", "tech", "reader", "institute")
PROGRAMS = (*DEPARTMENTS, "gateway")
# Kind → its weight in a round; every kind comes once before any comes again.
KINDS: dict[str, tuple[str, ...]] = {
    "kill": PROGRAMS, "freeze": PROGRAMS, "database killed": ("postgres",), "database shut at once": ("postgres",),
    "database restarted": ("postgres",), "sessions ended": PROGRAMS, "bus killed": ("nats",), "bus frozen": ("nats",),
    "bus wiped": ("nats",), "bad lines": ("everybody",), "delivered twice": DEPARTMENTS, "delivered late": DEPARTMENTS,
    "delivery swallowed": DEPARTMENTS, "disk full": DEPARTMENTS, "table locked": ("reader", "resources"), "night falls": DEPARTMENTS,
}
# Programs are what dies most often: twice a round.
TWICE = ("kill", "kill", "freeze")


@dataclass
class Fault:
    """One fault: `at` seconds into the storm, `seconds` long where it has a length; then what became of it."""

    at: float
    kind: str
    what: str
    seconds: float
    begun: float = 0.0
    lifted: float = 0.0
    note: str = ""


def plan(seed: int, minutes: float, kinds: tuple[str, ...] = ()) -> list[Fault]:
    """The same seed, the same storm."""
    chance = random.Random(f"{seed} weather")
    found: list[Fault] = []
    at, end = FIRST, minutes * 60
    names: list[str] = []
    while at < end:
        if not names:
            names = [*(kinds or (*KINDS, *TWICE))]
            chance.shuffle(names)
        kind = names.pop()
        found.append(Fault(round(at, 1), kind, chance.choice(KINDS[kind]), round(chance.uniform(2.0, 7.0), 1)))
        at += chance.uniform(LEAST, MOST)
    return found


@dataclass
class Weather:
    """Does the planned faults to a suite; programs come back by the supervisor, as they do in production."""

    suite: Suite
    line: Line
    faults: list[Fault]
    done: list[Fault] = field(default_factory=list)

    async def run(self) -> None:
        """All of them, each at its second; a fault that takes long lets the next one come on time."""
        async with asyncio.TaskGroup() as group:
            for fault in self.faults:
                await asyncio.sleep(max(0.0, fault.at - self.line.now))
                group.create_task(self._one(fault))

    async def _one(self, fault: Fault) -> None:
        does: dict[str, Callable[[Fault], Awaitable[None]]] = {
            "kill": self._signal(signal.SIGKILL), "database killed": self._signal(signal.SIGKILL), "bus killed": self._signal(signal.SIGKILL),
            # To PostgreSQL SIGQUIT is "immediate" (recovery follows) and SIGINT is "fast".
            "database shut at once": self._signal(signal.SIGQUIT), "database restarted": self._signal(signal.SIGINT),
            "freeze": self._freeze, "bus frozen": self._freeze, "bus wiped": self._wipe, "sessions ended": self._end_sessions,
            "bad lines": self._bad_lines, "delivered twice": self._twice, "delivered late": self._late,
            "delivery swallowed": self._swallow, "disk full": self._disk_full, "table locked": self._lock, "night falls": self._night,
        }
        fault.begun = self.line.now
        try:
            await does[fault.kind](fault)
        except (psycopg.Error, OSError, NatsError, TimeoutError) as error:
            # Another fault was in the way, such as a database that is down: then this one did not happen.
            fault.note = fault.note or f"not done: {type(error).__name__}"
        fault.lifted = self.line.now
        self.done.append(fault)

    def _signal(self, number: int) -> Callable[[Fault], Awaitable[None]]:
        async def send(fault: Fault) -> None:
            pid = self.suite.pid(fault.what)
            if pid is None:
                fault.note = "was down"
                return
            os.kill(pid, number)

        return send

    async def _freeze(self, fault: Fault) -> None:
        pid = self.suite.pid(fault.what)
        if pid is None:
            fault.note = "was down"
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
            try:
                await asyncio.sleep(fault.seconds)
            finally:
                os.kill(pid, signal.SIGCONT)

    async def _wipe(self, fault: Fault) -> None:
        deadline = time.monotonic() + 30
        while self.suite.pid("nats") is None and time.monotonic() < deadline:
            await asyncio.sleep(0.2)
        if self.suite.pid("nats") is None:
            fault.note = "was down"
            return
        await asyncio.to_thread(self.suite.wipe_nats)

    async def _bad_lines(self, fault: Fault) -> None:
        self.line.bad = BAD
        try:
            await asyncio.sleep(2 * fault.seconds)
        finally:
            self.line.bad = USUAL

    async def _administer(self, service: str) -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(self.suite.postgres.url(service), autocommit=True, connect_timeout=3)

    async def _end_sessions(self, fault: Fault) -> None:
        async with await self._administer(fault.what) as link:
            ended = await (await link.execute(
                "SELECT count(*) FROM (SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = %s AND pid <> pg_backend_pid()) AS ended", [fault.what],
            )).fetchone()
            fault.note = f"{ended[0] if ended else 0} sessions"

    async def _disk_full(self, fault: Fault) -> None:
        """What is written to the log of facts, in or out, meets a full disk: PostgreSQL's own error, class 53100."""
        async with await self._administer(fault.what) as link:
            await link.execute("SET lock_timeout = '3s'")
            await link.execute(
                "CREATE OR REPLACE FUNCTION chaos_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$"
            )
            full = ("outbox", "inbox")
            try:
                for table in full:
                    await link.execute(
                        f"CREATE OR REPLACE TRIGGER chaos_full BEFORE INSERT ON {table} FOR EACH STATEMENT EXECUTE FUNCTION chaos_full()"
                    )
                await asyncio.sleep(fault.seconds)
            finally:
                await self._lifted(fault.what, [f"DROP TRIGGER IF EXISTS chaos_full ON {table}" for table in full])

    async def _lifted(self, service: str, statements: list[str]) -> None:
        """Take a hindrance away, whatever else is broken just now."""
        for _again in range(120):
            try:
                async with await self._administer(service) as link:
                    for statement in statements:
                        await link.execute(statement)
                    return
            except psycopg.Error:
                await asyncio.sleep(0.5)
        raise RuntimeError(f"{service} could not be freed of what we put in its way")

    async def _lock(self, fault: Fault) -> None:
        """Somebody's long transaction: the table of items can be neither read nor written."""
        async with await self._administer(fault.what) as link, link.transaction():
            await link.execute("SET LOCAL lock_timeout = '3s'")
            await link.execute("LOCK TABLE item IN ACCESS EXCLUSIVE MODE")
            await asyncio.sleep(fault.seconds / 2)

    async def _night(self, fault: Fault) -> None:
        """The clock jumps: everything a department does by the clock is due at once."""
        async with await self._administer(fault.what) as link:
            done = await link.execute("UPDATE schedule SET next_at = now() - interval '1 minute'")
            fault.note = f"{done.rowcount} schedules"

    async def _bus(self, service: str) -> Client:
        return await nats.connect(
            self.suite.nats.url, nkeys_seed_str=self.suite.secrets.nkey_seed(service), inbox_prefix=f"_INBOX.{service}",
            connect_timeout=2, max_reconnect_attempts=1, allow_reconnect=False,
        )

    async def _twice(self, fault: Fault) -> None:
        """Old facts are in the stream once more, behind the newest, as after a mended split."""
        link = await self._bus(fault.what)
        try:
            stream, again = stream_name(fault.what), 0
            js = link.jetstream(timeout=2)
            end = (await js.stream_info(stream)).state.last_seq
            # Old ones, last first: the server drops a copy of what it stored in the last two minutes, by its id.
            for number in sorted({max(1, end // 3), max(1, end // 5), max(1, end // 9)}, reverse=True):
                with contextlib.suppress(NatsError):
                    old = await js.get_msg(stream, seq=number)
                    # Without the number it had to follow: nobody fences what a split brings back.
                    headers = {name: value for name, value in (old.headers or {}).items() if not name.startswith("Nats-Expected")}
                    ack = await js.publish(old.subject or "", old.data or b"", headers=headers)
                    again += not ack.duplicate
            fault.note = f"{again} facts"
        finally:
            await link.close()

    async def _stolen(self, fault: Fault, deal: Callable[[Any], Awaitable[Any]]) -> None:
        """Somebody else reads with the office's own reader of this department, before the office does."""
        link = await self._bus("office")
        try:
            stream, taken = stream_name(fault.what), 0
            deadline = time.monotonic() + fault.seconds
            while time.monotonic() < deadline:
                inbox = link.new_inbox()
                got = await link.subscribe(inbox, max_msgs=50)
                await link.publish(
                    f"$JS.API.CONSUMER.MSG.NEXT.{stream}.office", b'{"batch":50,"expires":900000000}', reply=inbox,
                )
                with contextlib.suppress(TimeoutError, NatsError):
                    while True:
                        message = await got.next_msg(timeout=1)
                        if message.headers and message.headers.get("Status"):
                            break
                        await deal(message)
                        taken += 1
            fault.note = f"{taken} deliveries"
        finally:
            await link.close()

    async def _late(self, fault: Fault) -> None:
        """Deliveries come back in another order, seconds later."""
        chance = random.Random(f"{fault.at}")
        await self._stolen(fault, lambda message: message.nak(delay=chance.uniform(0.5, 4)))

    async def _swallow(self, fault: Fault) -> None:
        """Deliveries are acknowledged although nobody took them in: the stream believes they arrived."""
        await self._stolen(fault, lambda message: message.ack())
