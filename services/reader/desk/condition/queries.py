"""Reads of slips and inspections."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.condition.model import (
    OPEN,
    Inspection,
    InspectionState,
    Slip,
    SlipState,
)
from services.reader.desk.condition.rules import HOLDER, UnknownInspection, UnknownSlip
from shared.i18n import N_, _


async def slip_by_number(session: AsyncSession, number: str) -> Slip:
    """The slip, or `UnknownSlip`."""
    found = await session.scalar(select(Slip).where(Slip.number == number))
    if found is None:
        raise UnknownSlip(number)
    return found


async def open_slip_of(session: AsyncSession, item_id: UUID) -> Slip | None:
    """The slip that keeps the item from being lent."""
    return await session.scalar(
        select(Slip).where(Slip.item_id == item_id, Slip.state.in_([SlipState(s) for s in OPEN]))
    )


async def slips_of(session: AsyncSession, item_id: UUID, limit: int = 20) -> Sequence[Slip]:
    """The item's damages, newest first."""
    return (await session.scalars(
        select(Slip).where(Slip.item_id == item_id).order_by(Slip.reported_at.desc()).limit(limit)
    )).all()


async def slips(
    session: AsyncSession, *, states: Sequence[SlipState], limit: int = 50, offset: int = 0
) -> tuple[Sequence[Slip], int]:
    """Slips in these states, oldest waiting first, and how many there are."""
    where = Slip.state.in_(states)
    total = await session.scalar(select(func.count()).select_from(Slip).where(where))
    found = await session.scalars(
        select(Slip).where(where).order_by(Slip.reported_at).limit(limit).offset(offset)
    )
    return found.all(), int(total or 0)


async def counts(session: AsyncSession) -> dict[SlipState, int]:
    """How many slips stand in each state."""
    rows = await session.execute(select(Slip.state, func.count()).group_by(Slip.state))
    return dict(rows.all())


async def inspection(session: AsyncSession, inspection_id: UUID) -> Inspection:
    """One inspection, or `UnknownInspection`."""
    found = await session.get(Inspection, inspection_id)
    if found is None:
        raise UnknownInspection(inspection_id)
    return found


async def waiting_inspection(session: AsyncSession, slip_id: UUID) -> Inspection | None:
    """The inspection of a slip that waits."""
    return await session.scalar(
        select(Inspection).where(
            Inspection.slip_id == slip_id, Inspection.state == InspectionState.waiting
        )
    )


async def inspections(
    session: AsyncSession, *, state: InspectionState | None, slip: str = "", limit: int = 50,
    offset: int = 0,
) -> tuple[Sequence[Inspection], int]:
    """Inspections, oldest first while waiting, newest first otherwise; and how many there are."""
    where = []
    if state is not None:
        where.append(Inspection.state == state)
    if slip:
        where.append(Inspection.slip == slip)
    total = await session.scalar(select(func.count()).select_from(Inspection).where(*where))
    order = Inspection.opened_at if state is InspectionState.waiting else Inspection.opened_at.desc()
    found = await session.scalars(
        select(Inspection).where(*where).order_by(order).limit(limit).offset(offset)
    )
    return found.all(), int(total or 0)


PATHS: dict[str, tuple[SlipState, ...]] = {
    "light": (SlipState.to_mend, SlipState.mending, SlipState.re_inspection, SlipState.passed),
    "medium": (SlipState.to_workshop, SlipState.in_repair, SlipState.re_inspection, SlipState.passed),
    "heavy": (SlipState.irreparable, SlipState.weeded),
}


def stepper(slip: Slip) -> list[dict[str, Any]]:
    """The stages of a slip with who has the book at each, for the stage bar every screen shows."""
    path = list(PATHS[slip.grade.value])
    if slip.state not in path:
        been = [SlipState(s) for s in slip.stages if SlipState(s) in path]
        path = [*been, slip.state]
    # Stages that were skipped on the way are not shown as if they had happened.
    at = path.index(slip.state)
    path = [state for n, state in enumerate(path) if n >= at or state.value in slip.stages]
    at = path.index(slip.state)
    found: list[dict[str, Any]] = [{
        "label": _(N_("发现破损")), "state": "done", "who": slip.reported_by, "at": slip.reported_at,
    }]
    begun = {state: datetime.fromisoformat(slip.stages[state.value]) for state in path if state.value in slip.stages}
    for place, state in enumerate(path):
        since, then = begun.get(state), begun.get(path[place + 1]) if place < at else None
        found.append({
            "label": state.text, "who": _(HOLDER[state]) if place <= at else "",
            "at": since if place <= at else None,
            "elapsed": then - since if since and then and then >= since else None,
            "state": _mark(place, at, state),
        })
    return found


def _mark(place: int, at: int, state: SlipState) -> str:
    if place > at:
        return "todo"
    if state in {SlipState.irreparable, SlipState.weeded}:
        return "bad"
    ended = state in {SlipState.passed, SlipState.withdrawn}
    return "done" if place < at or ended else "now"


def slip_json(slip: Slip) -> dict[str, Any]:
    """A slip on the wire."""
    return {
        "slip": slip.number, "barcode": slip.barcode, "title": slip.title,
        "call_number": slip.call_number, "kind": slip.kind.value, "kind_label": slip.kind.text,
        "grade": slip.grade.value, "grade_label": slip.grade.text, "note": slip.note,
        "photo": bool(slip.photo), "state": slip.state.value, "state_label": slip.state.text,
        "holder": _(HOLDER[slip.state]), "job": slip.job, "fails": slip.fails,
        "reported_by": slip.reported_by, "reported_at": slip.reported_at,
        "mended_by": slip.mended_by, "minutes": slip.minutes, "material": slip.material,
        "correlation": str(slip.correlation), "moved_at": slip.moved_at,
    }


def inspection_json(found: Inspection) -> dict[str, Any]:
    """An inspection on the wire."""
    return {
        "id": str(found.id), "slip": found.slip, "barcode": found.barcode, "title": found.title,
        "call_number": found.call_number, "round": found.round, "state": found.state.value,
        "state_label": found.state.text, "mended_by": found.mended_by,
        "mended_note": found.mended_note, "opened_at": found.opened_at,
        "decided_by": found.decided_by, "decided_at": found.decided_at,
        "checklist": found.checklist, "note": found.note,
    }
