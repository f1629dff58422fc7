"""Reads of wishes, and what is known of a title before it is proposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import cast, func, or_, select, text
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.discovery.catalogue.availability import Availability, availability_of
from services.reader.discovery.catalogue.model import CatalogueRecord
from services.reader.discovery.catalogue.rules import sort_title
from services.reader.discovery.suggestions import rules
from services.reader.discovery.suggestions.model import ComingTitle, Promise, Suggestion
from shared.events.resources import TITLE_STAGES
from shared.i18n import _

FEW = 5
_GONE = ("cancelled", "on_shelf")
_DEMAND = text("""
SELECT h.instance_id, h.holds, coalesce(c.copies, 0) AS copies, r.title, r.responsibility, r.publisher, r.year, r.isbns
FROM (SELECT instance_id, count(*) AS holds FROM hold WHERE state = 'waiting' GROUP BY instance_id) h
JOIN catalogue_record r ON r.instance_id = h.instance_id
LEFT JOIN LATERAL (
    SELECT count(*) AS copies FROM item i WHERE i.instance_id = h.instance_id AND i.stock = 'in_stock' AND i.use = 'loan'
        AND i.condition <> 'irreparable' AND i.circulation NOT IN ('missing', 'lost', 'claimed_returned', 'replaced')
) c ON true
LEFT JOIN title_demand d ON d.instance_id = h.instance_id
WHERE h.holds >= greatest(1, :per_copy * coalesce(c.copies, 0)) AND (d.instance_id IS NULL OR h.holds >= d.holds + :grown)
ORDER BY h.holds DESC LIMIT 500
""")


@dataclass(slots=True)
class Found:
    """What we have or await of a title: (record, state) held, the titles coming."""

    held: list[tuple[CatalogueRecord, Availability]] = field(default_factory=list)
    coming: Sequence[ComingTitle] = ()

    @property
    def nothing(self) -> bool:
        """Whether there is anything to say."""
        return not self.held and not self.coming

    def as_json(self) -> dict[str, Any]:
        """On the wire."""
        return {
            "held": [
                {"number": record.number, "title": record.title, "url": f"/reader/catalogue/{record.number}", **state.as_json()}
                for record, state in self.held
            ],
            "coming": [
                {"title": one.title, "isbn": one.isbn, "progress": one.progress, "label": _(TITLE_STAGES.get(one.progress, one.progress))}
                for one in self.coming
            ],
        }


async def look(session: AsyncSession, wish: rules.Proposal) -> Found:
    """Is it here, or on its way? By number where there is one, else by the very title."""
    held: list[Any] = []
    coming: list[Any] = []
    if wish.isbn:
        held.append(CatalogueRecord.search.op("@@")(cast(f"'{wish.isbn}':B", TSQUERY)))
        coming.append(ComingTitle.isbn == wish.isbn)
    if wish.title:
        held.append(CatalogueRecord.sort_title == sort_title(wish.title))
        coming.append(ComingTitle.sort_title == sort_title(wish.title))
    if not held:
        return Found()
    records = (await session.scalars(
        select(CatalogueRecord).where(or_(*held), CatalogueRecord.suppressed.is_(False), CatalogueRecord.emptied.is_(False))
        .order_by(CatalogueRecord.year.desc().nulls_last(), CatalogueRecord.number).limit(FEW)
    )).all()
    states = await availability_of(session, [record.instance_id for record in records])
    coming_rows = await session.scalars(
        select(ComingTitle).where(or_(*coming), ComingTitle.progress.not_in(_GONE)).order_by(ComingTitle.number).limit(FEW)
    )
    return Found([(record, states[record.instance_id]) for record in records], coming_rows.all())


async def mine(session: AsyncSession, patron_id: UUID) -> Sequence[Suggestion]:
    """All of one reader's wishes, newest first."""
    return (await session.scalars(
        select(Suggestion).where(Suggestion.patron_id == patron_id).order_by(Suggestion.placed_at.desc(), Suggestion.no.desc()).limit(200)
    )).all()


async def open_count(session: AsyncSession, patron_id: UUID) -> int:
    """How many of a reader's wishes have no result yet."""
    return int(await session.scalar(
        select(func.count()).where(Suggestion.patron_id == patron_id, Suggestion.state.in_(rules.OPEN))
    ) or 0)


async def same(session: AsyncSession, patron_id: UUID, key: str) -> Suggestion | None:
    """The open wish of this reader for this title."""
    return await session.scalar(
        select(Suggestion).where(Suggestion.patron_id == patron_id, Suggestion.key == key, Suggestion.state.in_(rules.OPEN))
    )


async def locked(session: AsyncSession, *where: Any) -> Sequence[Suggestion]:
    """These wishes in the order they were made, locked; what this transaction changed before is written first."""
    await session.flush()
    return (await session.scalars(
        select(Suggestion).where(*where).order_by(Suggestion.placed_at, Suggestion.no)
        .with_for_update(key_share=True).execution_options(populate_existing=True)
    )).all()


async def promised(session: AsyncSession, instance_id: str = "") -> Sequence[Suggestion]:
    """Who is owed the first hold (of one title, or of any), in the order of asking."""
    return await locked(
        session, Suggestion.promise == Promise.due, *([Suggestion.instance_id == instance_id] if instance_id else []),
    )


async def demanded(session: AsyncSession) -> Sequence[Any]:
    """Titles too many wait for that were not told yet, or have grown since."""
    return (await session.execute(_DEMAND, {"per_copy": rules.HOLDS_PER_COPY, "grown": rules.GROWN})).all()
