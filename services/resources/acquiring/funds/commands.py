"""Keeping the copy."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from services.resources.acquiring.funds.model import FundLine
from shared.events.office import BudgetAllocated, BudgetThresholdCrossed
from shared.work import Work


async def learn(work: Work, fact: BudgetAllocated) -> None:
    """The line as it is now."""
    row = {
        "no": fact.budget, "name": fact.fund_name, "name_en": fact.fund_name_en, "kind": fact.kind, "year": fact.year,
        "total": fact.total_cents, "available": fact.available_cents, "level": fact.level, "open": fact.open, "told_at": work.now,
    }
    await work.session.execute(insert(FundLine).values(row).on_conflict_do_update(index_elements=["no"], set_=row))


async def beware(work: Work, fact: BudgetThresholdCrossed) -> None:
    """A limit is reached: every new order says so."""
    left = fact.total_cents - fact.committed_cents
    await work.session.execute(
        update(FundLine).where(FundLine.no == fact.budget).values(level=fact.level, available=left, told_at=work.now)
    )
