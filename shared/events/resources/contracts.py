"""Contracts resource development wants to sign: what the office is asked to review."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from shared.events.base import Event
from shared.i18n import N_

# Agreements and contracts are filed and managed here.
FILING = ("RES-ACQ-04",)


class AboutPurchaseContract(Event):
    """`number` is resource development's, `title` what it is about, `party` the other side (a firm), `edition` which version."""

    number: str
    title: str
    party: str
    edition: int

    @property
    def aggregate(self) -> str:
        return f"purchase-contract:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}"]

    def link(self) -> str:
        return f"/resources/contracts/{self.number}"


class ContractSubmitted(AboutPurchaseContract):
    """A version goes to the office for review; money in fen, one payment of `plan` a line."""

    name: ClassVar[str] = "resources.contract.submitted"
    summary: ClassVar[str] = N_("合同《{title}》（{number}）第 {edition} 版送审")
    evidence: ClassVar[tuple[str, ...]] = FILING

    amount_cents: int
    budget: str = ""
    from_on: date
    to_on: date
    prepay_percent: int = 0
    plan: str = ""
    clauses: str = ""
    qualification: str = ""
    dept: str = "resources"
    asked_by: str

    def stage(self) -> str:
        return N_("合同审核中")


class ContractWithdrawn(AboutPurchaseContract):
    """It is not wanted any more."""

    name: ClassVar[str] = "resources.contract.withdrawn"
    summary: ClassVar[str] = N_("合同《{title}》（{number}）不再送审：{reason}")

    reason: str
