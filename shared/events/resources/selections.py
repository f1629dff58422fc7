"""Suppliers' lists on their way from choosing to confirmation, and books chosen on the spot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from shared.events.base import Done, Event, Waiting
from shared.i18n import N_


class AboutSelection(Event):
    """The fields every fact about a list carries."""

    number: str
    file_name: str
    evidence: ClassVar[tuple[str, ...]] = ("RES-ACQ-01",)

    @property
    def aggregate(self) -> str:
        return f"selection:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}"]

    def link(self) -> str:
        return f"/resources/selections/{self.number}"


class SelectionSubmitted(AboutSelection):
    """Somebody has chosen; somebody else is to confirm."""

    name: ClassVar[str] = "resources.selection.submitted"
    summary: ClassVar[str] = N_("选书单 {number} 选定 {taken} 种，待确认")

    taken: int

    def stage(self) -> str:
        return N_("待确认")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"selection:{self.number}", N_("确认选书单 {number}：{taken} 种"), ("head-resources", "RES-ACQ"), self.link(),
            {"number": self.number, "taken": self.taken}, duty="RES-ACQ-01",
        )


class SelectionSentBack(AboutSelection):
    """The choice is to be looked at again by `to`, who made it."""

    name: ClassVar[str] = "resources.selection.sent-back"
    summary: ClassVar[str] = N_("选书单 {number} 退回重选：{reason}")

    to: str
    reason: str = ""

    def stage(self) -> str:
        return N_("选书中")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"selection:{self.number}", N_("选书单 {number} 退回：{reason}"), (self.to,), self.link(),
            {"number": self.number, "reason": self.reason}, duty="RES-ACQ-01",
        )


class SelectionConfirmed(AboutSelection):
    """What was chosen is wanted."""

    name: ClassVar[str] = "resources.selection.confirmed"
    summary: ClassVar[str] = N_("选书单 {number} 已确认，{taken} 种列入待购")

    taken: int

    def stage(self) -> str:
        return N_("已确认")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"selection:{self.number}")
