"""Reads of pools and their titles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.acquiring.ondemand import rules
from services.resources.acquiring.ondemand.model import (
    DemandPool,
    OfferState,
    PoolOffer,
    PoolRule,
    PoolState,
)


async def pools(session: AsyncSession, *, limit: int, offset: int = 0) -> tuple[Sequence[DemandPool], int]:
    """Open ones first, then the latest."""
    total = await session.scalar(select(func.count()).select_from(DemandPool))
    found = await session.scalars(select(DemandPool).order_by(DemandPool.state == PoolState.ended, DemandPool.no.desc()).limit(limit).offset(offset))
    return found.all(), int(total or 0)


async def pool_by_no(session: AsyncSession, no: str, *, lock: bool = False) -> DemandPool:
    """The pool, or `UnknownPool`."""
    query = select(DemandPool).where(DemandPool.no == no)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = await session.scalar(query)
    if found is None:
        raise rules.UnknownPool(no)
    return found


async def rule_of(session: AsyncSession, pool: DemandPool) -> PoolRule:
    """The rule in force."""
    return (await session.scalars(select(PoolRule).where(PoolRule.pool_id == pool.id, PoolRule.version == pool.rule))).one()


async def rules_of(session: AsyncSession, pool: DemandPool) -> Sequence[PoolRule]:
    """Every version, the latest first."""
    return (await session.scalars(select(PoolRule).where(PoolRule.pool_id == pool.id).order_by(PoolRule.version.desc()))).all()


async def offer_by_no(session: AsyncSession, no: str, *, lock: bool = False) -> tuple[PoolOffer, DemandPool]:
    """A title with its pool; the pool is locked first, so that two titles never spend one month's rest."""
    pool = await pool_by_no(session, no.rpartition("-")[0], lock=lock)
    query = select(PoolOffer).where(PoolOffer.no == no)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = await session.scalar(query)
    if found is None:
        raise rules.UnknownPool(no)
    return found, pool


async def offers(
    session: AsyncSession, pool_id: UUID, *, state: str = "", q: str = "", limit: int | None = None, offset: int = 0
) -> tuple[Sequence[PoolOffer], int]:
    """The titles of a pool, the most used first."""
    where: list[Any] = [PoolOffer.pool_id == pool_id]
    if state in set(OfferState):
        where.append(PoolOffer.state == OfferState(state))
    if q:
        where.append(or_(PoolOffer.title.icontains(q, autoescape=True), PoolOffer.author.icontains(q, autoescape=True), PoolOffer.isbn == q, PoolOffer.no == q.upper()))
    total = await session.scalar(select(func.count()).select_from(PoolOffer).where(*where))
    found = await session.scalars(select(PoolOffer).where(*where).order_by(PoolOffer.requests.desc(), PoolOffer.id).limit(limit).offset(offset))
    return found.all(), int(total or 0)


async def counts(session: AsyncSession, pool_ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """How many titles of these pools stand where."""
    rows = await session.execute(
        select(PoolOffer.pool_id, PoolOffer.state, func.count()).where(PoolOffer.pool_id.in_(pool_ids)).group_by(PoolOffer.pool_id, PoolOffer.state)
    )
    found: dict[UUID, dict[str, int]] = {pool_id: {} for pool_id in pool_ids}
    for pool_id, state, n in rows:
        found[pool_id][str(state)] = n
    return found


async def spent(session: AsyncSession, pool_id: UUID, since: datetime) -> int:
    """What the pool has bought since then, in fen."""
    return int(await session.scalar(
        select(func.coalesce(func.sum(PoolOffer.price_cents), 0)).where(
            PoolOffer.pool_id == pool_id, PoolOffer.state == OfferState.bought, PoolOffer.decided_at >= since,
        )
    ) or 0)


async def locked(session: AsyncSession, *where: Any) -> Sequence[PoolOffer]:
    """These titles, locked in one order."""
    query = select(PoolOffer).where(*where).order_by(PoolOffer.id).with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(query)).all()
