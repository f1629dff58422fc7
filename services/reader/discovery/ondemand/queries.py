"""Reads of titles on offer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.discovery.ondemand import rules
from services.reader.discovery.ondemand.model import WORDS, OfferState, OnDemandTitle, OnDemandUse

OPEN = OnDemandTitle.state.in_((OfferState.offered, OfferState.met))
_MATCHES = text(f"{WORDS} @@ websearch_to_tsquery('simple'::regconfig, :q)")


async def titles(session: AsyncSession, *, q: str = "", limit: int, offset: int = 0) -> tuple[Sequence[OnDemandTitle], int]:
    """What is on offer, by title."""
    where: list[Any] = [OPEN, *([_MATCHES.bindparams(q=q)] if q else [])]
    total = await session.scalar(select(func.count()).select_from(OnDemandTitle).where(*where))
    found = await session.scalars(select(OnDemandTitle).where(*where).order_by(OnDemandTitle.title, OnDemandTitle.number).limit(limit).offset(offset))
    return found.all(), int(total or 0)


async def matching(session: AsyncSession, q: str, limit: int = 5) -> Sequence[OnDemandTitle]:
    """The first that match, for the page of a search."""
    if len(q) < 3:
        return ()
    return (await session.scalars(select(OnDemandTitle).where(OPEN, _MATCHES.bindparams(q=q)).order_by(OnDemandTitle.title).limit(limit))).all()


async def title(session: AsyncSession, number: str, *, lock: bool = False) -> OnDemandTitle:
    """The title, or `UnknownOffer`."""
    query = select(OnDemandTitle).where(OnDemandTitle.number == number)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = await session.scalar(query)
    if found is None:
        raise rules.UnknownOffer(number)
    return found


async def has_used(session: AsyncSession, offer: OnDemandTitle, card: str) -> bool:
    """Whether this reader is counted already."""
    return bool(await session.scalar(select(OnDemandUse.at).where(OnDemandUse.number == offer.number, OnDemandUse.who == rules.digest(offer.secret, card))))


async def counted(session: AsyncSession, number: str) -> tuple[int, int]:
    """(readers, teachers among them)."""
    row = (await session.execute(
        select(func.count(), func.count().filter(OnDemandUse.teacher)).where(OnDemandUse.number == number)
    )).one()
    return int(row[0]), int(row[1])
