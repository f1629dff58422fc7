"""What we answer for of lending when another department compares its copy with us."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.items.model import Circulation, Item
from shared.copies.ledger import Ledger, Row, Span

# A patron says it is back, and it is not. What is lost is neither lent nor here: nobody answers for its place.
OUT = (Circulation.on_loan, Circulation.claimed_returned)


async def told(session: AsyncSession, span: Span) -> Sequence[Row]:
    """The barcodes of what is out on loan; nobody's name."""
    query = (
        select(Item.barcode).where(span.within(Item.barcode), Item.circulation.in_(OUT))
        .order_by(Item.barcode).limit(span.limit)
    )
    return [(barcode, {"place": "loan"}) for barcode in await session.scalars(query)]


ledger = Ledger("reader.lending", asked_by=("resources",), read=told)
