"""What is being read now, and what was read today."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.inhouse.model import HouseUse


async def uses(
    session: AsyncSession, since: datetime, *, limit: int, offset: int = 0
) -> tuple[Sequence[HouseUse], int]:
    """In the readers' hands first, then today's, newest first."""
    where = (HouseUse.at >= since) | HouseUse.ended_at.is_(None)
    total = await session.scalar(select(func.count()).select_from(HouseUse).where(where))
    found = await session.scalars(
        select(HouseUse).where(where)
        .order_by(HouseUse.ended_at.is_not(None), HouseUse.at.desc()).limit(limit).offset(offset)
    )
    return found.all(), int(total or 0)


async def used_since(session: AsyncSession, since: datetime) -> int:
    """How often something was read in the house."""
    return int(await session.scalar(
        select(func.count()).select_from(HouseUse).where(HouseUse.at >= since)
    ) or 0)
