"""Newspapers and journals: the day's delivery, what is missing, what stands on the racks, bundles of back issues."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import ClassVar

from shared.events.base import Done, Event, Waiting
from shared.i18n import N_, _

DAILY = ("RDR-CIR-NWS-01", "RDR-CIR-ACJ-01")
RACKS = ("RDR-CIR-NWS-02", "RDR-CIR-ACJ-02")
BUNDLES = ("RDR-CIR-NWS-04", "RDR-STK-BCK-02", "RDR-CIR-ACJ-04")
HEADS = ("RDR-LED", "head-reader")


class AboutIssue(Event):
    """One issue of a title: `number` is the title's, `issue` the issue's id, `label` how people call it."""

    evidence: ClassVar[tuple[str, ...]] = RACKS

    number: str
    title: str
    issue: str
    label: str
    subscription: str = ""

    @property
    def aggregate(self) -> str:
        return f"serial:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}", *([f"case:{self.subscription}"] if self.subscription else [])]

    def link(self) -> str:
        return f"/reader/serials/titles/{self.number}"


class SerialMissing(AboutIssue):
    """An issue has not come within its tolerance; `open` is how many of the title are missing now."""

    name: ClassVar[str] = "reader.serial.missing"
    summary: ClassVar[str] = N_("《{title}》{label}逾期未到")

    issn: str = ""
    kind: str = "journal"
    issued_on: date
    due_on: date
    copies: int = 1
    open: int = 1

    def stage(self) -> str:
        return N_("缺期")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"serial-gaps:{self.number}", N_("《{title}》缺 {n} 期"), HEADS, "/reader/serials/gaps?q=" + self.number,
            {"title": self.title, "n": self.open}, duty="RDR-CIR-ACJ-02" if self.kind == "journal" else "RDR-CIR-NWS-02",
        )


class SerialGapClosed(AboutIssue):
    """A missing issue is no longer missing: it came, was never published, or cannot be had; `open` are still missing."""

    name: ClassVar[str] = "reader.serial.gap-closed"
    summary: ClassVar[str] = N_("《{title}》{label}：{outcome_label}")

    outcome: str
    outcome_label: str
    open: int = 0

    def sentence(self) -> str:
        return _(self.summary, title=self.title, label=self.label, outcome_label=_(self.outcome_label))

    def stage(self) -> str:
        return self.outcome_label

    def waiting(self) -> Iterable[Waiting | Done]:
        if not self.open:
            yield Done(f"serial-gaps:{self.number}")


class SerialsHandedOver(Event):
    """The delivery of a day was taken over from its bringer and counted."""

    name: ClassVar[str] = "reader.serial.handed-over"
    summary: ClassVar[str] = N_("{on} 报刊交接：应到 {expected}，实到 {arrived}，迟 {late}，缺 {missing}，破损 {damaged}")
    evidence: ClassVar[tuple[str, ...]] = DAILY

    number: str
    on: date
    room: str = ""
    expected: int
    arrived: int
    late: int
    missing: int
    damaged: int

    @property
    def aggregate(self) -> str:
        return f"serial-handover:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}"]

    def link(self) -> str:
        return f"/reader/serials/handovers/{self.number}"


class SerialsStamped(Event):
    """Issues that came were stamped and sorted to their places."""

    name: ClassVar[str] = "reader.serial.stamped"
    summary: ClassVar[str] = N_("盖章分拣报刊 {count} 期")
    evidence: ClassVar[tuple[str, ...]] = DAILY

    on: date
    count: int

    @property
    def aggregate(self) -> str:
        return f"serial-day:{self.on}"

    def link(self) -> str:
        return f"/reader/serials?on={self.on}"


class SerialsShelved(Event):
    """New issues went on the racks, old ones came off."""

    name: ClassVar[str] = "reader.serial.shelved"
    summary: ClassVar[str] = N_("报刊上架 {put} 期，下架 {taken} 期")
    evidence: ClassVar[tuple[str, ...]] = RACKS

    on: date
    put: int
    taken: int

    @property
    def aggregate(self) -> str:
        return f"serial-day:{self.on}"

    def link(self) -> str:
        return "/reader/serials/display"
