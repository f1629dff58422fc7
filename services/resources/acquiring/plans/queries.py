"""How far the plan is."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from services.resources.acquiring.invoices.model import Invoice, InvoiceLine, InvoiceState
from services.resources.acquiring.orders.model import Order, OrderLine
from services.resources.acquiring.orders.rules import SENT, live, net
from services.resources.acquiring.plans import rules
from services.resources.acquiring.plans.model import PlanLine
from shared.work import Work


async def progress(work: Work, plan: PlanLine) -> dict[str, Any]:
    """Ordered, received and spent of what a line of the plan stands for."""
    mine = [Order.no == OrderLine.order_no, OrderLine.fund == plan.fund, Order.carrier == plan.carrier, Order.state.in_(SENT)]
    if plan.subject:
        mine.append(OrderLine.subject.startswith(plan.subject, autoescape=True))
    rows = (await work.session.execute(select(OrderLine, Order.rate).join(Order, Order.no == OrderLine.order_no).where(*mine))).all()
    spent = await work.session.scalar(
        select(func.coalesce(func.sum(InvoiceLine.amount), 0)).join(Invoice, Invoice.no == InvoiceLine.invoice)
        .where(Invoice.state == InvoiceState.paid, InvoiceLine.line_id.in_([line.id for line, _rate in rows]))
    )
    ordered = sum(net(line, live(line), rate) for line, rate in rows)
    return {
        "plan": plan, "titles": sum(live(line) > 0 for line, _rate in rows), "copies": sum(live(line) for line, _rate in rows),
        "received": sum(line.accepted for line, _rate in rows), "ordered": ordered, "spent": int(spent or 0),
        "received_value": sum(net(line, line.accepted, rate) for line, rate in rows), "share": rules.share,
    }
