"""Money patrons owe and pay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from shared.events.base import Event
from shared.i18n import N_, _

MONEY = ("RDR-DSK-BAS-04", "RDR-LED-FRD-03")


class ChargeMade(Event):
    """A patron owes money."""

    name: ClassVar[str] = "reader.charge.made"
    summary: ClassVar[str] = N_("计收 {kind_label} {yuan} 元")
    evidence: ClassVar[tuple[str, ...]] = MONEY

    charge_id: str
    card: str
    kind: str
    kind_label: str
    amount_cents: int
    barcode: str = ""

    @property
    def aggregate(self) -> str:
        return f"patron:{self.card}"

    def sentence(self) -> str:
        return _(self.summary, kind_label=_(self.kind_label), yuan=f"{self.amount_cents / 100:.2f}")

    def refs(self) -> Sequence[str]:
        return [f"patron:{self.card}", *([f"item:{self.barcode}"] if self.barcode else [])]


class ChargeSettled(Event):
    """A charge was paid or waived; the receipt number proves it."""

    name: ClassVar[str] = "reader.charge.settled"
    summary: ClassVar[str] = N_("{how_label} {yuan} 元，收据 {receipt}")
    evidence: ClassVar[tuple[str, ...]] = MONEY

    charge_id: str
    card: str
    how: str
    how_label: str
    amount_cents: int
    receipt: str

    @property
    def aggregate(self) -> str:
        return f"patron:{self.card}"

    def sentence(self) -> str:
        return _(
            self.summary, how_label=_(self.how_label), yuan=f"{self.amount_cents / 100:.2f}",
            receipt=self.receipt,
        )

    def refs(self) -> Sequence[str]:
        return [f"patron:{self.card}"]


class AboutRefund(Event):
    """Money on its way back to a patron; the voucher of the office proves it."""

    evidence: ClassVar[tuple[str, ...]] = MONEY

    charge_id: str
    card: str
    amount_cents: int
    receipt: str
    voucher: str

    @property
    def aggregate(self) -> str:
        return f"patron:{self.card}"

    def sentence(self) -> str:
        return _(
            self.summary, yuan=f"{self.amount_cents / 100:.2f}", receipt=self.receipt, voucher=self.voucher
        )

    def refs(self) -> Sequence[str]:
        return [f"patron:{self.card}"]


class RefundTakenBack(AboutRefund):
    """A refund did not reach the patron: its rows in the ledger are undone by two of their own; the contra voucher proves it."""

    name: ClassVar[str] = "reader.charge.refund-undone"
    summary: ClassVar[str] = N_("退款 {yuan} 元冲回，收据 {receipt}，凭证 {voucher}")


class ChargeRefunded(AboutRefund):
    """What was paid for a charge went back to the patron; the voucher of the office proves it."""

    name: ClassVar[str] = "reader.charge.refunded"
    summary: ClassVar[str] = N_("退款 {yuan} 元，收据 {receipt}，凭证 {voucher}")
