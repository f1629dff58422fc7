"""Invoices, their lines, and the match with order and acceptance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.acquiring.contracts.queries import why_blocked
from services.resources.acquiring.invoices import rules
from services.resources.acquiring.invoices.model import (
    Invoice,
    InvoiceKind,
    InvoiceLine,
    InvoiceState,
    Prepaid,
)
from services.resources.acquiring.orders import queries as orders
from services.resources.acquiring.orders import rules as order_rules
from services.resources.acquiring.orders.model import Order, OrderLine
from shared.refusals import NotFound
from shared.work import Work

UNPAID = (InvoiceState.draft, InvoiceState.submitted, InvoiceState.returned)


async def invoice_of(session: AsyncSession, number: str, *, lock: bool = False) -> Invoice | None:
    """One invoice by our number."""
    query = select(Invoice).where(Invoice.no == number)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return await session.scalar(query)


async def lines_of(session: AsyncSession, number: str) -> Sequence[InvoiceLine]:
    """What stands on it."""
    return (await session.scalars(select(InvoiceLine).where(InvoiceLine.invoice == number).order_by(InvoiceLine.id))).all()


async def settled_elsewhere(session: AsyncSession, number: str, lines: Sequence[UUID]) -> dict[UUID, int]:
    """What other invoices at the office, paid or not, settle of these lines."""
    rows = await session.execute(
        select(InvoiceLine.line_id, func.sum(InvoiceLine.release)).join(Invoice, Invoice.no == InvoiceLine.invoice)
        .where(InvoiceLine.line_id.in_(lines), Invoice.no != number, Invoice.state.in_((InvoiceState.submitted, InvoiceState.paid)))
        .group_by(InvoiceLine.line_id)
    )
    return {key: int(sum_) for key, sum_ in rows}


async def prepaid_of(session: AsyncSession, order_no: str, *, without: str) -> dict[str, int]:
    """What was paid in advance for an order and no invoice has settled yet, by budget line; `without` is the one that asks."""
    counts = or_(
        (Prepaid.amount > 0) & (Invoice.state == InvoiceState.paid),
        (Prepaid.amount < 0) & Invoice.state.in_((InvoiceState.submitted, InvoiceState.paid)),
    )
    rows = await session.execute(
        select(Prepaid.budget, func.sum(Prepaid.amount)).join(Invoice, Invoice.no == Prepaid.invoice)
        .where(Prepaid.order_no == order_no, Prepaid.invoice != without, counts).group_by(Prepaid.budget)
    )
    return {budget: int(sum_) for budget, sum_ in rows}


async def unpaid_of(session: AsyncSession, order: Order, *, without: str) -> dict[str, int]:
    """What an order still has to pay by budget line: its need less what invoices at the office settle, in advance or not."""
    needs = {one.budget: one.amount_cents for one in order_rules.needs(await orders.lines_of(session, order.no), order.rate)}
    asked = (InvoiceState.submitted, InvoiceState.paid)
    taken = await session.execute(
        select(OrderLine.fund, func.sum(InvoiceLine.release)).join(Invoice, Invoice.no == InvoiceLine.invoice)
        .join(OrderLine, OrderLine.id == InvoiceLine.line_id)
        .where(Invoice.order_no == order.no, Invoice.no != without, Invoice.state.in_(asked)).group_by(OrderLine.fund)
    )
    ahead = await session.execute(
        select(Prepaid.budget, func.sum(Prepaid.amount)).join(Invoice, Invoice.no == Prepaid.invoice)
        .where(Prepaid.order_no == order.no, Prepaid.invoice != without, Invoice.state.in_(asked)).group_by(Prepaid.budget)
    )
    for budget, sum_ in (*taken, *ahead):
        needs[budget] = needs.get(budget, 0) - int(sum_)
    return {budget: left for budget, left in sorted(needs.items()) if left > 0}


async def matched(session: AsyncSession, invoice: Invoice, *, lock: bool = False) -> tuple[list[rules.Match], dict[UUID, OrderLine]]:
    """The three papers beside one another, and the order's lines by id."""
    order = await orders.order_of(session, invoice.order_no)
    own = await lines_of(session, invoice.no)
    lines = await orders.lines_by_id(session, [one.line_id for one in own], lock=lock)
    return rules.match(lines, own, order.rate), lines


async def page_of(work: Work, invoice: Invoice) -> dict[str, Any]:
    """What an invoice's page shows."""
    found, _lines = await matched(work.session, invoice)
    total = sum(one.on_invoice.amount for one in found)
    ahead = await prepaid_of(work.session, invoice.order_no, without=invoice.no)
    return {
        "blocked": await why_blocked(work.session, invoice.contract) if invoice.state in UNPAID else [],
        "ahead": sum(ahead.values()), "prepayment": invoice.kind == InvoiceKind.prepayment,
        "invoice": invoice, "matches": found, "total": total, "gap": invoice.amount - total,
        "open": invoice.state in (InvoiceState.draft, InvoiceState.returned), "expected": sum(one.expected for one in found),
    }


async def must(session: AsyncSession, number: str) -> Invoice:
    """One invoice, or `NotFound`."""
    found = await invoice_of(session, number.strip().upper())
    if found is None:
        raise NotFound(number)
    return found
