"""Drafting, submitting, withdrawing and renewing contracts, and naming one on an order."""

from __future__ import annotations

from services.resources.acquiring.contracts import queries, rules
from services.resources.acquiring.contracts.model import (
    ContractEdition,
    ContractState,
    PurchaseContract,
)
from services.resources.acquiring.orders.model import Order
from services.resources.acquiring.suppliers import queries as suppliers
from shared.events.resources import ContractWithdrawn
from shared.i18n import N_
from shared.refusals import Invalid
from shared.work import Work


async def settle(work: Work, contract: PurchaseContract) -> None:
    """The other side is a supplier, the money a budget line that runs, and the terms agree with one another."""
    supplier, fund = await suppliers.paid_from(work.session, contract.supplier, contract.fund)
    contract.supplier, contract.supplier_name, contract.fund = supplier.no, supplier.name, fund.no
    rules.check_terms(contract)


async def submit(work: Work, contract: PurchaseContract) -> None:
    """送审: the next version goes to the office; what it was stays readable."""
    await settle(work, contract)
    contract.edition, contract.submitted_by, contract.return_reason = contract.edition + 1, work.actor.id, ""
    work.session.add(ContractEdition(
        contract=contract.no, edition=contract.edition, amount=contract.amount, from_on=contract.from_on, to_on=contract.to_on,
        prepay_percent=contract.prepay_percent, plan=contract.plan, clauses=contract.clauses, by=work.actor.id, at=work.now,
    ))
    work.emit(rules.submitted(contract), correlation=contract.correlation)


def withdraw(work: Work, contract: PurchaseContract, reason: str) -> None:
    """撤回: the office stops reviewing, if it had begun."""
    if contract.edition:
        work.emit(ContractWithdrawn(
            number=contract.no, title=contract.subject, party=contract.supplier_name, edition=contract.edition, reason=reason,
        ), correlation=contract.correlation)


async def name_on(work: Work, text: str, supplier: str) -> str:
    """The number of the contract an order or a subscription names, or why it may not; empty for none."""
    return (await _orderable(work, text, supplier)).no if text.strip() else ""


async def _orderable(work: Work, text: str, supplier: str, *, lock: bool = False) -> PurchaseContract:
    contract = await queries.named(work.session, text, lock=lock)
    if why := rules.why_not_orderable(contract, supplier, work.today):
        raise Invalid({"contract": "；".join(str(one) for one in why)})
    assert contract is not None
    return contract


async def take(work: Work, order: Order) -> None:
    """An order asks for its money under a contract: it runs still, and is good for so much; two at once are looked at one by one."""
    if not order.contract:
        return
    contract = await _orderable(work, order.contract, order.supplier, lock=True)
    before = await queries.ordered(work.session, contract.no, without=order.no)
    if before + order.net_total > contract.worth:
        raise rules.BeyondContract(
            no=contract.no, worth=f"{contract.worth / 100:,.2f}", ordered=f"{before / 100:,.2f}", asked=f"{order.net_total / 100:,.2f}",
        )


async def payable_on(work: Work, given: str, order: Order) -> str:
    """The office's number of the contract an invoice is paid on: the one its order names, else what the paper says."""
    own, said = await queries.named(work.session, order.contract), await queries.named(work.session, given)
    if own is None:
        return said.office_no if said is not None and said.office_no else given.strip().upper()
    if given.strip() and (said is None or said.no != own.no):
        raise Invalid({"contract": N_("订单按另一份合同采购，发票的合同须与订单一致；不填即按订单")})
    return own.office_no


async def check_payable(work: Work, office_no: str) -> None:
    """Before the office is asked for money."""
    if why := await queries.why_blocked(work.session, office_no):
        raise rules.PaymentBlocked(why, no=office_no)


def can_answer(contract: PurchaseContract, verb: str, edition: int) -> bool:
    """Whether what the office says is about the version that lies there now."""
    return (ContractState(contract.state), verb) in rules.LIFE and edition in (0, contract.edition)
