"""Reads of claims."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.acquiring.serial_claims import rules
from services.resources.acquiring.serial_claims.model import SerialClaim, SerialClaimState

S = SerialClaimState


async def running(session: AsyncSession, issue: str) -> SerialClaim | None:
    """The claim that runs for an issue, locked."""
    return await session.scalar(
        select(SerialClaim).where(SerialClaim.issue == issue, SerialClaim.state.in_(rules.RUNNING)).with_for_update()
        .execution_options(populate_existing=True)
    )


def _due(today: date) -> tuple[Any, ...]:
    return SerialClaim.round < rules.LAST, or_(
        SerialClaim.state == S.open,
        (SerialClaim.state == S.claimed) & (SerialClaim.next_on <= today),
        (SerialClaim.state == S.promised) & (SerialClaim.promised_on < today),
    )


async def suppliers_due(session: AsyncSession, today: date) -> list[tuple[str, str, int, date]]:
    """Who gets a letter: (number, name, issues, the longest awaited)."""
    rows = await session.execute(
        select(SerialClaim.supplier, func.max(SerialClaim.supplier_name), func.count(), func.min(SerialClaim.due_on)).where(*_due(today))
        .group_by(SerialClaim.supplier).order_by(func.count().desc(), SerialClaim.supplier)
    )
    return [(no, name, n, first) for no, name, n, first in rows]


async def letter(session: AsyncSession, supplier: str, today: date) -> Sequence[SerialClaim]:
    """What the next letter to a supplier asks for, title by title."""
    return (await session.scalars(
        select(SerialClaim).where(SerialClaim.supplier == supplier, *_due(today))
        .order_by(SerialClaim.title, SerialClaim.issued_on, SerialClaim.no)
    )).all()


async def hopeless(session: AsyncSession, today: date) -> Sequence[str]:
    """Asked for the last time, and no word since."""
    return (await session.scalars(
        select(SerialClaim.no).where(SerialClaim.state == S.claimed, SerialClaim.round >= rules.LAST, SerialClaim.next_on < today)
        .order_by(SerialClaim.no)
    )).all()
