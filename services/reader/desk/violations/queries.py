"""Reads of violations beside the register: a patron's own, and nobody else's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.patrons.model import CardNumber
from services.reader.desk.violations.model import Violation, ViolationState
from services.reader.desk.violations.rules import TOLD
from shared.refusals import NotFound


def _own(patron_id: UUID) -> Select[Any]:
    """Under whichever card it was noted: a card that was replaced meanwhile is the same person's."""
    numbers = select(CardNumber.number).where(CardNumber.patron_id == patron_id, CardNumber.chip.is_(False))
    return select(Violation).where(Violation.card.in_(numbers), Violation.state.in_(TOLD))


async def own(
    session: AsyncSession, patron_id: UUID, *, limit: int = 25, offset: int = 0
) -> tuple[Sequence[Violation], int]:
    """What was decided about a patron, the latest first, and how many cases there are."""
    query = _own(patron_id)
    total = await session.scalar(select(func.count()).select_from(query.subquery()))
    found = await session.scalars(query.order_by(Violation.created_at.desc(), Violation.no.desc()).limit(limit).offset(offset))
    return found.all(), int(total or 0)


async def own_case(session: AsyncSession, patron_id: UUID, no: str) -> Violation:
    """The patron's own case; another's is as if there were none."""
    found: Violation | None = await session.scalar(_own(patron_id).where(Violation.no == no))
    if found is None:
        raise NotFound(no)
    return found


async def open_to_appeal(session: AsyncSession, patron_id: UUID) -> Sequence[Violation]:
    """Decisions the patron may still object to, the shortest term first."""
    return (await session.scalars(
        _own(patron_id).where(Violation.state == ViolationState.decided).order_by(Violation.appeal_until).limit(20)
    )).all()
