"""The way of a contract, who reviews it, and what may be paid on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from services.office.money.contracts.model import Contract, ContractState, Stage
from shared.events.office import ContractEnded, ContractExpiring
from shared.i18n import N_
from shared.identity import Actor
from shared.instalments import check_plan
from shared.refusals import Invalid, NotAllowed, Reason, Refusal
from shared.states import Life

FINANCE = ("OFF-FIN",)
HEADS = ("head",)
# An auditor looks and writes nothing, so the opinion is given by the office or a leader.
LEGAL = ("head-office", "deputy")
LEADERS = ("deputy", "director")
# Who sees every contract; everybody else sees the own ones.
READERS = ("OFF", "head", "deputy", "director", "auditor", "RES-ACQ")
NUMBERS = "HT"
# From this sum on a legal review; above it the director approves.
LEGAL_FROM_FEN = 50_000_00
DEPUTY_UP_TO_FEN = 50_000_00
REMIND_DAYS = (90, 30, 7)
SIGN_WITHIN_DAYS = 30

S = ContractState
REVIEWS = (S.business, S.finance, S.legal, S.leader)
LIFE: Life[ContractState] = {
    (S.draft, "submit"): S.business,
    (S.draft, "withdraw"): S.withdrawn,
    # What another department asked for is changed there, and comes as its next version.
    (S.draft, "take"): S.business,
    (S.returned, "take"): S.business,
    (S.draft, "refuse"): S.returned,
    (S.returned, "refuse"): S.returned,
    (S.draft, "recall"): S.withdrawn,
    (S.returned, "recall"): S.withdrawn,
    (S.business, "recall"): S.withdrawn,
    (S.finance, "recall"): S.withdrawn,
    (S.legal, "recall"): S.withdrawn,
    (S.leader, "recall"): S.withdrawn,
    (S.approved, "recall"): S.withdrawn,
    (S.returned, "submit"): S.business,
    (S.returned, "withdraw"): S.withdrawn,
    (S.business, "business"): S.finance,
    # From ¥50,000 on to the legal review, else straight to the leader.
    (S.finance, "finance"): S.legal,
    (S.legal, "legal"): S.leader,
    (S.leader, "approve"): S.approved,
    (S.business, "return"): S.returned,
    (S.finance, "return"): S.returned,
    (S.legal, "return"): S.returned,
    (S.leader, "return"): S.returned,
    (S.approved, "sign"): S.signed,
    (S.approved, "withdraw"): S.withdrawn,
    (S.signed, "start"): S.in_force,
    (S.in_force, "complete"): S.completed,
    (S.in_force, "terminate"): S.terminated,
    (S.in_force, "expire"): S.expired,
}
# Signed, and not given up: the last instalment may come after the work is done.
PAYABLE = (S.signed, S.in_force, S.completed, S.expired)


class NotYourDepartment(NotAllowed):
    """The head of the department that wants the contract looks first."""

    code = "contracts.other-department"
    message = N_("由提交部门的主任审核")


class AboveLeader(NotAllowed):
    """Large contracts are the director's."""

    code = "contracts.above-leader"
    message = N_("50,000 元以上的合同须由馆长审批")


class AmendAtItsSource(Refusal):
    """What a department asked for by its own case is changed in that case."""

    code = "contracts.amend-at-source"
    message = N_("这份合同由 {reference} 送审，请在那里修改后重新送审")


class NoSignedCopy(Refusal):
    """What is signed is kept."""

    code = "contracts.no-signed-copy"
    message = N_("请附上双方签字盖章的合同扫描件")


class NotPayable(Refusal):
    """Money leaves only as the contract says."""

    code = "contracts.not-payable"
    message = N_("合同 {no} 不能付款")


def check_terms(contract: Contract) -> None:
    """Term, plan and money agree with one another; all reasons at once."""
    wrong = {}
    if contract.to_on < contract.from_on:
        wrong["to_on"] = N_("止期不能早于起期")
    if contract.amount and not contract.fund:
        wrong["fund"] = N_("有金额的合同请填写经费")
    if not contract.amount and not contract.main:
        wrong["amount"] = N_("金额须大于零；只有补充合同可以为零")
    if wrong:
        raise Invalid(wrong)
    check_plan(contract.plan, contract.amount)


