"""Deliveries, what was counted, and the register of possessions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.acquiring.orders import queries as orders
from services.resources.acquiring.orders.model import OrderLine
from services.resources.cataloguing.handover.model import Line as HandoverLine
from services.resources.cataloguing.handover.model import Outcome as HandoverOutcome
from services.resources.receiving.acceptance.model import (
    Acceptance,
    AcceptanceState,
    Accession,
    Count,
    Stray,
)
from shared.refusals import NotFound
from shared.work import Work

SIZE = 50


async def acceptance_of(session: AsyncSession, number: str) -> Acceptance:
    """One delivery, or `NotFound`."""
    found = await session.scalar(select(Acceptance).where(Acceptance.no == number.strip().upper()))
    if found is None:
        raise NotFound(number)
    return found


async def counts_of(session: AsyncSession, number: str) -> dict[UUID, Count]:
    """What was counted so far, by line."""
    return {one.line_id: one for one in await session.scalars(select(Count).where(Count.acceptance == number))}


async def strays_of(session: AsyncSession, number: str) -> Sequence[Stray]:
    """What came by mistake."""
    return (await session.scalars(select(Stray).where(Stray.acceptance == number).order_by(Stray.code))).all()


async def line_with(session: AsyncSession, order_no: str, isbn: str) -> OrderLine | None:
    """The line of an order with this ISBN that expects most."""
    query = select(OrderLine).where(OrderLine.order_no == order_no, OrderLine.isbn == isbn, OrderLine.cancelled < OrderLine.copies)
    return (await session.scalars(query.order_by(OrderLine.copies - OrderLine.arrived, OrderLine.place).limit(1))).first()


async def acceptors_of(session: AsyncSession, order_no: str) -> set[str]:
    """Who accepted something of an order."""
    return set(await session.scalars(
        select(Acceptance.accepted_by).where(Acceptance.order_no == order_no, Acceptance.state == AcceptanceState.accepted)
    ))


async def without_item(session: AsyncSession, instance_id: UUID) -> Sequence[Accession]:
    """Copies of a record that wait for it to be released."""
    query = select(Accession).where(Accession.instance_id == instance_id, Accession.item_id.is_(None)).order_by(Accession.no)
    return (await session.scalars(query.with_for_update())).all()


async def wishes_of_record(session: AsyncSession, instance_id: UUID) -> Sequence[str]:
    """Wanted titles whose copies bear this record."""
    return (await session.scalars(
        select(OrderLine.desideratum).join(Accession, Accession.line_id == OrderLine.id)
        .where(Accession.instance_id == instance_id, OrderLine.desideratum != "").distinct()
    )).all()


async def wishes_of_batch(session: AsyncSession, batch: str) -> Sequence[str]:
    """Wanted titles of which a copy reached its point with this batch."""
    return (await session.scalars(
        select(OrderLine.desideratum).join(Accession, Accession.line_id == OrderLine.id)
        .join(HandoverLine, HandoverLine.item_id == Accession.item_id)
        .where(HandoverLine.batch == batch, HandoverLine.outcome == HandoverOutcome.accepted, OrderLine.desideratum != "").distinct()
    )).all()


async def page_of(work: Work, record: Acceptance) -> dict[str, Any]:
    """What a delivery's page shows."""
    order = await orders.order_of(work.session, record.order_no)
    counts = await counts_of(work.session, record.no)
    lines = await orders.lines_by_id(work.session, list(counts))
    copies = await work.session.scalar(select(func.count()).where(Accession.acceptance == record.no, Accession.item_id.is_(None)))
    return {
        "record": record, "order": order, "strays": await strays_of(work.session, record.no), "unreleased": int(copies or 0),
        "rows": [(line, counts[key]) for key, line in lines.items()][:100], "open": record.state == AcceptanceState.counting,
    }
