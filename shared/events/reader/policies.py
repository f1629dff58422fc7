"""The rules of lending."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from shared.events.base import Event
from shared.i18n import N_


class LoanRulesActivated(Event):
    """A version of the lending rules decides from a day on; drafted by one person, decided by another."""

    name: ClassVar[str] = "reader.rules.activated"
    summary: ClassVar[str] = N_("借阅规则 {number} 自 {effective_from} 生效")
    evidence: ClassVar[tuple[str, ...]] = ("RDR-LED-FRD-03",)

    number: str
    effective_from: date
    drafted_by: str

    @property
    def aggregate(self) -> str:
        return f"rules:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}"]

    def link(self) -> str:
        return f"/reader/rules/{self.number}"
