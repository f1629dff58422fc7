"""What patrons do with their lists."""

from __future__ import annotations

import secrets
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert

from services.reader.desk.patrons.model import Patron
from services.reader.discovery.catalogue.model import CatalogueRecord
from services.reader.discovery.lists import queries, rules
from services.reader.discovery.lists.model import ListEntry, ReadingList
from shared.database import uuid7
from shared.work import Work

_MERGED = (
    text("""
        DELETE FROM list_entry e WHERE e.instance_id = :this
        AND EXISTS (SELECT 1 FROM list_entry o WHERE o.list_id = e.list_id AND o.instance_id = :into)
    """),
    text("UPDATE list_entry SET instance_id = :into WHERE instance_id = :this"),
)


async def create(work: Work, *, patron: Patron, title: str, note: str = "") -> ReadingList:
    """A new list; the patron's row is locked so that two pages cannot pass the limit together."""
    title, note = rules.title_of(title), rules.note_of(note)
    await work.lock(Patron, Patron.id == patron.id)
    have = await work.session.scalar(select(func.count()).where(ReadingList.patron_id == patron.id)) or 0
    if have >= rules.MOST_LISTS:
        raise rules.TooManyLists(most=rules.MOST_LISTS)
    made = ReadingList(id=uuid7(), patron_id=patron.id, title=title, note=note, created_at=work.now)
    work.session.add(made)
    await work.session.flush()
    return made


async def _locked(work: Work, patron: Patron, list_id: UUID) -> ReadingList:
    return await work.lock(ReadingList, ReadingList.id == list_id, ReadingList.patron_id == patron.id)


async def change(work: Work, *, patron: Patron, list_id: UUID, title: str, note: str) -> ReadingList:
    """Another name or description."""
    found = await _locked(work, patron, list_id)
    found.title, found.note = rules.title_of(title), rules.note_of(note)
    return found


async def add(work: Work, *, patron: Patron, list_id: UUID, record: CatalogueRecord) -> bool:
    """Put a work on the list; a second time changes nothing and answers False."""
    found = await _locked(work, patron, list_id)
    have = await work.session.scalar(select(func.count()).where(ListEntry.list_id == found.id)) or 0
    if have >= rules.MOST_ENTRIES:
        raise rules.ListFull(most=rules.MOST_ENTRIES)
    row = await work.session.scalar(
        insert(ListEntry).values(
            id=uuid7(), list_id=found.id, instance_id=record.instance_id, title=record.title, note="",
            added_at=work.now,
        ).on_conflict_do_nothing(constraint="uq_list_entry_work").returning(ListEntry.id)
    )
    return row is not None


async def note(work: Work, *, patron: Patron, list_id: UUID, entry_id: UUID, text: str) -> None:
    """What the patron wants to remember of a work."""
    found = await queries.own_list(work.session, patron.id, list_id)
    entry = await work.lock(ListEntry, ListEntry.id == entry_id, ListEntry.list_id == found.id)
    entry.note = rules.note_of(text)


async def remove(work: Work, *, patron: Patron, list_id: UUID, entry_id: UUID) -> None:
    """Take a work off the list."""
    found = await queries.own_list(work.session, patron.id, list_id)
    await work.session.execute(delete(ListEntry).where(ListEntry.id == entry_id, ListEntry.list_id == found.id))


async def share(work: Work, *, patron: Patron, list_id: UUID) -> ReadingList:
    """Give the list an address of its own; asked again, it keeps the one it has."""
    found = await _locked(work, patron, list_id)
    found.token = found.token or secrets.token_urlsafe(18)
    return found


async def stop_sharing(work: Work, *, patron: Patron, list_id: UUID) -> None:
    """The address is dead from now on, also if the list is shared again."""
    found = await _locked(work, patron, list_id)
    found.token = None


async def drop(work: Work, *, patron: Patron, list_id: UUID) -> None:
    """Delete the list and what is on it."""
    found = await _locked(work, patron, list_id)
    await work.session.delete(found)


async def follow_merge(work: Work, *, instance_id: str, merged_into: str) -> None:
    """Works whose records became one stay on the lists they were on, once."""
    if merged_into and merged_into != instance_id:
        for statement in _MERGED:
            await work.session.execute(statement, {"this": instance_id, "into": merged_into})
