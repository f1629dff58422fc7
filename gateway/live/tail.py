"""Follows what the handlers wrote and tells the open streams of this process.

Each replica reads the end of the chronicle itself, because only one of them hears an event from
the bus. Rows of several departments commit out of order, so the tail looks a little way back and
remembers what it has told.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.live.hub import Hub
from shared.service import Kit

log = structlog.get_logger()

LOOK_BACK = 200
EVERY = 0.4
HEADS = text(
    "SELECT (SELECT coalesce(max(arrived), 0) FROM chronicle) AS chronicle, "
    "(SELECT coalesce(max(id), 0) FROM notice) AS notice"
)
_NEWS = text(
    "SELECT c.arrived, c.topic, c.holders, (SELECT array_agg(substr(r.ref, 8)) FROM chronicle_ref r "
    "WHERE r.event_id = c.event_id AND r.ref LIKE 'patron:%') AS cards "
    "FROM chronicle c WHERE c.arrived > :after ORDER BY c.arrived LIMIT 1000"
)
_NOTICES = text(
    "SELECT id, person_id, topic, text_zh, text_en, url, tone FROM notice "
    "WHERE id > :after ORDER BY id LIMIT 1000"
)


class Tail:
    """Where the tail has read to, and what it told of late."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.told: set[int] = set()
        self.told_notices: set[int] = set()

    async def step(self, session: AsyncSession) -> None:
        """Tell what is new; with nobody listening only the head is remembered."""
        heads = (await session.execute(HEADS)).one()
        head = (heads.chronicle, heads.notice)
        if not self.hub.streams or self.hub.heads is None:
            if self.hub.heads != head:
                self.hub.heads, self.told, self.told_notices = head, set(), set()
                # Everything up to here counts as told.
                self.told.update(range(max(0, head[0] - LOOK_BACK), head[0] + 1))
                self.told_notices.update(range(max(0, head[1] - LOOK_BACK), head[1] + 1))
            return
        if head == self.hub.heads:
            return
        await self._changes(session, self.hub.heads[0])
        await self._notices(session, self.hub.heads[1])
        self.hub.heads = head
        self.told = {n for n in self.told if n > head[0] - 2 * LOOK_BACK}
        self.told_notices = {n for n in self.told_notices if n > head[1] - 2 * LOOK_BACK}

    async def _changes(self, session: AsyncSession, head: int) -> None:
        rows = await session.execute(_NEWS, {"after": head - LOOK_BACK})
        signals: dict[str, set[str]] = {}
        holders: set[str] = set()
        for row in rows:
            if row.arrived not in self.told:
                self.told.add(row.arrived)
                signals.setdefault(row.topic, set()).update(row.cards or ())
                holders.update(row.holders)
        for topic, cards in signals.items():
            self.hub.changed([topic], patrons=cards)
        if holders:
            self.hub.work_changed(holders)

    async def _notices(self, session: AsyncSession, head: int) -> None:
        for row in await session.execute(_NOTICES, {"after": head - LOOK_BACK}):
            if row.id not in self.told_notices:
                self.told_notices.add(row.id)
                self.hub.tell(row.person_id, {
                    "type": "notice", "id": row.id, "topic": row.topic, "zh": row.text_zh,
                    "en": row.text_en, "url": row.url, "tone": row.tone,
                })


def following(hub: Hub) -> tuple[Callable[[Kit], Awaitable[None]], Callable[[], Awaitable[None]]]:
    """Start and stop of the background task that keeps the streams fed."""
    task: asyncio.Task[None] | None = None

    async def run(kit: Kit) -> None:
        tail = Tail(hub)
        while True:
            try:
                async with kit.reading() as session:
                    await tail.step(session)
            except (SQLAlchemyError, OSError) as error:
                log.warning("the tail will look again", error=type(error).__name__)
            await asyncio.sleep(EVERY)

    async def start(kit: Kit) -> None:
        nonlocal task
        task = asyncio.create_task(run(kit), name="live-tail")

    async def stop() -> None:
        if task:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    return start, stop