def yuan(fen: int) -> str:
    """With thousands, for sentences."""
    return f"{fen / 100:,.2f}"


def after_finance(contract: Contract) -> ContractState:
    """Where it goes when finance has looked."""
    return S.legal if contract.amount >= LEGAL_FROM_FEN else S.leader


def check_head(contract: Contract, actor: Actor) -> None:
    """The head of its own department; the head of the office for those who have none."""
    if not actor.holds((f"head-{contract.dept}", "head-office")):
        raise NotYourDepartment


def check_leader(contract: Contract, actor: Actor) -> None:
    """The deputy up to ¥50,000, above that the director."""
    if contract.amount > DEPUTY_UP_TO_FEN and not actor.holds(("director",)):
        raise AboveLeader


def holders(contract: Contract) -> tuple[str, ...]:
    """Who must act next; one that runs waits for nobody."""
    own = (contract.created_by,)
    waits: Mapping[ContractState, tuple[str, ...]] = {
        S.draft: own, S.returned: own, S.business: (f"head-{contract.dept}" if contract.dept else "head-office",), S.finance: FINANCE,
        S.legal: LEGAL, S.leader: ("director",) if contract.amount > DEPUTY_UP_TO_FEN else LEADERS, S.approved: own, S.signed: FINANCE,
    }
    return waits.get(ContractState(contract.state), ())


def due(contract: Contract) -> date | None:
    """Until when it is to be signed, or runs."""
    if contract.state == S.approved and contract.approved_on:
        return contract.approved_on + timedelta(days=SIGN_WITHIN_DAYS)
    return contract.to_on if contract.state in (S.signed, S.in_force) else None


def room(contract: Contract, *, prepayment: bool) -> int:
    """How much more may be paid on it, or paid in advance."""
    left = contract.worth - contract.paid
    return min(left, contract.worth * contract.prepay_percent // 100 - contract.prepaid) if prepayment else left


def why_not_payable(contract: Contract | None, amount: int, *, prepayment: bool) -> list[Reason]:
    """All that stands against paying so much on it now."""
    if contract is None:
        return [Reason("unknown", N_("合同登记簿里没有这个合同"))]
    found = []
    if contract.state not in PAYABLE:
        found.append(Reason("unsigned", N_("合同{state_label}，签订盖章后才能付款"), params={"state_label": ContractState(contract.state).text}))
    if prepayment and not contract.prepay_percent:
        found.append(Reason("no-prepayment", N_("合同没有约定预付款")))
    elif amount > room(contract, prepayment=prepayment):
        what = N_("可预付 {left} 元，本次 {amount} 元") if prepayment else N_("尚可付 {left} 元，本次 {amount} 元")
        found.append(Reason("too-much", what, params={
            "left": yuan(max(room(contract, prepayment=prepayment), 0)), "amount": yuan(amount),
        }))
    return found


def check_payable(contract: Contract | None, number: str, amount: int, *, prepayment: bool) -> None:
    """Refuse with every reason."""
    if why := why_not_payable(contract, amount, prepayment=prepayment):
        raise NotPayable(why, no=number)


def about(contract: Contract) -> dict[str, Any]:
    """What every fact about a contract says of it."""
    return {"number": contract.no, "title": contract.subject, "party": contract.party, "reference": contract.reference}


def reminder(contract: Contract, today: date) -> ContractExpiring | None:
    """The reminder that is due and was not sent: 90, 30 and 7 days before the end."""
    left = (contract.to_on - today).days
    level = min((days for days in REMIND_DAYS if left <= days), default=0)
    if left < 0 or not level or (contract.reminded and contract.reminded <= level):
        return None
    contract.reminded = level
    return ContractExpiring(
        **about(contract), to_on=contract.to_on, days=left, asked_by=contract.created_by, dept=contract.dept,
    )


def ended(contract: Contract, how: ContractState) -> ContractEnded:
    """No more reminders."""
    return ContractEnded(**about(contract), how=how.value, reason=contract.end_reason)


def stage_of(state: ContractState) -> Stage:
    """The review a contract lies at."""
    return Stage(state.value)
