"""What a move of a work order does besides moving it; the register calls these at every door."""

from __future__ import annotations

from typing import Any

from services.tech.support.helpdesk import rules
from services.tech.support.helpdesk.model import Priority, WorkOrder
from shared.work import Work


async def prepare(work: Work, order: WorkOrder, _form: Any) -> None:
    """Fill what the reporter did not say and start both clocks."""
    order.title = ((order.title or "").strip() or order.note.strip() or order.place).splitlines()[0][:60]
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
