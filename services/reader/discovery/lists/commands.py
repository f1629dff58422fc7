"""What patrons do with their lists."""

from __future__ import annotations

import secrets
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert

from services.reader.desk.merging.commands import bring_home, carry, followed, parted
from services.reader.desk.patrons.model import Patron
from services.reader.discovery.catalogue.model import CatalogueRecord
from services.reader.discovery.lists import queries, rules
from services.reader.discovery.lists.model import ListEntry, ReadingList
from shared.database import uuid7
from shared.work import Work

# Who has both keeps the entry that was there first in the list's order, with what they wrote beside either.
_DOUBLED = text("""
    WITH twice AS (
        SELECT gone.id AS gone, kept.id AS kept, gone.note FROM list_entry gone
        JOIN list_entry kept ON kept.list_id = gone.list_id AND kept.instance_id = :into WHERE gone.instance_id = :this
    ), noted AS (
        UPDATE list_entry e SET note = left(concat_ws(' ', NULLIF(e.note, ''), NULLIF(t.note, '')), :longest)
        FROM twice t WHERE e.id = t.kept AND t.note <> ''
    ), traced AS (
        INSERT INTO title_followed (kind, row_id, origin) SELECT 'list_doubled', kept, :this FROM twice ON CONFLICT DO NOTHING
    )
    DELETE FROM list_entry WHERE id IN (SELECT gone FROM twice)
""")
_BOTH_AGAIN = text("""
    INSERT INTO list_entry (id, list_id, instance_id, title, note, added_at)
    SELECT gen_random_uuid(), e.list_id, :this, :title, '', e.added_at FROM list_entry e
    JOIN title_followed f ON f.row_id = e.id WHERE f.kind = 'list_doubled' AND f.origin = :this
    ON CONFLICT DO NOTHING
""")
_SETTLED = text("DELETE FROM title_followed WHERE kind = 'list_doubled' AND origin = :this")


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


async def follow_merge(work: Work, *, instance_id: str) -> None:
    """Works whose records became one stay on the lists they were on, once."""
    if (into := await followed(work, this=instance_id)) is not None:
        await work.session.execute(_DOUBLED, {"this": instance_id, "into": into, "longest": rules.LONGEST_NOTE})
        await carry(work, "list_entry", this=instance_id, now=into)


async def part(work: Work, *, instance_id: str, into: str, title: str) -> None:
    """They are two works again, and a list that had both has both."""
    if (was := await parted(work, this=instance_id, into=into)) is not None:
        await bring_home(work, "list_entry", this=instance_id, was=was)
        await work.session.execute(_BOTH_AGAIN, {"this": instance_id, "title": title})
        await work.session.execute(_SETTLED, {"this": instance_id})
