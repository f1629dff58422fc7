"""What people do with faults."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from services.tech.support.helpdesk import rules
from services.tech.support.helpdesk.model import Kind, OrderState, Priority, WorkOrder
from shared.database import uuid7
from shared.refusals import Invalid
from shared.i18n import N_
from shared.work import Work

ENGINEERS = ("TEC", "director")


async def report_fault(
    work: Work, *, place: str, kind: Kind, note: str, title: str = "", priority: Priority | None = None,
    source_ref: str = "", reporter: str = "",
) -> WorkOrder:
    """Anybody on staff reports that something does not work; the order is on the list at once."""
    work.actor.require("staff")
    if not note.strip() and not title.strip():
        raise Invalid({"note": N_("请写明故障现象")})
    order = WorkOrder(
        id=uuid7(), no=await work.number("BX"), place=place.strip(), kind=kind,
        title=(title or note).strip().splitlines()[0][:60], note=note.strip(),
        priority=priority or rules.DEFAULT_PRIORITY.get(kind, Priority.P3),
        reporter=reporter or work.actor.id, reporter_dept=work.actor.dept, source_ref=source_ref,
        correlation=work.correlation, created_by=work.actor.id, created_at=work.now, updated_at=work.now,
    )
    work.session.add(order)
    work.emit(rules.report(order, work.now))
    return order


async def locked(work: Work, number: str) -> WorkOrder:
    """The order, locked, with the work following its case."""
    order = await work.lock(WorkOrder, WorkOrder.no == number, what=number)
    work.follow(order.correlation)
    order.updated_at = work.now
    order.version += 1
    return order


async def accept(work: Work, number: str) -> WorkOrder:
    """Take the order as one's own."""
    work.actor.require(*ENGINEERS)
    order = await locked(work, number)
    work.emit(rules.accept(order, work.actor.id, work.now))
    return order


async def wait(work: Work, number: str, *, reason: str) -> WorkOrder:
    """Note that parts or a contractor are awaited."""
    work.actor.require(*ENGINEERS)
    order = await locked(work, number)
    rules.wait(order, reason, work.now)
    return order


async def resume(work: Work, number: str) -> WorkOrder:
    """Go on after waiting."""
    work.actor.require(*ENGINEERS)
    order = await locked(work, number)
    rules.resume(order, work.now)
    return order


async def resolve(work: Work, number: str, *, note: str) -> WorkOrder:
    """Say what was done; the reporter is asked to confirm."""
    work.actor.require(*ENGINEERS)
    if not note.strip():
        raise Invalid({"note": N_("请写明处理结果")})
    order = await locked(work, number)
    work.emit(rules.resolve(order, note.strip(), work.now))
    return order


async def confirm(work: Work, number: str, *, rating: int | None = None) -> WorkOrder:
    """The reporter agrees that it works."""
    order = await locked(work, number)
    work.emit(rules.confirm(order, work.actor, rating))
    return order


async def reopen(work: Work, number: str, *, note: str) -> WorkOrder:
    """The reporter disagrees."""
    order = await locked(work, number)
    work.emit(rules.reopen(order, work.actor, note, work.now))
    return order


async def void(work: Work, number: str, *, note: str) -> WorkOrder:
    """Close a false alarm or a duplicate."""
    order = await locked(work, number)
    work.emit(rules.void(order, work.actor, note))
    return order


async def confirm_old(work: Work, _due: datetime) -> int:
    """Close orders whose reporter has been silent for three days; returns how many."""
    before = work.now - timedelta(days=rules.AUTO_CONFIRM_DAYS)
    query = (
        select(WorkOrder).where(WorkOrder.state == OrderState.resolved, WorkOrder.resolved_at < before)
        .limit(200).with_for_update(skip_locked=True)
    )
    orders = (await work.session.scalars(query)).all()
    for order in orders:
        work.emit(rules.confirm(order, work.actor, None), correlation=order.correlation)
    return len(orders)
