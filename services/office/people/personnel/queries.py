"""People of the house, for pages and for the other rooms."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.office.people.personnel.model import Staff, StaffState


async def active_staff(session: AsyncSession) -> Sequence[Staff]:
    """Everybody who works here, department by department."""
    query = select(Staff).where(Staff.state == StaffState.active).order_by(Staff.dept, Staff.no)
    return (await session.scalars(query)).all()


async def staff_by_no(session: AsyncSession, no: str) -> Staff | None:
    """The person with that staff number."""
    return (await session.scalars(select(Staff).where(Staff.no == no))).one_or_none()
