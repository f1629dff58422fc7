"""The life of a contract as resource development sees it, what may be ordered under it, and what stops its payments."""

from __future__ import annotations

from datetime import date, timedelta

from services.resources.acquiring.contracts.model import ContractState, PurchaseContract
from shared.events.resources import ContractSubmitted
from shared.i18n import N_
from shared.instalments import check_plan
from shared.refusals import Invalid, Reason, Refusal
from shared.states import Life

BUYERS = ("RES-ACQ", "head-resources")
READERS = ("RES", "OFF-FIN", "head", "director", "deputy", "auditor")
NUMBERS = "CHT"
# The office asks for a signed copy so long after it approved.
SIGN_WITHIN_DAYS = 30

S = ContractState
LIFE: Life[ContractState] = {
    (S.draft, "submit"): S.submitted,
    (S.returned, "submit"): S.submitted,
    (S.draft, "withdraw"): S.withdrawn,
    (S.returned, "withdraw"): S.withdrawn,
    (S.submitted, "withdraw"): S.withdrawn,
    # The office answers.
    (S.submitted, "return"): S.returned,
    (S.submitted, "approve"): S.approved,
    (S.approved, "sign"): S.in_force,
    (S.approved, "chase"): S.approved,
    (S.in_force, "end"): S.ended,
    (S.in_force, "renew"): S.in_force,
    (S.ended, "renew"): S.ended,
}
ORDERABLE = (S.approved, S.in_force)


class PaymentBlocked(Refusal):
    """No money is asked for on a contract the office cannot pay on."""

    code = "contracts.payment-blocked"
    message = N_("合同 {no} 暂不能付款")


class BeyondContract(Refusal):
    """No more is ordered than the contract is good for."""

    code = "contracts.beyond"
    message = N_("合同 {no} 金额 {worth} 元，已订 {ordered} 元，本单 {asked} 元超出")


class RenewedAlready(Refusal):
    """The next term exists."""

    code = "contracts.renewed"
    message = N_("已有续签 {number}")


def check_terms(contract: PurchaseContract) -> None:
    """Term, plan and money agree with one another."""
    if contract.to_on < contract.from_on:
        raise Invalid({"to_on": N_("止期不能早于起期")})
    check_plan(contract.plan, contract.amount)


def why_not_orderable(contract: PurchaseContract | None, supplier: str, today: date) -> list[Reason]:
    """All that stands against ordering under it."""
    if contract is None:
        return [Reason("unknown", N_("没有这份合同"))]
    found = []
    if contract.state not in ORDERABLE:
        found.append(Reason("state", N_("合同 {no}：{state_label}，批准后、终止前才能下单"), params={
            "no": contract.no, "state_label": ContractState(contract.state).text,
        }))
    if contract.to_on < today and contract.state != S.ended:
        found.append(Reason("expired", N_("合同 {no} 已于 {to_on} 到期"), params={"no": contract.no, "to_on": contract.to_on.isoformat()}))
    if contract.supplier != supplier:
        found.append(Reason("supplier", N_("合同 {no} 是与{supplier}签的"), params={"no": contract.no, "supplier": contract.supplier_name}))
    return found


def why_blocked(contract: PurchaseContract) -> list[Reason]:
    """Why the office cannot pay on it; the last instalment may come after it was completed or expired, as the office has it."""
    if contract.state == S.approved:
        if contract.chased_on:
            return [Reason("unsigned-late", N_("批准已逾 {days} 天，尚无签字盖章件，付款已停"), params={"days": SIGN_WITHIN_DAYS})]
        return [Reason("unsigned", N_("签订盖章后才能付款"))]
    if contract.state == S.ended and contract.ending == "terminated":
        return [Reason("terminated", N_("合同已解除，付款已停"))]
    if contract.state in (S.draft, S.submitted, S.returned, S.withdrawn):
        return [Reason("not-approved", N_("合同{state_label}，不能付款"), params={"state_label": ContractState(contract.state).text})]
    return []


def submitted(contract: PurchaseContract) -> ContractSubmitted:
    """What the office is asked to review."""
    return ContractSubmitted(
        number=contract.no, title=contract.subject, party=contract.supplier_name, edition=contract.edition, amount_cents=contract.amount,
        budget=contract.fund, from_on=contract.from_on, to_on=contract.to_on, prepay_percent=contract.prepay_percent, plan=contract.plan,
        clauses=contract.clauses, qualification=contract.qualification, asked_by=contract.submitted_by,
    )


def next_term(start: date, end: date) -> tuple[date, date]:
    """As long again, from the day after."""
    first = end + timedelta(days=1)
    return first, first + (end - start)


def holders(contract: PurchaseContract) -> tuple[str, ...]:
    """Who must act next; with the office it waits for nobody here."""
    return BUYERS[:1] if contract.state in (S.draft, S.returned, S.approved) else ()


def due(contract: PurchaseContract) -> date | None:
    """Until when it is to be signed, or runs."""
    if contract.state == S.approved and contract.approved_on:
        return contract.approved_on + timedelta(days=SIGN_WITHIN_DAYS)
    return contract.to_on if contract.state == S.in_force else None
