"""The public catalogue, compared with resources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.discovery.catalogue import commands
from services.reader.discovery.catalogue.model import CatalogueRecord
from shared.copies.comparing import Copy
from shared.copies.ledger import Row, Span
from shared.events.resources import RecordAdded
from shared.i18n import N_
from shared.work import Work

# As they were stated; language, class and sorting are our own reading of them and come with the mending.
SAME = (
    "number", "title", "title_rest", "other_titles", "responsibility", "authors", "publisher", "place", "year", "edition",
    "extent", "series", "isbns", "issns", "subjects", "clc", "call_number", "material", "suppressed",
)
FIELDS = (*SAME, "summary_text")


async def held(session: AsyncSession, span: Span) -> Sequence[Row]:
    """Our records in the owner's words."""
    query = (
        select(CatalogueRecord).where(span.within(CatalogueRecord.instance_id))
        .order_by(CatalogueRecord.instance_id).limit(span.limit)
    )
    return [
        (one.instance_id, {**{name: getattr(one, name) for name in SAME}, "summary_text": one.summary})
        for one in await session.scalars(query)
    ]


async def mend(work: Work, key: str, fact: dict[str, Any] | None) -> None:
    """Take the description over; what the owner does not know leaves the catalogue."""
    if fact is None:
        await work.session.execute(delete(CatalogueRecord).where(CatalogueRecord.instance_id == key))
        return
    await commands.learn(work, RecordAdded.read(fact), new=True)
    if fact["suppressed"]:
        await commands.hide(work, instance_id=key)
    await commands.note_withdrawal(work, instance_id=key)


async def names(session: AsyncSession, keys: Sequence[str]) -> Mapping[str, tuple[str, str]]:
    """By their numbers and titles."""
    one = CatalogueRecord
    rows = await session.execute(select(one.instance_id, one.number, one.title).where(one.instance_id.in_(keys)))
    return {row.instance_id: (f"{row.number} {row.title}", f"/reader/catalogue/{row.number}") for row in rows}


copy = Copy("resources.records", N_("公共目录书目（据资源建设部）"), FIELDS, held, mend, names)
