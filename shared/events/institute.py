"""What the research institute tells the house: novelty searches and their fees, students who leave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from shared.events.base import Event
from shared.i18n import N_, _


class NoveltyCharged(Event):
    """A novelty-search fee was received and receipted."""

    name: ClassVar[str] = "institute.novelty.charged"
    summary: ClassVar[str] = N_("查新 {number} 收费 {yuan} 元，收据 {receipt}")
    evidence: ClassVar[tuple[str, ...]] = ("INS-NOM-03",)

    number: str
    amount_cents: int
    receipt: str

    @property
    def aggregate(self) -> str:
        return f"novelty:{self.number}"

    def sentence(self) -> str:
        return _(self.summary, number=self.number, yuan=f"{self.amount_cents / 100:.2f}", receipt=self.receipt)

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}"]

    def link(self) -> str:
        return f"/institute/novelty/{self.number}"


class StudentLeaving(Event):
    """A student leaves on a day; whoever lent anything answers before that. No name travels."""

    name: ClassVar[str] = "institute.student.leaving"
    summary: ClassVar[str] = N_("学生 {card} 将于 {leaving_on} 离校（{number}）")
    evidence: ClassVar[tuple[str, ...]] = ("INS-TCH-MID-04",)

    number: str
    card: str
    kind: str
    leaving_on: date

    @property
    def aggregate(self) -> str:
        return f"students-leaving:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}", f"patron:{self.card}"]

    def link(self) -> str:
        return f"/institute/students-leaving/{self.number}"

    def stage(self) -> str:
        return N_("待馆方清理")


class StudentStays(Event):
    """A leaving was registered by mistake or given up: the student stays."""

    name: ClassVar[str] = "institute.student.stays"
    summary: ClassVar[str] = N_("学生 {card} 不离校（{number}）")

    number: str
    card: str

    @property
    def aggregate(self) -> str:
        return f"students-leaving:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}", f"patron:{self.card}"]

    def link(self) -> str:
        return f"/institute/students-leaving/{self.number}"
