"""How far the office is with vouchers that answer other departments' cases; told through `shared.events.office`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from shared.events.base import Event
from shared.i18n import N_, _

FINANCE = ("OFF-FIN-02", "OFF-FIN-05")
# What departments call the states of a voucher they wait for.
VOUCHER_STATES: dict[str, str] = {
    "prepared": N_("待审核"), "audited": N_("待审批"), "approved": N_("待执行"), "executed": N_("已执行"),
    "reconciled": N_("已对账"), "returned": N_("已退回"),
}


class VoucherMoved(Event):
    """A voucher that answers another department's case was prepared or came a step further."""

    name: ClassVar[str] = "office.voucher.moved"
    summary: ClassVar[str] = N_("凭证 {voucher}（{reference}）：{state_label}")

    voucher: str
    reference: str
    state: str
    direction: str
    amount_cents: int

    @property
    def aggregate(self) -> str:
        return f"voucher:{self.voucher}"

    def sentence(self) -> str:
        label = _(VOUCHER_STATES.get(self.state, self.state))
        return _(self.summary, voucher=self.voucher, reference=self.reference, state_label=label)

    def refs(self) -> Sequence[str]:
        return [f"case:{self.reference}"]

    def link(self) -> str:
        return f"/office/vouchers/{self.voucher}"


class PaymentPaid(Event):
    """A payment was executed; `reference` is the number of the case it was asked under."""

    name: ClassVar[str] = "office.payment.paid"
    summary: ClassVar[str] = N_("凭证 {voucher} 已付款 {yuan} 元（{reference}）")
    evidence: ClassVar[tuple[str, ...]] = FINANCE

    voucher: str
    reference: str
    amount_cents: int
    paid_on: date
    method: str = ""
    # Which asking of the case this answers; 0 when the case asks once.
    attempt: int = 0

    @property
    def aggregate(self) -> str:
        return f"voucher:{self.voucher}"

    def sentence(self) -> str:
        return _(
            self.summary, voucher=self.voucher, yuan=f"{self.amount_cents / 100:.2f}", reference=self.reference
        )

    def refs(self) -> Sequence[str]:
        return [f"case:{self.voucher}", f"case:{self.reference}"]

    def link(self) -> str:
        return f"/office/vouchers/{self.voucher}"


class PaymentReturned(Event):
    """A voucher was returned to whoever asked, with the reason; the case under `reference` is open again."""

    name: ClassVar[str] = "office.payment.returned"
    summary: ClassVar[str] = N_("凭证 {voucher} 退回（{reference}）：{reason}")
    evidence: ClassVar[tuple[str, ...]] = ("OFF-FIN-02",)

    voucher: str
    reference: str
    reason: str
    attempt: int = 0

    @property
    def aggregate(self) -> str:
        return f"voucher:{self.voucher}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.voucher}", f"case:{self.reference}"]

    def link(self) -> str:
        return f"/office/vouchers/{self.voucher}"


class PaymentReversed(Event):
    """A wrong payment was undone by a contra voucher (`voucher`); `reverses` is the one it undoes, which stays as it was.

    The case under `reference` counts as not paid, for the asking it was paid under.
    """

    name: ClassVar[str] = "office.payment.reversed"
    summary: ClassVar[str] = N_("凭证 {voucher} 冲销 {reverses} 付款 {yuan} 元（{reference}）：{reason}")
    evidence: ClassVar[tuple[str, ...]] = FINANCE

    voucher: str
    reverses: str
    reference: str
    attempt: int = 0
    amount_cents: int
    reversed_on: date
    reason: str

    @property
    def aggregate(self) -> str:
        return f"voucher:{self.reverses}"

    def sentence(self) -> str:
        return _(
            self.summary, voucher=self.voucher, reverses=self.reverses, yuan=f"{self.amount_cents / 100:.2f}",
            reference=self.reference, reason=self.reason,
        )

    def refs(self) -> Sequence[str]:
        return [f"case:{self.voucher}", f"case:{self.reverses}", f"case:{self.reference}"]

    def link(self) -> str:
        return f"/office/vouchers/{self.voucher}"
