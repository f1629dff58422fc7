"""What we answer for of budget lines when another department compares its copy with us."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.office.money.budgets.model import Budget, BudgetState
from services.office.money.budgets.rules import allocated
from shared.copies.ledger import Ledger, Row, Span


async def told(session: AsyncSession, span: Span) -> Sequence[Row]:
    """The lines departments were told of, those that run or ran, as the fact would say it today."""
    query = (
        select(Budget).where(span.within(Budget.no), Budget.state.in_((BudgetState.running, BudgetState.closed)))
        .order_by(Budget.no).limit(span.limit)
    )
    return [(one.no, allocated(one).model_dump(mode="json")) for one in await session.scalars(query)]


ledger = Ledger("office.budgets", asked_by=("resources",), read=told)
