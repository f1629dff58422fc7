"""Reading the ledger: lists, counts, and the walk along its chain."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from services.office.people.ledger.model import LedgerEntry, LedgerHead
from services.office.people.ledger.rules import READERS, Break, check_link
from shared.identity import Actor
from shared.refusals import NotAllowed

BATCH = 1000


@dataclass(frozen=True, slots=True)
class Search:
    """What somebody wants to see of the ledger; empty means everything."""

    person: str = ""
    duty: str = ""
    department: str = ""
    post: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def where(self) -> list[ColumnElement[bool]]:
        """The conditions of the search."""
        e = LedgerEntry
        found: list[ColumnElement[bool]] = []
        if self.person:
            found.append(e.person == self.person)
        if self.duty:
            found.append(e.duty == self.duty)
        if self.post:
            found.append(e.duty.startswith(self.post + "-", autoescape=True))
        if self.department:
            found.append(e.department == self.department)
        if self.since:
            found.append(e.at >= self.since)
        if self.until:
            found.append(e.at < self.until)
        return found


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the walk along the chain found."""

    rows: int
    broken: Break | None
    hash: str
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether every row is as it was written."""
        return self.broken is None


def allowed_search(actor: Actor, search: Search) -> Search:
    """The search as far as the person may look: leaders and OFF-ADM everywhere, others at their own."""
    if actor.holds(READERS):
        return search
    if search.person and search.person != actor.id:
        raise NotAllowed
    return replace(search, person=actor.id)


def rows(search: Search) -> Select[LedgerEntry]:
    """Matching rows, newest first."""
    return select(LedgerEntry).where(*search.where()).order_by(LedgerEntry.position.desc())


async def page_of(
    session: AsyncSession, search: Search, *, limit: int, offset: int = 0, below: int | None = None
) -> tuple[Sequence[LedgerEntry], int]:
    """One page of matching rows and how many there are in all."""
    query = rows(search).limit(limit).offset(offset)
    if below is not None:
        query = query.where(LedgerEntry.position < below)
    total = await session.scalar(select(func.count()).select_from(LedgerEntry).where(*search.where()))
    return (await session.scalars(query)).all(), total or 0


async def counts(session: AsyncSession, search: Search, by: str) -> dict[str, int]:
    """How many rows match, by person, duty or department."""
    column = getattr(LedgerEntry, by)
    query = select(column, func.count()).where(*search.where()).group_by(column)
    found = await session.execute(query)
    return dict(sorted(((r[0], r[1]) for r in found), key=lambda pair: -pair[1]))


async def last_of_each_duty(session: AsyncSession, search: Search) -> Mapping[str, LedgerEntry]:
    """Duty → its latest row."""
    query = (
        select(LedgerEntry).where(*search.where()).ext(distinct_on(LedgerEntry.duty))
        .order_by(LedgerEntry.duty, LedgerEntry.position.desc())
    )
    return {entry.duty: entry for entry in await session.scalars(query)}


async def evidence_in(
    session: AsyncSession, *, person: str, duty: str, first: datetime, last: datetime
) -> list[LedgerEntry]:
    """What a person did for a duty in a stretch of time, oldest first."""
    search = Search(person=person, duty=duty, since=first, until=last)
    query = select(LedgerEntry).where(*search.where()).order_by(LedgerEntry.position)
    return list(await session.scalars(query))


async def verify(session: AsyncSession) -> Verdict:
    """Walk the whole chain in batches and name the first row that is not as it was written."""
    started = time.monotonic()
    position, prev_hash, broken = 0, "", None
    while broken is None:
        query = (
            select(LedgerEntry).where(LedgerEntry.position > position)
            .order_by(LedgerEntry.position).limit(BATCH)
        )
        batch: list[Any] = list(await session.scalars(query))
        for entry in batch:
            broken = check_link(entry, expected=position + 1, prev_hash=prev_hash)
            if broken:
                break
            position, prev_hash = entry.position, entry.hash
        session.expunge_all()
        if len(batch) < BATCH:
            break
    if broken is None:
        head = await session.get(LedgerHead, 1)
        # A row appended while we walked is not a fault: the head may be ahead, never behind.
        if head is None or head.position < position or (head.position == position and head.hash != prev_hash):
            broken = Break(position + 1, "head")
        elif head.position > position and not await session.get(LedgerEntry, position + 1):
            broken = Break(position + 1, "missing")
    return Verdict(position, broken, prev_hash, time.monotonic() - started)
