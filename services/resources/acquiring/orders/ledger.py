"""What orders need of budget lines, for the office that holds the money."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.acquiring.orders import rules
from services.resources.acquiring.orders.model import Order, OrderLine
from services.resources.workshop.binding import rules as binding
from services.resources.workshop.binding.model import BindingOrder
from shared.copies.ledger import Ledger, Row, Span


async def told(session: AsyncSession, span: Span) -> Sequence[Row]:
    """Every order that ever asked for money, books' and binders': the last word it said of its need, and the need."""
    asked = union_all(
        select(Order.no).where(span.within(Order.no), Order.revision > 0),
        select(BindingOrder.no).where(span.within(BindingOrder.no), BindingOrder.revision > 0),
    ).subquery()
    numbers = (await session.scalars(select(asked.c.no).order_by(asked.c.no).limit(span.limit))).all()
    orders = {one.no: one for one in await session.scalars(select(Order).where(Order.no.in_(numbers)))}
    lines: dict[str, list[OrderLine]] = {}
    for line in await session.scalars(select(OrderLine).where(OrderLine.order_no.in_(orders))):
        lines.setdefault(line.order_no, []).append(line)
    said = {no: rules.placed(one, lines.get(no, ())) for no, one in orders.items()}
    said |= {one.no: binding.placed(one) for one in await session.scalars(select(BindingOrder).where(BindingOrder.no.in_(numbers)))}
    return [(no, said[no].model_dump(mode="json")) for no in numbers]


ledger = Ledger("resources.needs", asked_by=("office",), read=told)
