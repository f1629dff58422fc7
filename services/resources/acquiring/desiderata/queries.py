"""Looking titles up that are on their way."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.acquiring.desiderata.model import Desideratum, TitleState

PENDING = (TitleState.wanted, TitleState.ordered, TitleState.received, TitleState.catalogued)


async def on_its_way(session: AsyncSession, isbn: str) -> Desideratum | None:
    """The title with this number (13 digits) that has not reached the shelf."""
    if not isbn:
        return None
    query = select(Desideratum).where(Desideratum.isbn == isbn, Desideratum.state.in_(PENDING))
    return (await session.scalars(query.order_by(Desideratum.no).limit(1))).first()


async def waiting(session: AsyncSession, *, limit: int, offset: int = 0) -> Sequence[Desideratum]:
    """What no order has taken yet, longest waiting first."""
    query = select(Desideratum).where(Desideratum.state == TitleState.wanted).order_by(Desideratum.no)
    return (await session.scalars(query.limit(limit).offset(offset))).all()


async def by_numbers(session: AsyncSession, numbers: Sequence[str]) -> dict[str, Desideratum]:
    """By their numbers."""
    found = await session.scalars(select(Desideratum).where(Desideratum.no.in_(numbers)))
    return {wish.no: wish for wish in found}


async def of_order(session: AsyncSession, order_no: str) -> Sequence[Desideratum]:
    """What an order took."""
    query = select(Desideratum).where(Desideratum.order_no == order_no).order_by(Desideratum.no)
    return (await session.scalars(query)).all()
