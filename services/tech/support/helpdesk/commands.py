"""What a move of a work order does besides moving it; the register calls these at every door."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from services.tech.support.helpdesk import rules
from services.tech.support.helpdesk.model import Kind, OrderState, Priority, WorkOrder
from shared.work import Work


async def prepare(work: Work, order: WorkOrder, _form: Any) -> None:
    """Fill what the reporter did not say and start both clocks."""
    order.title = (order.title or order.note).strip().splitlines()[0][:60]
    order.priority = order.priority or rules.DEFAULT_PRIORITY.get(order.kind, Priority.P3)
    order.reporter = order.reporter or work.actor.id
    order.reporter_dept = order.reporter_dept or work.actor.dept
    work.emit(rules.report(order, work.now))


async def accept(work: Work, order: WorkOrder, _form: Any) -> None:
    """Take the order as one's own."""
    work.emit(rules.accept(order, work.actor.id, work.now))


async def wait(work: Work, order: WorkOrder, form: Any) -> None:
    """Parts or a contractor are awaited."""
    work.emit(rules.wait(order, form.note, work.now))


async def resume(work: Work, order: WorkOrder, _form: Any) -> None:
    """Go on after waiting."""
    work.emit(rules.resume(order, work.now))


async def resolve(work: Work, order: WorkOrder, form: Any) -> None:
    """Say what was done; the reporter is asked to confirm."""
    order.owner = order.owner or work.actor.id
    work.emit(rules.resolve(order, form.note, work.now))


async def confirm(work: Work, order: WorkOrder, form: Any) -> None:
    """The reporter agrees that it works."""
    work.emit(rules.confirm(order, form.rating if form else None))


async def reopen(work: Work, order: WorkOrder, form: Any) -> None:
    """The reporter disagrees."""
    work.emit(rules.reopen(order, form.note, work.now))


async def void(work: Work, order: WorkOrder, form: Any) -> None:
    """Close a false alarm or a duplicate."""
    work.emit(rules.void(order, form.note))


async def report_fault(
    work: Work, *, place: str, kind: Kind, note: str, title: str = "", priority: Priority | None = None,
    source_ref: str = "",
) -> WorkOrder:
    """Open an order from another room (a patrol) or the API."""
    from services.tech.support.helpdesk.register import orders

    columns = {"source_ref": source_ref} if source_ref else {}
    made: WorkOrder = await orders.open(
        work, place=place, kind=kind, note=note, title=title, priority=priority, **columns
    )
    return made


async def confirm_old(work: Work, _due: datetime) -> int:
    """Close orders whose reporter has been silent for three days; returns how many."""
    from services.tech.support.helpdesk.register import orders

    before = work.now - timedelta(days=rules.AUTO_CONFIRM_DAYS)
    query = (
        select(WorkOrder.no).where(WorkOrder.state == OrderState.resolved, WorkOrder.resolved_at < before)
        .limit(200)
    )
    numbers = (await work.session.scalars(query)).all()
    for number in numbers:
        await orders.move(work, number, "confirm")
    return len(numbers)
