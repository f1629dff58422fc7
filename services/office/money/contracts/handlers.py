"""Contracts that other departments submit for review."""

from __future__ import annotations

from services.office.money.contracts import following
from shared.events.resources import ContractSubmitted, ContractWithdrawn
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(ContractSubmitted)
async def review_on_contract_submitted(work: Work, event: ContractSubmitted) -> None:
    """The review begins, or begins again with the next version."""
    await following.take(work, event)


@handlers.on(ContractWithdrawn)
async def recall_on_contract_withdrawn(work: Work, event: ContractWithdrawn) -> None:
    """The review ends."""
    await following.recall(work, event)
