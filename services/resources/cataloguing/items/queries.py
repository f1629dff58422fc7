"""Questions about items."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.cataloguing.items.model import Item, ItemLife, Location


async def of_instance(session: AsyncSession, instance_id: UUID) -> Sequence[Item]:
    """The items of a record by copy number; a page shows at most 500."""
    query = select(Item).where(Item.instance_id == instance_id).order_by(Item.copy_no, Item.barcode).limit(500)
    return (await session.scalars(query)).all()


async def counts(session: AsyncSession, instances: Iterable[UUID]) -> dict[UUID, int]:
    """How many items in stock each record has."""
    query = (
        select(Item.instance_id, func.count())
        .where(Item.instance_id.in_(list(instances)), Item.life != ItemLife.withdrawn)
        .group_by(Item.instance_id)
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def locations(session: AsyncSession) -> dict[str, Location]:
    """Places by code."""
    return {place.no: place for place in await session.scalars(select(Location).order_by(Location.no))}


async def by_barcode(session: AsyncSession, barcode: str) -> Item | None:
    """The item that bears the barcode."""
    return (await session.scalars(select(Item).where(Item.barcode == barcode))).one_or_none()
