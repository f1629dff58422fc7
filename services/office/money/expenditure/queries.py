"""What stands behind a voucher."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.office.money.expenditure.model import Suspense, Voucher, VoucherState
from services.office.money.expenditure.rules import DONE, PREPARERS, needs_minutes, tier_of
from shared.web.register.tables import attachment
from shared.work import Work

# The field of the form the minutes come with; the kit keeps it beside the file.
MINUTES = "minutes_file"


async def has_minutes(session: AsyncSession, voucher: Voucher) -> bool:
    """Whether the minutes themselves are attached, not only named."""
    return bool(await session.scalar(
        select(func.count()).select_from(attachment).where(
            attachment.c.subject == Voucher.__tablename__, attachment.c.record_id == voucher.id,
            attachment.c.field == MINUTES,
        )
    ))


async def contra_of(session: AsyncSession, number: str) -> Voucher | None:
    """The voucher that undoes this one, or is about to."""
    return await session.scalar(select(Voucher).where(Voucher.reverses == number, Voucher.state != VoucherState.returned))


async def facts_behind(work: Work, voucher: Voucher) -> dict[str, Any]:
    """The page of the asking department, the difference beside it, who approves, and the agreement."""
    suspense = await work.session.scalar(
        select(Suspense).where(Suspense.no == voucher.suspense)
    ) if voucher.suspense else None
    contra = await contra_of(work.session, voucher.no)
    may = not voucher.reverses and contra is None and voucher.state in DONE and work.actor.holds(PREPARERS)
    return {
        "voucher": voucher, "contra": contra, "reversible": may and work.actor.id not in (voucher.created_by, voucher.executed_by),
        "source": voucher.source, "reference": voucher.reference, "suspense": suspense,
        "agreement": voucher.agreement, "tier": tier_of(voucher), "minutes": needs_minutes(voucher),
        "filed": await has_minutes(work.session, voucher), "breakdown": voucher.breakdown,
    }
