"""Cash of the desk: counted by a second person, banked on a slip."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import ClassVar

from shared.events.base import Done, Event, Waiting
from shared.i18n import N_, _

CASH = ("RDR-DSK-BAS-04", "RDR-DSK-BAS-06", "RDR-LED-FRD-03")
DESK = ("RDR-DSK", "RDR-LED", "RDR-CIR")


class CashCounted(Event):
    """A colleague counted the money of a shift."""

    name: ClassVar[str] = "reader.cash.counted"
    summary: ClassVar[str] = N_("班次 {shift} 清点：应有 {expected} 元，实点 {counted} 元")
    evidence: ClassVar[tuple[str, ...]] = CASH

    shift: str
    cashier: str
    expected_cents: int
    counted_cents: int
    difference_cents: int
    reason: str = ""
    to_bank: bool = True
    full: bool = False

    @property
    def aggregate(self) -> str:
        return f"cash:{self.shift}"

    def sentence(self) -> str:
        return _(
            self.summary, shift=self.shift, expected=f"{self.expected_cents / 100:.2f}",
            counted=f"{self.counted_cents / 100:.2f}",
        )

    def refs(self) -> Sequence[str]:
        return [f"case:{self.shift}"]

    def link(self) -> str:
        return "/reader/cash-ups"

    def waiting(self) -> Iterable[Waiting | Done]:
        if self.to_bank:
            yield Waiting(
                "reader.cash.bank", N_("缴存已清点的现金"), DESK, "/reader/cash-ups", duty=CASH[0],
                urgent=self.full,
            )


class CashBanked(Event):
    """Counted cash went to the bank: income of fines, compensation and card fees, and deposits that are only held."""

    name: ClassVar[str] = "reader.cash.banked"
    summary: ClassVar[str] = N_("收入缴存 {number}：{yuan} 元，缴款单 {slip_no}")
    evidence: ClassVar[tuple[str, ...]] = CASH

    number: str
    slip_no: str
    banked_on: date
    amount_cents: int
    shifts: tuple[str, ...]
    receipts_from: str
    receipts_to: str
    receipts: int
    fines_cents: int
    compensation_cents: int
    card_fees_cents: int
    cashless_cents: int
    expected_cents: int
    reason: str = ""
    deposits_cents: int = 0

    @property
    def aggregate(self) -> str:
        return f"deposit:{self.number}"

    def sentence(self) -> str:
        return _(self.summary, number=self.number, yuan=f"{self.amount_cents / 100:.2f}", slip_no=self.slip_no)

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}", *(f"case:{shift}" for shift in self.shifts)]

    def link(self) -> str:
        return f"/reader/cash-ups/deposits/{self.number}"

    def stage(self) -> str:
        return N_("已缴存")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done("reader.cash.bank")
