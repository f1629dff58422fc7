"""Contracts, and what was ordered, asked and paid under them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.acquiring.contracts import rules
from services.resources.acquiring.contracts.model import (
    ContractEdition,
    ContractState,
    PurchaseContract,
)
from services.resources.acquiring.funds.queries import lines as fund_lines
from services.resources.acquiring.invoices.model import Invoice, InvoiceState
from services.resources.acquiring.orders.model import Order, OrderState
from services.resources.acquiring.subscriptions.model import Subscription
from shared.refusals import Reason
from shared.web.register.people import names
from shared.work import Work

# What an order takes of its contract: from asking for the money on; what is drafted, checked or approved may still change.
COUNTED = (
    OrderState.asked, OrderState.parked, OrderState.placed, OrderState.part_arrived, OrderState.arrived, OrderState.accepted,
    OrderState.invoiced, OrderState.closed,
)
SHOWN = 50


async def named(session: AsyncSession, text: str, *, lock: bool = False) -> PurchaseContract | None:
    """The contract with this number, ours or the office's."""
    no = text.strip().upper()
    if not no:
        return None
    query = select(PurchaseContract).where((PurchaseContract.no == no) | (PurchaseContract.office_no == no)).order_by(
        (PurchaseContract.state == ContractState.withdrawn), PurchaseContract.no,
    ).limit(1)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(query)).first()


async def suggest(work: Work, q: str) -> list[tuple[str, str]]:
    """Contracts one may order under, for whoever types."""
    query = select(PurchaseContract).where(
        PurchaseContract.state.in_(rules.ORDERABLE), PurchaseContract.to_on >= work.today,
        PurchaseContract.search_text.contains(q.strip(), autoescape=True),
    )
    return [(one.no, f"{one.supplier_name} {one.subject}") for one in await work.session.scalars(query.order_by(PurchaseContract.no.desc()).limit(20))]


async def why_blocked(session: AsyncSession, office_no: str) -> list[Reason]:
    """Why the office cannot pay on the contract it knows by this number; of one that is not from here the office decides."""
    contract = await named(session, office_no) if office_no else None
    return rules.why_blocked(contract) if contract is not None else []


async def ordered(session: AsyncSession, number: str, *, without: str = "") -> int:
    """What orders take of a contract, in fen."""
    return int(await session.scalar(
        select(func.sum(Order.net_total)).where(Order.contract == number, Order.no != without, Order.state.in_(COUNTED))
    ) or 0)


async def edition_of(session: AsyncSession, number: str, edition: int) -> ContractEdition | None:
    """One version."""
    return (await session.scalars(
        select(ContractEdition).where(ContractEdition.contract == number, ContractEdition.edition == edition)
    )).first()


async def renewal_of(session: AsyncSession, number: str) -> str:
    """The contract that follows this one, unless it was given up."""
    return await session.scalar(
        select(PurchaseContract.no).where(PurchaseContract.renews == number, PurchaseContract.state != ContractState.withdrawn).limit(1)
    ) or ""


async def _some(session: AsyncSession, model: Any, *where: Any) -> tuple[Sequence[Any], int]:
    total = int(await session.scalar(select(func.count()).select_from(model).where(*where)) or 0)
    return (await session.scalars(select(model).where(*where).order_by(model.no.desc()).limit(SHOWN))).all(), total


async def page_of(work: Work, contract: PurchaseContract) -> dict[str, Any]:
    """Its versions and the office's answers, and what was ordered and paid under it."""
    s = work.session
    editions = (await s.scalars(
        select(ContractEdition).where(ContractEdition.contract == contract.no).order_by(ContractEdition.edition.desc()).limit(SHOWN)
    )).all()
    orders, order_count = await _some(s, Order, Order.contract == contract.no)
    series, series_count = await _some(s, Subscription, Subscription.contract == contract.no)
    asked = paid = 0
    if contract.office_no:
        asked, paid = (await s.execute(select(
            func.coalesce(func.sum(Invoice.amount - Invoice.prepaid).filter(Invoice.state == InvoiceState.submitted), 0),
            func.coalesce(func.sum(Invoice.amount - Invoice.prepaid).filter(Invoice.state == InvoiceState.paid), 0),
        ).where(Invoice.contract == contract.office_no))).one()
    fund = next((one for one in await fund_lines(s, running=False) if one.no == contract.fund), None)
    taken = await ordered(s, contract.no)
    return {
        "contract": contract, "fund": fund, "editions": editions, "names": await names(work, [one.by for one in editions]), "orders": orders,
        "order_count": order_count, "series": series, "series_count": series_count, "ordered": taken, "asked": int(asked), "paid": int(paid),
        "left": max(contract.worth - taken, 0), "blocked": rules.why_blocked(contract) if contract.office_no else [], "today": work.today,
        "states": OrderState, "renewal": await renewal_of(s, contract.no), "over": contract.to_on < work.today,
    }
