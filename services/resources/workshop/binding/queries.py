"""Reads of sets and orders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.acquiring.subscriptions.queries import by_no
from services.resources.cataloguing.records import queries as records
from services.resources.cataloguing.records.model import RecordState
from services.resources.workshop.binding import rules
from services.resources.workshop.binding.model import (
    BindingOrder,
    BindingSet,
    BookState,
    BoundBook,
    OrderState,
    SetState,
)
from shared.refusals import NotFound
from shared.work import Work


async def of_bundle(session: AsyncSession, batch: str, bundle: str) -> BindingSet | None:
    """The set of a bundle in a batch, locked."""
    return await session.scalar(
        select(BindingSet).where(BindingSet.batch == batch, BindingSet.bundle == bundle).with_for_update()
        .execution_options(populate_existing=True)
    )


async def volume_of(session: AsyncSession, bundle: str) -> BindingSet | None:
    """The set by which the bundle became an item, if it has."""
    return await session.scalar(
        select(BindingSet).where(BindingSet.bundle == bundle, BindingSet.state == SetState.bound).order_by(BindingSet.no.desc()).limit(1)
    )


async def order_of(session: AsyncSession, number: str, *, lock: bool = False) -> BindingOrder:
    """The order, or `NotFound`."""
    query = select(BindingOrder).where(BindingOrder.no == number)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = await session.scalar(query)
    if found is None:
        raise NotFound(number)
    return found


async def sets_on(session: AsyncSession, number: str, *, lock: bool = False) -> Sequence[BindingSet]:
    """What stands on an order, in the order of the titles."""
    query = select(BindingSet).where(BindingSet.order_no == number).order_by(BindingSet.title, BindingSet.from_on, BindingSet.no)
    if lock:
        query = select(BindingSet).where(BindingSet.order_no == number).order_by(BindingSet.no).with_for_update()
        query = query.execution_options(populate_existing=True)
    return (await session.scalars(query)).all()


async def books_on(session: AsyncSession, number: str, *, lock: bool = False) -> Sequence[BoundBook]:
    """Single books on an order."""
    query = select(BoundBook).where(BoundBook.order_no == number).order_by(BoundBook.no)
    return (await session.scalars(query.with_for_update().execution_options(populate_existing=True) if lock else query)).all()


async def all_on(session: AsyncSession, number: str) -> list[BindingSet | BoundBook]:
    """Whatever stands on an order."""
    return [*await sets_on(session, number), *await books_on(session, number)]


async def away(session: AsyncSession, number: str) -> int:
    """How many of an order are with the binder or not yet judged."""
    sets = await session.scalar(select(func.count()).where(BindingSet.order_no == number, BindingSet.state.in_(rules.AWAY)))
    books = await session.scalar(select(func.count()).where(BoundBook.order_no == number, BoundBook.state.in_(rules.BOOKS_AWAY)))
    return int(sets or 0) + int(books or 0)


async def drafts(work: Work, q: str) -> list[tuple[str, str]]:
    """Orders that have not left, for whoever types."""
    found = await work.session.scalars(
        select(BindingOrder).where(BindingOrder.state == OrderState.draft, BindingOrder.search_text.contains(q.strip(), autoescape=True))
        .order_by(BindingOrder.no.desc()).limit(20)
    )
    return [(one.no, f"{one.no} {one.binder}") for one in found]


async def serial_records(work: Work, q: str) -> list[tuple[str, str]]:
    """Records of serials, for whoever types a title, an ISSN or a number."""
    found, _total = await records.find(work.session, q, material="serial", limit=20)
    return [(one.number, f"{one.number} {one.title}") for one in found]


async def record_of(session: AsyncSession, one: BindingSet) -> str:
    """Under which record the serial's volumes stand: where the last one went, else the one released record with its ISSN."""
    known = await session.scalar(
        select(BindingSet.record).where(BindingSet.title_no == one.title_no, BindingSet.record != "").order_by(BindingSet.no.desc()).limit(1)
    )
    if known:
        return known
    if not one.issn:
        return ""
    found, _total = await records.find(session, one.issn, state=RecordState.released.value, limit=5)
    return found[0].number if len(found) == 1 else ""


async def year_price(session: AsyncSession, one: BindingSet) -> int:
    """What a year of one copy costs, in fen; 0 when the subscription is not known or is a gift."""
    bought = await by_no(session, one.subscription)
    if bought is None:
        return 0
    return round(bought.price_minor * 12 / rules.months(bought.from_on, bought.to_on))


async def on_order(work: Work, order: BindingOrder) -> dict[str, Any]:
    """The panel of an order: its sets, and how they stand."""
    found = await sets_on(work.session, order.no)
    return {
        "order": order, "sets": [(one, SetState(one.state), rules.charge(order, one)) for one in found],
        "may_add": order.state == OrderState.draft,
        "books": [(one, BookState(one.state), rules.charge(order, one)) for one in await books_on(work.session, order.no)],
    }


async def on_set(_work: Work, one: BindingSet) -> dict[str, Any]:
    """The panel of a set: the covers that lie in it, and those that do not."""
    return {"set": one}
