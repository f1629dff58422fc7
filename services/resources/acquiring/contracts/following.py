"""What the office tells of contracts, followed; told twice or late it changes nothing more."""

from __future__ import annotations

from services.resources.acquiring.contracts import commands, queries
from services.resources.acquiring.contracts.model import ContractState, PurchaseContract
from services.resources.acquiring.contracts.register import contracts
from shared.events.office import (
    ContractApproved,
    ContractEnded,
    ContractExpiring,
    ContractReturned,
    ContractSigned,
    ContractUnsigned,
)
from shared.web.register import moves
from shared.work import Work

S = ContractState


async def _of(work: Work, reference: str) -> PurchaseContract | None:
    return await queries.named(work.session, reference, lock=True) if reference else None


async def _move(work: Work, contract: PurchaseContract, verb: str, **asked: str) -> None:
    """The step reads the row anew, so what was written goes down first."""
    await work.session.flush()
    await contracts.move(work, contract.no, verb, **asked)


async def _answered(work: Work, contract: PurchaseContract, answer: str, reason: str) -> None:
    edition = await queries.edition_of(work.session, contract.no, contract.edition)
    if edition is not None:
        edition.answer, edition.reason, edition.answered_at = answer, reason, work.now


async def approved(work: Work, fact: ContractApproved) -> None:
    """Orders may name it from now on."""
    contract = await _of(work, fact.reference)
    if contract is None or not commands.can_answer(contract, "approve", fact.edition):
        return
    contract.office_no, contract.worth, contract.approved_on = fact.number, fact.amount_cents, work.today
    await _answered(work, contract, "approved", "")
    await _move(work, contract, "approve")


async def returned(work: Work, fact: ContractReturned) -> None:
    """It may be mended and submitted again."""
    contract = await _of(work, fact.reference)
    if contract is None or not commands.can_answer(contract, "return", fact.edition):
        return
    await _answered(work, contract, "returned", fact.reason)
    await _move(work, contract, "return", return_reason=fact.reason)


async def signed(work: Work, fact: ContractSigned) -> None:
    """Money may be paid on it; a supplement makes it larger or longer."""
    contract = await _of(work, fact.reference)
    if contract is None:
        return
    contract.worth, contract.to_on = fact.worth_cents or contract.worth, fact.to_on or contract.to_on
    if fact.main:
        await work.session.flush()
        return
    contract.office_no, contract.signed_on, contract.chased_on = fact.number, fact.signed_on, None
    if contract.state == S.approved:
        await _move(work, contract, "sign")
    elif contract.state in (S.submitted, S.withdrawn):
        # Signed before the office heard that it was withdrawn: it binds all the same, so no row of LIFE.
        contract.state = S.in_force
        moves.tell(contracts, work, contract, "sign", contracts.verbs["sign"].label, serves=())


async def unsigned(work: Work, fact: ContractUnsigned) -> None:
    """Nothing is paid on it until the signed copy is there."""
    contract = await _of(work, fact.reference)
    if contract is not None and contract.state == S.approved:
        contract.chased_on = work.today
        await _move(work, contract, "chase")


async def expiring(work: Work, fact: ContractExpiring) -> None:
    """Renew it or let it end."""
    contract = await _of(work, fact.reference)
    if contract is not None and contract.state == S.in_force:
        contract.to_on, contract.reminded_on = fact.to_on, work.today


async def ended(work: Work, fact: ContractEnded) -> None:
    """It binds nobody any more."""
    contract = await _of(work, fact.reference)
    if contract is not None and (S(contract.state), "end") in contracts.life_table:
        contract.ending, contract.end_reason = fact.how, fact.reason
        await _move(work, contract, "end")
