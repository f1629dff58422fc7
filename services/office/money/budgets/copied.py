"""What we hold for orders, compared with what the orders last asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.office.money.budgets import commands, queries
from services.office.money.budgets.handlers import reserve_on_order_placed
from services.office.money.budgets.model import Reservation
from shared.copies.comparing import Copy
from shared.copies.ledger import Row, Span
from shared.events.resources import OrderPlaced
from shared.i18n import N_
from shared.work import Work


async def held(session: AsyncSession, span: Span) -> Sequence[Row]:
    """Up to which of its words we heard each order; every word states the whole need, so the last one is enough."""
    query = select(Reservation).where(span.within(Reservation.no), Reservation.revision > 0).order_by(Reservation.no).limit(span.limit)
    return [(one.no, {"revision": one.revision}) for one in await session.scalars(query)]


async def mend(work: Work, key: str, fact: dict[str, Any] | None) -> None:
    """Answer the word we missed, as if it came now; an order nobody knows gives its money back and never asked."""
    if fact is not None:
        await reserve_on_order_placed(work, OrderPlaced.read(fact))
    elif case := await queries.reservation_of(work.session, key):
        await commands.release(work, case, ())
        case.revision = 0


async def names(_session: AsyncSession, keys: Sequence[str]) -> Mapping[str, tuple[str, str]]:
    """By the numbers of the orders."""
    return {key: (key, f"/office/reservations/{key}") for key in keys}


copy = Copy("resources.needs", N_("订单占用的经费（据资源建设部）"), ("revision",), held, mend, names)
