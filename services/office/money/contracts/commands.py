"""Reviewing, signing, paying on and ending contracts."""

from __future__ import annotations

from typing import Any

from services.office.money.budgets import queries as budgets
from services.office.money.contracts import queries, rules
from services.office.money.contracts.model import Contract, ContractReview, ContractState, Stage
from shared.events.office import (
    ContractApproved,
    ContractReturned,
    ContractSigned,
    ContractUnsigned,
)
from shared.i18n import N_
from shared.refusals import Invalid
from shared.work import Work

S = ContractState


async def settle(work: Work, contract: Contract) -> None:
    """A draft names its money, and a supplement its main contract."""
    contract.dept = contract.dept or work.actor.dept
    contract.main = contract.main.strip().upper()
    if contract.main:
        main = await queries.by_no(work.session, contract.main)
        if main is None or main.main or main.state not in (S.signed, S.in_force):
            raise Invalid({"main": N_("没有这个已签订或履行中的主合同")})
        contract.correlation = main.correlation
    if contract.fund.strip():
        line = await budgets.running_named(work.session, contract.fund, contract.from_on.year)
        if line is None:
            raise Invalid({"fund": N_("没有这项执行中的经费")})
        contract.fund = line.no
    rules.check_terms(contract)


def submit(contract: Contract) -> None:
    """A new version goes round, with new signatures."""
    contract.round += 1
    contract.business_by = contract.finance_by = contract.legal_by = contract.approved_by = ""


def opine(work: Work, contract: Contract, stage: Stage, opinion: str, *, passed: bool = True) -> None:
    """A line of the review sheet."""
    work.session.add(ContractReview(
        contract=contract.no, round=contract.round, stage=stage, passed=passed, opinion=opinion, by=work.actor.id, at=work.now,
    ))


def approve(work: Work, contract: Contract, opinion: str) -> None:
    """A leader agrees: it may be signed."""
    rules.check_leader(contract, work.actor)
    contract.approved_by, contract.approved_on, contract.return_reason = work.actor.id, work.today, ""
    opine(work, contract, Stage.leader, opinion)
    work.emit(ContractApproved(
        **rules.about(contract), amount_cents=contract.amount, budget=contract.fund, from_on=contract.from_on, to_on=contract.to_on,
        prepay_percent=contract.prepay_percent, main=contract.main, round=contract.round, edition=contract.edition,
    ), correlation=contract.correlation)


def send_back(work: Work, contract: Contract) -> None:
    """Whoever brought it hears why."""
    opine(work, contract, rules.stage_of(S(contract.state)), contract.return_reason, passed=False)
    refuse(work, contract)


def refuse(work: Work, contract: Contract) -> None:
    """Back to where it came from, with the reason."""
    work.emit(ContractReturned(
        **rules.about(contract), reason=contract.return_reason, round=contract.round, edition=contract.edition,
    ), correlation=contract.correlation)


async def sign(work: Work, contract: Contract, *, with_copy: bool) -> None:
    """Signed and sealed by both sides; a supplement changes its main contract from now on."""
    if contract.signed_on and not (contract.approved_on or contract.signed_on) <= contract.signed_on <= work.today:
        raise Invalid({"signed_on": N_("签订日期须在批准之后、今天之前")})
    if not with_copy and not await queries.has_signed_copy(work.session, contract):
        raise rules.NoSignedCopy
    main = contract
    if contract.main:
        main = await work.lock(Contract, Contract.no == contract.main, what=contract.main)
        main.added += contract.amount
        if contract.to_on > main.to_on:
            main.to_on, main.reminded = contract.to_on, 0
    work.emit(ContractSigned(
        **rules.about(contract) | {"reference": main.reference}, signed_on=contract.signed_on or work.today, main=contract.main, worth_cents=main.worth, to_on=main.to_on,
    ), correlation=contract.correlation)


def end(work: Work, contract: Contract, how: ContractState) -> None:
    """It binds nobody any more."""
    work.emit(rules.ended(contract, how), correlation=contract.correlation)


async def check_payment(work: Work, number: str, amount: int, *, prepayment: bool) -> None:
    """Before a voucher goes on: the contract is signed and says so."""
    rules.check_payable(await queries.by_no(work.session, number), number, amount, prepayment=prepayment)


async def book(work: Work, number: str, amount: int, *, prepayment: bool) -> None:
    """Money moved on it; below nought it came back, which is never refused."""
    contract = await queries.by_no(work.session, number, lock=True)
    if amount > 0:
        rules.check_payable(contract, number, amount, prepayment=prepayment)
    if contract is not None:
        contract.paid += amount
        contract.prepaid += amount if prepayment else 0
        await work.session.flush()


async def remind(work: Work, register: Any) -> None:
    """Every night: what begins, what ends soon, what ended, what is approved but not signed."""
    for contract in await queries.running(work.session, work.today):
        work.follow(contract.correlation)
        if contract.state == S.approved:
            contract.chased_on = work.today
            work.emit(ContractUnsigned(
                **rules.about(contract), asked_by=contract.created_by, approved_on=contract.approved_on or work.today,
            ), correlation=contract.correlation)
            continue
        if contract.state == S.signed and contract.from_on <= work.today:
            await register.move(work, contract.no, "start")
        if contract.state == S.in_force and contract.to_on < work.today:
            await register.move(work, contract.no, "expire")
        else:
            work.emit(rules.reminder(contract, work.today), correlation=contract.correlation)
