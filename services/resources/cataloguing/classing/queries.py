"""How many titles a class has, what similar titles are classed under, how the shelf stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.cataloguing.classing.model import ClassCounter
from services.resources.cataloguing.items.model import Item
from services.resources.cataloguing.items.rules import GONE
from services.resources.cataloguing.marc.callnumbers import shelf_key
from services.resources.cataloguing.records.model import Instance
from services.resources.cataloguing.records.rules import class_key, marked
from shared.search import lexemes

LOOKED_AT, WORDS = 2_000, 8


async def titles(session: AsyncSession, codes: Iterable[str]) -> dict[str, int]:
    """Titles in each class and below it; counting stops at a thousand."""
    found = {}
    for code in codes:
        key = class_key(code)
        if not key.isalnum():
            continue
        asked = cast(f"'{marked('c', key)}':*", TSQUERY)
        within = select(Instance.id).where(Instance.search.op("@@")(asked)).limit(1_000).subquery()
        found[code] = await session.scalar(select(func.count()).select_from(within)) or 0
    return found


async def suggestions(session: AsyncSession, record: Instance) -> list[tuple[str, int, str]]:
    """Classes of titles like this one: (class, how many, one of their titles), the most frequent first."""
    told = record.projection
    words = [*sorted(lexemes(told.get("title", ""))), *sorted(lexemes(" ".join(told.get("subjects", ()))))]
    wanted = [word for word in dict.fromkeys(words) if len(word) > 1 and word.isalnum()][:WORDS]
    if not wanted:
        return []
    asked = cast(" | ".join(f"'{word}'" for word in wanted), TSQUERY)
    near = (
        select(Instance.clc, Instance.title, func.ts_rank(Instance.search, asked).label("rank"))
        .where(Instance.search.op("@@")(asked), Instance.clc != "", Instance.id != record.id).limit(LOOKED_AT).subquery()
    )
    rows = (await session.execute(select(near.c.clc, near.c.title).order_by(near.c.rank.desc(), near.c.title).limit(30))).all()
    counts = Counter(row[0] for row in rows)
    first: dict[str, str] = {}
    for mark, title in rows:
        first.setdefault(mark, title)
    return [(mark, n, first[mark]) for mark, n in counts.most_common(6)]


async def highest(session: AsyncSession, mark: str) -> int:
    """The highest number within a class that stands in a record or was given out."""
    number = cast(func.substring(Instance.call_number, "/([0-9]{1,7})"), Integer)
    used = await session.scalar(select(func.max(number)).where(Instance.call_number.like(f"{_literal(mark)}/%")))
    given = await session.scalar(select(ClassCounter.last).where(ClassCounter.mark == mark))
    return max(used or 0, given or 0)


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


async def neighbours(session: AsyncSession, mark: str, limit: int = 12) -> Sequence[Instance]:
    """The titles numbered last within a class."""
    number = cast(func.substring(Instance.call_number, "/([0-9]{1,7})"), Integer)
    query = (
        select(Instance).where(Instance.call_number.like(f"{_literal(mark)}/%")).order_by(number.desc().nulls_last(), Instance.number)
    )
    return (await session.scalars(query.limit(limit))).all()


async def shelf(
    session: AsyncSession, location: str, *, begin: str = "", after: tuple[str, UUID] | None = None, limit: int = 50
) -> list[tuple[Item, str, str]]:
    """Items of a place as they stand, from a call number on: (item, record number, title)."""
    query = (
        select(Item, Instance.number, Instance.title).join(Instance, Instance.id == Item.instance_id)
        .where(Item.location == location, Item.life.not_in(GONE), Item.call_number != "").order_by(Item.shelf_key, Item.id).limit(limit)
    )
    if after is not None:
        query = query.where((Item.shelf_key > after[0]) | ((Item.shelf_key == after[0]) & (Item.id > after[1])))
    elif begin:
        # A class alone begins where its first book stands.
        key = shelf_key(begin if "/" in begin else f"{begin}/0")
        query = query.where(Item.shelf_key >= (key if "/" in begin else key.rpartition("  ")[0] or key))
    return [(row[0], row[1], row[2]) for row in await session.execute(query)]
