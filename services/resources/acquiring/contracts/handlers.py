"""What the office tells of contracts."""

from __future__ import annotations

from services.resources.acquiring.contracts import following
from shared.events.office import (
    ContractApproved,
    ContractEnded,
    ContractExpiring,
    ContractReturned,
    ContractSigned,
    ContractUnsigned,
)
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(ContractApproved)
async def approve_on_contract_approved(work: Work, event: ContractApproved) -> None:
    """Orders may name it."""
    await following.approved(work, event)


@handlers.on(ContractReturned)
async def reopen_on_contract_returned(work: Work, event: ContractReturned) -> None:
    """The draft is open again with the reason."""
    await following.returned(work, event)


@handlers.on(ContractSigned)
async def bind_on_contract_signed(work: Work, event: ContractSigned) -> None:
    """It may be paid on."""
    await following.signed(work, event)


@handlers.on(ContractUnsigned)
async def block_on_contract_unsigned(work: Work, event: ContractUnsigned) -> None:
    """Payments stop."""
    await following.unsigned(work, event)


@handlers.on(ContractExpiring)
async def review_on_contract_expiring(work: Work, event: ContractExpiring) -> None:
    """Whether to renew it is to be decided."""
    await following.expiring(work, event)


@handlers.on(ContractEnded)
async def end_on_contract_ended(work: Work, event: ContractEnded) -> None:
    """Nothing more is ordered under it."""
    await following.ended(work, event)
