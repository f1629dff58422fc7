"""Contracts that another department asked for by a case of its own: reviewed here, changed there."""

from __future__ import annotations

from services.office.money.contracts import queries, rules
from services.office.money.contracts.model import Contract, ContractState
from services.office.money.contracts.register import REGISTER
from shared.events.resources import ContractSubmitted, ContractWithdrawn
from shared.refusals import Invalid
from shared.work import Work

S = ContractState


async def take(work: Work, fact: ContractSubmitted) -> None:
    """A version goes round; told twice it goes round once. One whose money or term is wrong goes back at once."""
    known = await queries.of_reference(work.session, fact.number, lock=True)
    if known is not None and (known.edition >= fact.edition or S(known.state) not in (S.draft, S.returned)):
        return
    contract = known if known is not None else await _opened(work, fact)
    contract.subject, contract.party, contract.amount, contract.fund = fact.title[:160], fact.party[:80], fact.amount_cents, fact.budget
    contract.from_on, contract.to_on, contract.prepay_percent = fact.from_on, fact.to_on, fact.prepay_percent
    contract.plan, contract.clauses, contract.qualification = fact.plan, fact.clauses, fact.qualification
    contract.edition, contract.return_reason = fact.edition, ""
    await work.session.flush()
    number = contract.no
    try:
        await REGISTER.move(work, number, "take")
    except Invalid as refusal:
        await REGISTER.move(work, number, "refuse", return_reason="；".join(str(one) for one in refusal.reasons))


async def _opened(work: Work, fact: ContractSubmitted) -> Contract:
    contract: Contract = await REGISTER.open(
        work, subject=fact.title[:160], party=fact.party[:80], amount=f"{fact.amount_cents / 100:.2f}", from_on=fact.from_on.isoformat(),
        to_on=fact.to_on.isoformat(), reference=fact.number, source=fact.link(), dept=fact.dept, created_by=fact.asked_by,
        correlation=work.correlation,
    )
    return contract


async def recall(work: Work, fact: ContractWithdrawn) -> None:
    """Whoever asked does not want it any more; what is signed binds all the same."""
    contract = await queries.of_reference(work.session, fact.number, lock=True)
    if contract is not None and (S(contract.state), "recall") in rules.LIFE:
        contract.end_reason = fact.reason
        await work.session.flush()
        await REGISTER.move(work, contract.no, "recall")
