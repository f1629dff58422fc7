"""Orders and the money they need: asked, given up, accepted, invoiced."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from shared.events.base import Done, Event, Waiting
from shared.i18n import N_, _

ORDERS = ("RES-ACQ-01",)
PAYMENTS = ("RES-ACQ-04",)


class FundSum(BaseModel):
    """How much a case needs of one budget line, in fen."""

    model_config = ConfigDict(frozen=True)

    budget: str
    amount_cents: int


class PaymentShare(BaseModel):
    """What an invoice takes from one budget line for one order: the money, and how much of what was held it settles."""

    model_config = ConfigDict(frozen=True)

    order: str
    budget: str
    amount_cents: int
    release_cents: int


class AboutOrder(Event):
    """`sums` is the whole need of the order as of `revision`, paid parts included: never a difference."""

    number: str
    revision: int
    supplier: str = ""
    sums: tuple[FundSum, ...] = ()
    # Where the case is seen, if it is no purchase order.
    page: str = ""

    @property
    def aggregate(self) -> str:
        return f"orders:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}"]

    def link(self) -> str:
        return self.page or f"/resources/orders/{self.number}"


class OrderPlaced(AboutOrder):
    """An approved order asks for its money; it is sent when the office holds it."""

    name: ClassVar[str] = "resources.order.placed"
    summary: ClassVar[str] = N_("订单 {number} 申请经费 {amount} 元（{titles} 种 {copies} 册）")
    evidence: ClassVar[tuple[str, ...]] = (*ORDERS, "RES-ACQ-02")

    titles: int
    copies: int

    def sentence(self) -> str:
        amount = f"{sum(one.amount_cents for one in self.sums) / 100:,.2f}"
        return _(self.summary, number=self.number, amount=amount, titles=self.titles, copies=self.copies)

    def stage(self) -> str:
        return N_("申请经费")


class OrderCancelled(AboutOrder):
    """An order, or a part of it (`whole` is False), will not come; `sums` is what it still needs."""

    name: ClassVar[str] = "resources.order.cancelled"
    summary: ClassVar[str] = N_("订单 {number} 退订 {copies} 册：{reason}")
    evidence: ClassVar[tuple[str, ...]] = ORDERS

    whole: bool = True
    copies: int = 0
    reason: str = ""
    titles: tuple[str, ...] = ()

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}", *(f"case:{no}" for no in self.titles)]

    def stage(self) -> str:
        return N_("已退订") if self.whole else N_("部分退订")

    def waiting(self) -> Iterable[Waiting | Done]:
        if self.whole:
            yield Done(f"reservations:{self.number}")


class OrderParked(AboutOrder):
    """There is no money for the order yet; `waiting_for` are the titles and cases that must wait."""

    name: ClassVar[str] = "resources.order.parked"
    summary: ClassVar[str] = N_("订单 {number} 等待经费：{reason}")

    reason: str = ""
    waiting_for: tuple[str, ...] = ()

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}", *(f"case:{no}" for no in self.waiting_for)]

    def stage(self) -> str:
        return N_("等待经费")


class OrderAccepted(Event):
    """What came was checked against the order by somebody who did not order it."""

    name: ClassVar[str] = "resources.order.accepted"
    summary: ClassVar[str] = N_("订单 {order} 验收 {copies} 册（{number}）")
    evidence: ClassVar[tuple[str, ...]] = ORDERS

    number: str
    order: str
    supplier: str = ""
    copies: int
    value_cents: int
    differences: int = 0
    accession_from: str = ""
    accession_to: str = ""

    @property
    def aggregate(self) -> str:
        return f"orders:{self.order}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.order}", f"case:{self.number}"]

    def link(self) -> str:
        return f"/resources/acceptances/{self.number}"

    def stage(self) -> str:
        return N_("已验收")


class InvoiceSubmitted(Event):
    """An invoice that agrees with order and acceptance is handed to the office to be paid."""

    name: ClassVar[str] = "resources.invoice.submitted"
    summary: ClassVar[str] = N_("发票 {invoice_no}（{number}）提请付款 {yuan} 元")
    evidence: ClassVar[tuple[str, ...]] = PAYMENTS

    number: str
    attempt: int
    invoice_no: str
    supplier: str
    amount_cents: int
    shares: tuple[PaymentShare, ...]
    note: str = ""
    # The contract it is paid on; a prepayment comes before anything was accepted, and only as far as that contract allows.
    contract: str = ""
    prepayment: bool = False
    page: str = ""

    @property
    def aggregate(self) -> str:
        return f"invoices:{self.number}"

    def sentence(self) -> str:
        return _(self.summary, invoice_no=self.invoice_no, number=self.number, yuan=f"{self.amount_cents / 100:,.2f}")

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}", *(f"case:{one}" for one in sorted({share.order for share in self.shares}))]

    def link(self) -> str:
        return self.page or f"/resources/invoices/{self.number}"

    def stage(self) -> str:
        return N_("提请付款")
