"""Questions about work orders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.tech.support.helpdesk.model import WorkOrder


async def orders(
    session: AsyncSession, *, state: str = "", reporter: str = "", owner: str = "", limit: int = 50,
    offset: int = 0,
) -> tuple[Sequence[WorkOrder], int]:
    """A page of orders, newest first, and how many there are."""
    query = select(WorkOrder)
    if state:
        query = query.where(WorkOrder.state == state)
    if reporter:
        query = query.where(WorkOrder.reporter == reporter)
    if owner:
        query = query.where(WorkOrder.owner == owner)
    total = await session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = (
        await session.scalars(query.order_by(WorkOrder.created_at.desc()).limit(limit).offset(offset))
    ).all()
    return rows, total


async def figures(session: AsyncSession) -> dict[str, Any]:
    """Orders by state, for the head of the page."""
    rows = await session.execute(select(WorkOrder.state, func.count()).group_by(WorkOrder.state))
    return {state.value: n for state, n in rows}


def by_number(number: str) -> Any:
    """The select of one order."""
    return select(WorkOrder).where(WorkOrder.no == number)
