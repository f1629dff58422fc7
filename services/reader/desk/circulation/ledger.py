"""What we answer for of lending when another department compares its copy with us."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.circulation.model import Loan
from services.reader.desk.items.model import Circulation, Item
from shared.copies.ledger import Ledger, Row, Span

# A loan that ended without the book left it where it was: out of the house.
NOT_BACK = (Circulation.claimed_returned, Circulation.lost, Circulation.replaced)


async def told(session: AsyncSession, span: Span) -> Sequence[Row]:
    """The barcodes of what was lent and did not come back; nobody's name."""
    never_back = exists().where(Loan.item_id == Item.id, Loan.ended_as != "")
    out = or_(Item.circulation == Circulation.on_loan, and_(Item.circulation.in_(NOT_BACK), never_back))
    query = select(Item.barcode).where(span.within(Item.barcode), out).order_by(Item.barcode).limit(span.limit)
    return [(barcode, {"place": "loan"}) for barcode in await session.scalars(query)]


ledger = Ledger("reader.lending", asked_by=("resources",), read=told)
