"""Reads of checks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.cataloguing.items.model import Item, ItemLife
from services.resources.cataloguing.records.model import Instance
from services.resources.collections.collation import rules
from services.resources.collections.collation.model import CollationCheck


async def open_defects(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    """Which of these items wait to be mended."""
    return set(await session.scalars(select(CollationCheck.item_id).where(CollationCheck.item_id.in_(ids), CollationCheck.open)))


async def waiting(session: AsyncSession, *, limit: int, offset: int) -> tuple[Sequence[CollationCheck], int]:
    """What was sent back, the oldest first."""
    total = int(await session.scalar(select(func.count()).select_from(CollationCheck).where(CollationCheck.open)) or 0)
    query = select(CollationCheck).where(CollationCheck.open).order_by(CollationCheck.at, CollationCheck.id)
    return (await session.scalars(query.limit(limit).offset(offset))).all(), total


async def unchecked(session: AsyncSession) -> int:
    """How many items of the workroom nobody has looked at."""
    return int(await session.scalar(
        select(func.count()).select_from(Item).where(
            Item.life == ItemLife.in_process, ~exists().where(CollationCheck.item_id == Item.id)
        )
    ) or 0)


async def last_of(session: AsyncSession, person: str, limit: int) -> Sequence[CollationCheck]:
    """What this person looked at last."""
    query = select(CollationCheck).where(CollationCheck.checked_by == person)
    return (await session.scalars(query.order_by(CollationCheck.at.desc(), CollationCheck.id.desc()).limit(limit))).all()


async def shares(session: AsyncSession, now: datetime) -> list[tuple[str, int, int]]:
    """Per person who processed: how many were looked at lately, and how many were wrong; the most wrong first."""
    wrong = func.count().filter(func.jsonb_array_length(CollationCheck.aspects) > 0)
    rows = await session.execute(
        select(CollationCheck.processed_by, func.count(), wrong).where(CollationCheck.at >= now - timedelta(days=rules.DAYS))
        .group_by(CollationCheck.processed_by).order_by(wrong.desc(), CollationCheck.processed_by)
    )
    return [(who, n, bad) for who, n, bad in rows.all()]


async def title_of(session: AsyncSession, item: Item) -> Instance:
    """The record of the item."""
    return (await session.scalars(select(Instance).where(Instance.id == item.instance_id))).one()
