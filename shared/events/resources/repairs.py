"""The workshop's jobs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from shared.events.base import Done, Waiting
from shared.events.resources.items import AboutItem
from shared.i18n import N_

WORKSHOP = ("RES-DIG-02",)


class AboutRepair(AboutItem):
    """A repair job: `number` is the job, `slip` the damage slip it answers."""

    number: str
    slip: str
    evidence: ClassVar[tuple[str, ...]] = WORKSHOP

    def refs(self) -> Sequence[str]:
        return [f"item:{self.barcode}", f"case:{self.number}", f"case:{self.slip}"]

    def link(self) -> str:
        return f"/resources/repairs/{self.number}"


class RepairOpened(AboutRepair):
    """The workshop has the job on its list."""

    name: ClassVar[str] = "resources.repair.opened"
    summary: ClassVar[str] = N_("修补工单 {number} 已立：《{title}》")
    evidence: ClassVar[tuple[str, ...]] = ()

    kind: str
    grade: str
    holds_waiting: int = 0
    target_days: int = 10

    def stage(self) -> str:
        return N_("待修补")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"repair:{self.number}", N_("待修补：《{title}》（{barcode}）"), ("RES-DIG",), self.link(),
            {"title": self.title, "barcode": self.barcode}, duty="RES-DIG-02",
            urgent=self.holds_waiting > 0,
        )


class RepairStarted(AboutRepair):
    """The workshop took the item to its bench; custody passed with it."""

    name: ClassVar[str] = "resources.repair.started"
    summary: ClassVar[str] = N_("工场开始修补《{title}》：{diagnosis}")

    diagnosis: str = ""
    operator: str = ""

    def stage(self) -> str:
        return N_("修补中")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"repair:{self.number}", N_("修补中：《{title}》（{barcode}）"),
            (self.operator or "RES-DIG",), self.link(),
            {"title": self.title, "barcode": self.barcode}, duty="RES-DIG-02",
        )


class RepairCompleted(AboutRepair):
    """The workshop is done; the item goes back to the desk for re-inspection (回验)."""

    name: ClassVar[str] = "resources.repair.completed"
    summary: ClassVar[str] = N_("《{title}》修补完毕，送回验")

    note: str = ""
    minutes: int = 0
    round: int = 1

    def stage(self) -> str:
        return N_("待回验")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"repair:{self.number}")


class RepairIrreparable(AboutRepair):
    """The workshop cannot mend the item; it becomes a weeding candidate."""

    name: ClassVar[str] = "resources.repair.irreparable"
    summary: ClassVar[str] = N_("《{title}》无法修补，转剔旧：{note}")

    note: str = ""

    def stage(self) -> str:
        return N_("无法修补")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"repair:{self.number}")


class RepairReopened(AboutRepair):
    """Re-inspection failed: the job is on the bench list again."""

    name: ClassVar[str] = "resources.repair.reopened"
    summary: ClassVar[str] = N_("《{title}》回验不合格，返修第 {round} 次：{reason}")
    evidence: ClassVar[tuple[str, ...]] = ()

    round: int
    reason: str = ""

    def stage(self) -> str:
        return N_("返修")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"repair:{self.number}", N_("返修：《{title}》（{barcode}）"), ("RES-DIG",), self.link(),
            {"title": self.title, "barcode": self.barcode}, duty="RES-DIG-02", urgent=True,
        )


class RepairCancelled(AboutRepair):
    """The slip was withdrawn before the workshop took the item: nothing is to be done."""

    name: ClassVar[str] = "resources.repair.cancelled"
    summary: ClassVar[str] = N_("修补工单 {number} 撤销：破损单已撤回")
    evidence: ClassVar[tuple[str, ...]] = ()

    def stage(self) -> str:
        return N_("已撤销")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"repair:{self.number}")


class RepairClosed(AboutRepair):
    """Re-inspection passed: the job is finished."""

    name: ClassVar[str] = "resources.repair.closed"
    summary: ClassVar[str] = N_("修补工单 {number} 结案")
    evidence: ClassVar[tuple[str, ...]] = ()

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"repair:{self.number}")
