"""Reads of clearances, with what is missing as of now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.clearance.model import Clearance, ClearanceState
from services.reader.desk.clearance.rules import missing
from services.reader.desk.patrons.model import Patron
from shared.refusals import NotFound


async def listed(
    session: AsyncSession, *, state: ClearanceState | None, q: str = "", limit: int = 25, offset: int = 0
) -> tuple[Sequence[tuple[Clearance, Patron | None]], int]:
    """Cases with their patrons, who leaves first on top."""
    where = [Clearance.state == state] if state else []
    if q.strip():
        asked = q.strip()
        where.append(or_(
            Clearance.number == asked.upper(), Clearance.card.startswith(asked.upper(), autoescape=True),
            Patron.name.startswith(asked, autoescape=True),
        ))
    base = select(Clearance, Patron).outerjoin(Patron, Patron.id == Clearance.patron_id).where(*where)
    total = await session.scalar(select(func.count()).select_from(base.subquery())) or 0
    rows = (await session.execute(
        base.order_by(Clearance.leaving_on, Clearance.number).limit(limit).offset(offset)
    )).all()
    return [(row[0], row[1]) for row in rows], total


async def by_state(session: AsyncSession) -> dict[ClearanceState, int]:
    """How many cases stand where."""
    rows = await session.execute(select(Clearance.state, func.count()).group_by(Clearance.state))
    return dict(rows.all())


async def case_of(session: AsyncSession, number: str) -> tuple[Clearance, Patron | None]:
    """One case and its patron."""
    row = (await session.execute(
        select(Clearance, Patron).outerjoin(Patron, Patron.id == Clearance.patron_id)
        .where(Clearance.number == number)
    )).first()
    if row is None:
        raise NotFound(number)
    return row[0], row[1]


def clearance_json(case: Clearance, patron: Patron | None) -> dict[str, Any]:
    """A case on the wire."""
    return {
        "number": case.number, "student_case": case.student_case, "card": patron.card if patron else case.card,
        "kind": case.kind.value, "leaving_on": case.leaving_on, "state": case.state.value,
        "state_label": case.state.text, "opened_at": case.opened_at, "granted_at": case.granted_at,
        "missing": [reason.as_json() for reason in missing(patron)],
    }
