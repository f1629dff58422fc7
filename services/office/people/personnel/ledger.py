"""What we answer for of colleagues when another department compares whom it knows with us."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.office.people.personnel.model import Staff
from services.office.people.personnel.rules import changed
from shared.copies.ledger import Ledger, Row, Span


async def told(session: AsyncSession, span: Span) -> Sequence[Row]:
    """Everybody who works or worked here, as the fact of a change would say it today; beside that the day they left."""
    query = select(Staff).where(span.within(Staff.no)).order_by(Staff.no).limit(span.limit)
    return [
        (one.no, {**changed(one).model_dump(mode="json"), "left_on": one.left_on and one.left_on.isoformat()})
        for one in await session.scalars(query)
    ]


ledger = Ledger("office.staff", asked_by=("resources", "tech", "reader", "institute", "gateway"), read=told)
