"""What we answer for of posts when the gateway compares the rights it gives with us."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.office.people.post_duties.model import Holding
from services.office.people.post_duties.rules import assigned
from shared.copies.ledger import Ledger, Row, Span


async def told(session: AsyncSession, span: Span) -> Sequence[Row]:
    """Every holding by its id, as the fact it was given by would say it today."""
    query = select(Holding).where(span.within(Holding.id)).order_by(Holding.id).limit(span.limit)
    return [(str(one.id), assigned(one).model_dump(mode="json")) for one in await session.scalars(query)]


ledger = Ledger("office.posts", asked_by=("gateway",), read=told)
