"""Questions about records."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, literal_column, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.cataloguing.items.model import Item
from services.resources.cataloguing.records.model import Instance
from shared import search

COUNT_LIMIT = 10_000


async def find(
    session: AsyncSession, q: str, *, state: str = "", material: str = "", limit: int = 20, offset: int = 0
) -> tuple[Sequence[Instance], int]:
    """A page of records for what was typed (title, person, number, call number, barcode), and how many.

    Counting stops at ten thousand: nobody pages there.
    """
    query = select(Instance)
    typed = q.strip()
    if typed:
        asked = search.query(typed)
        by_barcode = select(Item.instance_id).where(Item.barcode == typed.upper())
        hit = Instance.id.in_(by_barcode) | (Instance.number == typed.upper())
        if asked:
            hit = hit | Instance.search.op("@@")(func.to_tsquery(literal_column("'simple'::regconfig"), asked))
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
        counted = select(func.count()).select_from(Instance)
    total = await session.scalar(counted) or 0
    order = [Instance.sort_title, Instance.id] if typed else [text("instance.created_at DESC"), Instance.id]
    rows = await session.scalars(query.order_by(*order).limit(limit).offset(offset))
    return rows.all(), total


async def by_number(session: AsyncSession, number: str, *, whole: bool = False) -> Instance | None:
    """One record by its number; `whole` brings the original along."""
    from sqlalchemy.orm import undefer

    query = select(Instance).where(Instance.number == number)
    if whole:
        query = query.options(undefer(Instance.raw), undefer(Instance.fields))
    return (await session.scalars(query)).one_or_none()
