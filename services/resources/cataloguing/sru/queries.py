"""Asking the catalogue on behalf of strangers: counted to a limit, paged to a limit, and never for long."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from services.resources.cataloguing.records.model import Instance, RecordState
from services.resources.cataloguing.records.rules import sort_title
from services.resources.cataloguing.sru.cql import ANCHOR, MANY, ONE, Clause, Query
from services.resources.cataloguing.sru.mapping import condition, order
from services.resources.cataloguing.sru.rules import COUNT_LIMIT, SECONDS, Diagnostic, index_of

CANCELLED = "57014"
SHOWN = Instance.state == RecordState.released


@dataclass(frozen=True, slots=True)
class Found:
    """A page of an answer: how many there are (or at least are), and the rows."""

    count: int
    rows: Sequence[Any]

    @property
    def at_least(self) -> bool:
        """Whether counting was given up."""
        return self.count >= COUNT_LIMIT


@asynccontextmanager
async def bounded(sessions: async_sessionmaker[AsyncSession]) -> AsyncIterator[AsyncSession]:
    """A session whose statements end after some seconds; then the caller is told to narrow the query."""
    async with sessions() as session:
        await session.execute(text(f"SET LOCAL statement_timeout = {SECONDS * 1000}"))
        try:
            yield session
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", "") == CANCELLED:
                raise Diagnostic(2, f"the query took more than {SECONDS} s: narrow it") from error
            raise


async def search(session: AsyncSession, query: Query, *, start: int, limit: int, schema: str) -> Found:
    """The records a query finds, from the `start`-th on."""
    where = (condition(query.root), SHOWN)
    by = order(query.sort)
    counted = select(func.count()).select_from(select(Instance.id).where(*where).limit(COUNT_LIMIT).subquery())
    count = await session.scalar(counted) or 0
    if query.sort and count >= COUNT_LIMIT:
        raise Diagnostic(84, str(COUNT_LIMIT))
    if not limit or start > count:
        return Found(count, ())
    told = Instance.projection if schema == "dc" else Instance.fields
    rows = await session.execute(
        select(Instance.number, Instance.dialect, told).where(*where).order_by(*by).offset(start - 1).limit(limit)
    )
    return Found(count, rows.all())


async def terms(session: AsyncSession, clause: Clause, *, position: int, limit: int) -> list[tuple[str, int]]:
    """Titles around a term in their order, each with the number of its records."""
    if not index_of(clause.index, clause.prefixes).scan:
        raise Diagnostic(16, f"{clause.index} is not scanned")
    if any(mark in clause.term for mark in (MANY, ONE, ANCHOR)):
        raise Diagnostic(28)
    asked = sort_title(clause.term)
    by = Instance.sort_title
    counted = select(by, func.count()).where(SHOWN).group_by(by)
    before = max(position - 1, 0)
    found: list[tuple[str, int]] = []
    if before:
        rows = await session.execute(counted.where(by < asked).order_by(by.desc()).limit(before))
        found = [(row[0], row[1]) for row in rows][::-1]
    from_ = by > asked if position == 0 else by >= asked
    rows = await session.execute(counted.where(from_).order_by(by).limit(max(limit - len(found), 0)))
    return [*found, *((row[0], row[1]) for row in rows)][:limit]
