"""What technology and logistics tell the house: faults, work orders, patrols."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import ClassVar

from shared.events.base import Done, Event, Waiting
from shared.i18n import N_, _

MENDERS = ("TEC-SYS-01", "TEC-SYS-05", "TEC-LOG-01", "TEC-LOG-02", "TEC-EQP-01", "TEC-EQP-03")
PATROLS = ("TEC-LOG-03", "TEC-EQP-04")


class AboutFault(Event):
    """A fault and the work order that answers it (one number for both)."""

    number: str
    place: str
    kind: str
    title: str
    reporter: str

    @property
    def aggregate(self) -> str:
        return f"fault:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}", f"staff:{self.reporter}"]

    def link(self) -> str:
        return f"/tech/work-orders/{self.number}"


class FaultReported(AboutFault):
    """Somebody in the house reported that something does not work."""

    name: ClassVar[str] = "tech.fault.reported"
    summary: ClassVar[str] = N_("{place} 报修：{title}")
    evidence: ClassVar[tuple[str, ...]] = (
        "RDR-CIR-BAS-05", "RDR-CIR-ERD-07", "RDR-CIR-MMD-05", "TEC-LOG-03", "TEC-EQP-04", "RDR-CIR-BAS-02",
    )

    priority: str = "P3"
    holders: tuple[str, ...] = ("TEC",)
    respond_by: datetime | None = None

    def stage(self) -> str:
        return N_("待受理")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"fault:{self.number}", N_("待受理报修：{place} {title}"), self.holders, self.link(),
            {"place": self.place, "title": self.title}, self.respond_by, "TEC-SYS-01",
            self.priority == "P1",
        )


class FaultAccepted(AboutFault):
    """An engineer took the work order; the clock now runs to the promised time."""

    name: ClassVar[str] = "tech.fault.accepted"
    summary: ClassVar[str] = N_("工单 {number} 已受理，{owner} 处理")
    evidence: ClassVar[tuple[str, ...]] = MENDERS

    owner: str
    solve_by: datetime | None = None

    def stage(self) -> str:
        return N_("处理中")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"fault:{self.number}", N_("处理报修：{place} {title}"), (self.owner,), self.link(),
            {"place": self.place, "title": self.title}, self.solve_by, "TEC-SYS-01",
        )


class FaultPaused(AboutFault):
    """Parts or a contractor are awaited; the clock of the solution stands still."""

    name: ClassVar[str] = "tech.fault.paused"
    summary: ClassVar[str] = N_("工单 {number} 暂停，等待：{note}")

    owner: str
    note: str

    def stage(self) -> str:
        return N_("待配件/外协")


class FaultResumed(AboutFault):
    """The work goes on; the clock runs from where it stood."""

    name: ClassVar[str] = "tech.fault.resumed"
    summary: ClassVar[str] = N_("工单 {number} 继续处理")

    owner: str
    solve_by: datetime | None = None

    def stage(self) -> str:
        return N_("处理中")


class FaultResolved(AboutFault):
    """The fault is mended; the reporter is asked to confirm."""

    name: ClassVar[str] = "tech.fault.resolved"
    summary: ClassVar[str] = N_("工单 {number} 修复：{note}")
    evidence: ClassVar[tuple[str, ...]] = MENDERS

    owner: str
    note: str

    def stage(self) -> str:
        return N_("待确认")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"fault:{self.number}", N_("请确认已修复：{place} {title}"), (self.reporter,), self.link(),
            {"place": self.place, "title": self.title},
        )


class FaultConfirmed(AboutFault):
    """The reporter (or time) confirmed the repair; the order is closed."""

    name: ClassVar[str] = "tech.fault.confirmed"
    summary: ClassVar[str] = N_("工单 {number} 确认修复，关闭")

    rating: int | None = None

    def stage(self) -> str:
        return N_("已关闭")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"fault:{self.number}")


class FaultReopened(AboutFault):
    """The reporter says it is not mended; priority went up one step."""

    name: ClassVar[str] = "tech.fault.reopened"
    summary: ClassVar[str] = N_("工单 {number} 未修好，重新打开：{note}")

    note: str
    holders: tuple[str, ...] = ("TEC",)

    def stage(self) -> str:
        return N_("重新处理")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"fault:{self.number}", N_("重新处理：{place} {title}"), self.holders, self.link(),
            {"place": self.place, "title": self.title}, duty="TEC-SYS-01", urgent=True,
        )


class FaultVoided(AboutFault):
    """The order was a false alarm or a duplicate and is closed with a note."""

    name: ClassVar[str] = "tech.fault.voided"
    summary: ClassVar[str] = N_("工单 {number} 作废：{note}")

    note: str

    def stage(self) -> str:
        return N_("作废")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"fault:{self.number}")


class BackupFailed(Event):
    """A backup or restore test of a system failed, or did not happen as planned; `failures` in a row."""

    name: ClassVar[str] = "tech.backup.failed"
    summary: ClassVar[str] = N_("{plan_name}：{what}失败（连续 {failures} 次）")
    evidence: ClassVar[tuple[str, ...]] = ()

    plan: str
    plan_name: str
    number: str
    what: str
    failures: int
    reason: str = ""

    @property
    def aggregate(self) -> str:
        return f"backup:{self.plan}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}", f"case:{self.plan}"]

    def link(self) -> str:
        return f"/tech/backups/{self.number}"


class PatrolRoundClosed(Event):
    """A round was walked to its end; its minutes count towards the day."""

    name: ClassVar[str] = "tech.patrol.round-closed"
    summary: ClassVar[str] = N_("巡视 {route} 一圈，计 {minutes} 分，异常 {anomalies} 处")
    evidence: ClassVar[tuple[str, ...]] = PATROLS

    number: str
    route: str
    walker: str
    on: date
    minutes: int
    day_minutes: int
    anomalies: int

    @property
    def aggregate(self) -> str:
        return f"patrol:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}", f"staff:{self.walker}"]

    def link(self) -> str:
        return f"/tech/patrols/{self.number}"


class PatrolAnomalyFound(Event):
    """A point of a round failed; a work order was opened for it."""

    name: ClassVar[str] = "tech.patrol.anomaly-found"
    summary: ClassVar[str] = N_("巡视发现异常：{point}，{note}")
    evidence: ClassVar[tuple[str, ...]] = PATROLS

    number: str
    order: str
    point: str
    note: str
    serious: bool = False

    @property
    def aggregate(self) -> str:
        return f"patrol:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}", f"case:{self.order}"]

    def link(self) -> str:
        return f"/tech/patrols/{self.number}"


class PatrolMissed(Event):
    """A person on duty walked less than the day's minutes; the head must explain it."""

    name: ClassVar[str] = "tech.patrol.missed"
    summary: ClassVar[str] = N_("{on} 巡视 {minutes} 分，不足 {required} 分")

    on: date
    walker: str
    minutes: int
    required: int = 120

    @property
    def aggregate(self) -> str:
        return f"patrol-day:{self.walker}:{self.on}"

    def sentence(self) -> str:
        return _(self.summary, on=self.on, minutes=self.minutes, required=self.required)

    def refs(self) -> Sequence[str]:
        return [f"staff:{self.walker}"]

    def link(self) -> str:
        return "/tech/patrols"
