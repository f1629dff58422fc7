"""What the office tells of budgets."""

from __future__ import annotations

from services.resources.acquiring.funds import commands
from shared.events.office import BudgetAllocated, BudgetThresholdCrossed
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(BudgetAllocated, read_model=True)
async def learn_fund_on_budget_allocated(work: Work, event: BudgetAllocated) -> None:
    """Orders may name the line."""
    await commands.learn(work, event)


@handlers.on(BudgetThresholdCrossed, read_model=True)
async def beware_on_threshold_crossed(work: Work, event: BudgetThresholdCrossed) -> None:
    """Whoever orders sees it."""
    await commands.beware(work, event)
