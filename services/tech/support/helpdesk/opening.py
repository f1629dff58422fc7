"""Orders opened or closed without a form: by a patrol, by the short API, by time itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from services.tech.support.helpdesk import rules
from services.tech.support.helpdesk.model import Kind, OrderState, Priority, WorkOrder
from services.tech.support.helpdesk.register import orders
from shared.work import Work


async def report_fault(
    work: Work, *, place: str, kind: Kind, note: str, title: str = "", priority: Priority | None = None,
    source_ref: str = "",
) -> WorkOrder:
    """Open an order from another room (a patrol) or the API."""
    columns = {"source_ref": source_ref} if source_ref else {}
    made: WorkOrder = await orders.open(
        work, place=place, kind=kind, note=note, title=title, priority=priority, **columns
    )
    return made


async def confirm_old(work: Work, _due: datetime) -> int:
    """Close orders whose reporter has been silent for three days; returns how many."""
    before = work.now - timedelta(days=rules.AUTO_CONFIRM_DAYS)
    query = (
        select(WorkOrder.no).where(WorkOrder.state == OrderState.resolved, WorkOrder.resolved_at < before)
        .limit(200)
    )
    numbers = (await work.session.scalars(query)).all()
    for number in numbers:
        await orders.move(work, number, "confirm")
    return len(numbers)
