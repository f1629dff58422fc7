"""Reads of lists; every one but the shared begins with the patron whose they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.patrons.model import Patron
from services.reader.discovery.catalogue.listing import Hit, hits
from services.reader.discovery.lists.model import ListEntry, ReadingList
from shared.refusals import NotFound


@dataclass(frozen=True, slots=True)
class Line:
    """An entry with its work; `hit` is empty once the work has left the catalogue."""

    entry: ListEntry
    hit: Hit | None


async def lists_of(session: AsyncSession, patron_id: UUID) -> list[tuple[ReadingList, int]]:
    """The patron's lists and how many works each has, youngest first."""
    rows = await session.execute(
        select(ReadingList, func.count(ListEntry.id)).outerjoin(ListEntry, ListEntry.list_id == ReadingList.id)
        .where(ReadingList.patron_id == patron_id).group_by(ReadingList.id)
        .order_by(ReadingList.created_at.desc(), ReadingList.id)
    )
    return [(row[0], row[1]) for row in rows]


async def lists_of_card(session: AsyncSession, card: str) -> Sequence[ReadingList]:
    """The same by the card of the token, for the book's page."""
    return (await session.scalars(
        select(ReadingList).join(Patron, Patron.id == ReadingList.patron_id)
        .where(Patron.card == card).order_by(ReadingList.created_at.desc(), ReadingList.id)
    )).all()


async def own_list(session: AsyncSession, patron_id: UUID, list_id: UUID) -> ReadingList:
    """One's own list; another's is not there."""
    found = await session.scalar(
        select(ReadingList).where(ReadingList.id == list_id, ReadingList.patron_id == patron_id)
    )
    if found is None:
        raise NotFound
    return found


async def shared_list(session: AsyncSession, token: str) -> ReadingList:
    """The list somebody was given the link of."""
    found = await session.scalar(select(ReadingList).where(ReadingList.token == token)) if token else None
    if found is None:
        raise NotFound
    return found


async def lines_of(session: AsyncSession, list_id: UUID) -> list[Line]:
    """What is on the list, in the order it was put there."""
    entries = (await session.scalars(
        select(ListEntry).where(ListEntry.list_id == list_id).order_by(ListEntry.added_at, ListEntry.id)
    )).all()
    found = {
        hit.record.instance_id: hit for hit in await hits(session, [entry.instance_id for entry in entries])
        if not (hit.record.suppressed or hit.record.emptied)
    }
    return [Line(entry, found.get(entry.instance_id)) for entry in entries]
