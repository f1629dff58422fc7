"""`Work`: the one collaborator a command sees. Opened by the kit, committed at the edge."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared import tracing
from shared.audit import note_changes
from shared.database import driver, uuid7
from shared.events.base import Envelope, Event
from shared.identity import SYSTEM, Actor
from shared.numbers import next_number
from shared.refusals import NotFound
from shared.settings import LOCAL
from shared.writing import ctes, plain_changes, values, written

T = TypeVar("T")
# Writes rows that were gathered, as many as there are, in statements of a fixed number.
Writer = Callable[["Work", list[Any]], Awaitable[None]]

# Audit and events leave in one statement: every round trip of a scan is felt at the desk.
_WRITE_DOWN = """trail AS (
    INSERT INTO audit (actor, posts, action, subject, subject_id, changes, correlation, origin)
    SELECT r.* FROM jsonb_to_recordset(%(trail)s) AS r (
        actor text, posts text, action text, subject text, subject_id text, changes jsonb, correlation uuid, origin text
    )
)
INSERT INTO outbox (event_id, subject, aggregate, payload, headers)
SELECT f.event_id, f.subject, f.aggregate, f.payload, f.headers
FROM ROWS FROM (jsonb_to_recordset(%(facts)s) AS (
    event_id uuid, subject text, aggregate text, payload jsonb, headers jsonb
)) WITH ORDINALITY AS f (event_id, subject, aggregate, payload, headers, place)
ORDER BY f.place
"""


class Work:
    """One transaction on behalf of one actor: `session`, `actor`, `now`, `emit`."""

    def __init__(
        self, session: AsyncSession, actor: Actor, *, service: str,
        correlation: UUID | None = None, cause: Envelope | None = None,
        now: datetime | None = None, origin: str = "",
    ) -> None:
        self.session, self.actor, self.service = session, actor, service
        self.correlation = correlation or uuid7()
        self.cause = cause
        self.now = now or datetime.now(UTC)
        self.origin = origin
        self.events: list[tuple[Event, UUID, UUID, Actor]] = []
        self.audit_rows: list[dict[str, Any]] = []
        self.after_commit: list[Callable[[], Any]] = []
        self.gathered: dict[Writer, list[Any]] = {}
        self.last_words: dict[str, Exception] = {}
        session.sync_session.info["work"] = self

    @property
    def today(self) -> date:
        """The library's calendar day."""
        return self.now.astimezone(LOCAL).date()

    def follow(self, correlation: UUID | None) -> None:
        """Events from here on belong to the case that bears `correlation`."""
        if correlation:
            self.correlation = correlation

    def emit(self, event: Event | None, *, correlation: UUID | None = None, by: Actor | None = None) -> UUID:
        """State a fact; it is published if and only if this transaction commits.

        `by` is whose doing it is when that is not the actor: a head who signed at a clerk's desk.
        """
        event_id = uuid7()
        if event is not None:
            self.events.append((event, event_id, correlation or self.correlation, by or self.actor))
        return event_id

    def gather(self, write: Writer, row: Any) -> None:
        """Leave a row to be written with others of its kind, at the end of the transaction at the latest.

        Facts that are heard in one delivery share what they gathered: a hundred rows cost the
        statements of one. `write(work, rows)` may write, but state nothing.
        """
        self.gathered.setdefault(write, []).append(row)

    def refuse_on(self, constraint: str, refusal: Exception) -> None:
        """Should the database object by this constraint, the answer is `refusal`: it has the last word on races."""
        self.last_words[constraint] = refusal

    async def write_gathered(self) -> None:
        """Write what was gathered so far, kinds in the order in which they first came."""
        while self.gathered:
            write = next(iter(self.gathered))
            await write(self, self.gathered.pop(write))

    async def number(self, kind: str) -> str:
        """The next document number of this kind and year."""
        return await next_number(self.session, kind, self.today.year)

    async def get(self, model: type[T], key: object, *, what: str = "") -> T:
        """The row with this primary key, or `NotFound`."""
        found = await self.session.get(model, key)
        if found is None:
            raise NotFound(what or key)
        return found

    async def lock(self, model: type[T], *where: Any, what: str = "") -> T:
        """The one row that matches, locked until the end of the transaction, or `NotFound`."""
        query = select(model).where(*where).with_for_update().execution_options(populate_existing=True)
        found = (await self.session.scalars(query)).one_or_none()
        if found is None:
            raise NotFound(what)
        return found

    def note(self, action: str, subject: str, subject_id: str, **changes: Any) -> None:
        """An audit row for something that changes no table of ours, such as a sensitive read."""
        self.audit_rows.append(self.audit_row(action, subject, subject_id, changes))

    def audit_row(self, action: str, subject: str, subject_id: str, changes: dict[str, Any]) -> dict[str, Any]:
        """The columns of one audit row."""
        return {
            "actor": self.actor.id, "posts": " ".join(self.actor.posts), "action": action,
            "subject": subject, "subject_id": subject_id, "changes": changes,
            "correlation": self.correlation, "origin": self.origin,
        }

    def headers(self, by: Actor) -> dict[str, Any]:
        """What the outbox keeps of the circumstances."""
        trace = {tracing.CONTEXT: word} if (word := tracing.carried()) else {}
        return {
            **trace, "at": self.now.isoformat(), "actor": by.id, "kind": by.kind,
            "posts": list(by.posts), "subposts": list(by.subposts), "rank": by.rank,
            "cause": str(self.cause.event_id) if self.cause else None,
        }

    async def finish(self) -> bool:
        """Write what was collected, events last: then id order is commit order per aggregate.

        Returns whether events were written. The caller commits.
        """
        await self.write_gathered()
        session = self.session.sync_session
        changes = plain_changes(session)
        if changes is None:
            await self.flush()
            changes = []
        elif changes:
            note_changes(session)
        if not (changes or self.audit_rows or self.events):
            return False
        rows, trail = self._facts(), self._trail()
        link = await driver(self.session)
        try:
            with tracing.span("WRITE DOWN", "client", rows=len(changes), facts=len(rows)):
                await link.execute(
                    "WITH " + ctes(tuple(change.shape for change in changes)) + _WRITE_DOWN,
                    {"trail": Jsonb(trail), "facts": Jsonb(rows), **values(changes)},
                )
        except psycopg.Error as error:  # the edge knows SQLAlchemy's names: it repeats what a deadlock ended
            self._say_last_word(error)
            raise DBAPIError.instance(
                _WRITE_DOWN, None, error, psycopg.Error, hide_parameters=True
            ) from error
        written(session, changes)
        self.audit_rows, self.events = [], []
        return bool(rows)

    async def flush(self) -> None:
        """Write what the session holds before the end, for a command that goes on to read it."""
        try:
            await self.session.flush()
        except IntegrityError as error:
            if isinstance(error.orig, psycopg.Error):
                self._say_last_word(error.orig)
            raise

    def _say_last_word(self, error: psycopg.Error) -> None:
        refusal = self.last_words.get(error.diag.constraint_name or "")
        if refusal is not None:
            raise refusal from error

    def _facts(self) -> list[dict[str, Any]]:
        return [
            {
                "event_id": str(event_id), "subject": event.subject, "aggregate": event.aggregate,
                "payload": event.model_dump(mode="json"),
                "headers": {**self.headers(by), "correlation": str(correlation)},
            }
            for event, event_id, correlation, by in self.events
        ]

    def _trail(self) -> list[dict[str, Any]]:
        return [
            {**row, "correlation": str(row["correlation"]) if row["correlation"] else None}
            for row in self.audit_rows
        ]


class Works:
    """Opens and commits `Work`: the only place in the tree that commits."""

    def __init__(
        self, sessions: async_sessionmaker[AsyncSession], service: str,
        poke: Callable[[], None] = lambda: None,
    ) -> None:
        self.sessions, self.service, self.poke = sessions, service, poke

    @asynccontextmanager
    async def open(
        self, actor: Actor = SYSTEM, *, correlation: UUID | None = None, origin: str = "",
        now: datetime | None = None,
    ) -> AsyncIterator[Work]:
        """One unit of work: committed when the block ends well, rolled back when it does not."""
        async with self.sessions() as session:
            work = Work(
                session, actor, service=self.service, correlation=correlation, origin=origin, now=now
            )
            stated = False
            try:
                yield work
                stated = await work.finish()
                await session.commit()
            except BaseException:
                await session.rollback()
                raise
        if stated:
            self.poke()
        for callback in work.after_commit:
            callback()
