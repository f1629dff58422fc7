"""Questions about records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import cast, func, select
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, undefer

from services.resources.cataloguing.items.model import Item
from services.resources.cataloguing.records import rules
from services.resources.cataloguing.records.model import Instance
from shared import search
from shared.refusals import NotFound

COUNT_LIMIT = 10_000
# The record another became part of: `select(*TODAY, …).outerjoin(Today, IS_TODAY)` names that one, else the record itself.
Today = aliased(Instance)
IS_TODAY = Today.id == Instance.merged_into
TODAY = (func.coalesce(Today.number, Instance.number), func.coalesce(Today.title, Instance.title))


async def find(
    session: AsyncSession, q: str, *, state: str = "", material: str = "", limit: int = 20, offset: int = 0,
    options: Sequence[Any] = (),
) -> tuple[Sequence[Instance], int]:
    """A page of records for what was typed (title, person, number, call number, barcode), and how many.

    Counting stops at ten thousand: nobody pages there.
    """
    # What was merged is found under the other; its own number still leads to it.
    query = select(Instance).where(Instance.merged_into.is_(None) | (Instance.number == q.strip().upper()))
    typed = q.strip()
    rank: Any = None
    if typed:
        asked = search.query(rules.as_number(typed))
        by_barcode = select(Item.instance_id).where(Item.barcode == typed.upper())
        hit = Instance.id.in_(by_barcode) | (Instance.number == typed.upper())
        if asked:
            wanted = cast(asked, TSQUERY)
            hit = hit | Instance.search.op("@@")(wanted)
            rank = func.ts_rank(Instance.search, wanted).desc()
        query = query.where(hit)
    if state:
        query = query.where(Instance.state == state)
    if material:
        query = query.where(Instance.material == material)
    if typed:
        counted = select(func.count()).select_from(
            query.with_only_columns(Instance.id).limit(COUNT_LIMIT).subquery()
        )
    elif state or material:
        counted = select(func.count()).select_from(query.with_only_columns(Instance.id).subquery())
    else:
        counted = select(func.count()).where(Instance.merged_into.is_(None))
    total = await session.scalar(counted) or 0
    order: list[Any] = [Instance.created_at.desc(), Instance.id]
    if typed:
        # The very title first, then by where and how often the words stand.
        exact = (Instance.sort_title == rules.sort_title(typed)).desc()
        order = [exact, *([rank] if rank is not None else []), Instance.sort_title, Instance.id]
    rows = await session.scalars(query.options(*options).order_by(*order).limit(limit).offset(offset))
    return rows.all(), total


async def by_key(session: AsyncSession, key: str, *, whole: bool = False) -> Instance:
    """One record by its number or its id, or `NotFound`; `whole` brings the original along."""
    try:
        where = Instance.id == UUID(key)
    except ValueError:
        where = Instance.number == key.strip().upper()
    query = select(Instance).where(where)
    if whole:
        query = query.options(undefer(Instance.raw), undefer(Instance.fields))
    found = (await session.scalars(query)).one_or_none()
    if found is None:
        raise NotFound(key)
    return found


async def today(session: AsyncSession, record: Instance) -> Instance:
    """The record this one is part of today; itself, if it was never merged."""
    return await by_key(session, str(record.merged_into)) if record.merged_into is not None else record


def brief_json(record: Instance, items: int = 0) -> dict[str, Any]:
    """A record as a line of a list, for programs."""
    told = record.projection
    return {
        "id": str(record.id), "number": record.number, "title": record.title,
        "title_rest": told.get("title_rest", ""), "responsibility": told.get("responsibility", ""),
        "authors": [author["name"] for author in told.get("authors", ())],
        "publisher": told.get("publisher", ""), "year": record.year, "language": record.language,
        "isbns": [n["isbn13"] or n["raw"] for n in told.get("isbns", ())], "issns": told.get("issns", []),
        "clc": record.clc, "call_number": record.call_number, "material": record.material,
        "dialect": record.dialect, "state": record.state.value, "state_label": record.state.text,
        "items": items, "url": f"/resources/records/{record.number}",
    }
