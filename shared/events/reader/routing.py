"""Serials on their way from station to station before they stand on the rack."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import ClassVar

from shared.events.base import Done, Event, Waiting
from shared.events.reader.serials import RACKS
from shared.i18n import N_, _

ROOMS = ("RDR-CIR", "RDR-STK", "RDR-LED")


class AboutSlip(Event):
    """A slip: `number` is the title's; `holder` a colleague's number; no reader is named."""

    evidence: ClassVar[tuple[str, ...]] = RACKS

    slip: str
    number: str
    title: str
    issue: str
    label: str
    subscription: str = ""

    @property
    def aggregate(self) -> str:
        return f"routing:{self.slip}"

    def refs(self) -> Sequence[str]:
        holder = getattr(self, "holder", "")
        return [
            f"case:{self.slip}", f"case:{self.number}", *([f"case:{self.subscription}"] if self.subscription else []),
            *([f"staff:{holder}"] if holder else []),
        ]

    def link(self) -> str:
        return f"/reader/routing/slips/{self.slip}"


class RoutingPassed(AboutSlip):
    """It goes to a station (the first, or the next); `position` 0 means home: every station has had it."""

    name: ClassVar[str] = "reader.serial.routed"
    summary: ClassVar[str] = N_("《{title}》{label}传阅：送第 {position} 站，共 {of} 站")

    position: int
    of: int
    due_on: date
    place: str = ""
    holder: str = ""

    def sentence(self) -> str:
        if not self.position:
            return _(N_("《{title}》{label}传阅完毕，待收回"), title=self.title, label=self.label)
        return super().sentence()

    def stage(self) -> str:
        return N_("传阅中") if self.position else N_("传毕待收回")

    def waiting(self) -> Iterable[Waiting | Done]:
        key, params = f"routing:{self.slip}", {"title": self.title, "label": self.label}
        if not self.position:
            yield Waiting(key, N_("《{title}》{label}传阅完毕，请收回上架"), ROOMS, self.link(), params, duty=RACKS[1])
        elif self.holder:
            yield Waiting(key, N_("《{title}》{label}传阅到您，请阅后传下一站"), (self.holder,), self.link(), params)
        else:
            yield Done(key)


class RoutingOverdue(AboutSlip):
    """A station keeps an issue beyond its days."""

    name: ClassVar[str] = "reader.serial.routing-overdue"
    summary: ClassVar[str] = N_("《{title}》{label}传阅超期 {days} 天")

    position: int
    days: int
    place: str = ""
    holder: str = ""

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"routing:{self.slip}", N_("《{title}》{label}传阅超期，请催传或跳过"), (*ROOMS, *([self.holder] if self.holder else [])), self.link(),
            {"title": self.title, "label": self.label}, urgent=True,
        )


class RoutingEnded(AboutSlip):
    """The round is over: back, recalled, lost on the way, or void with the arrival that was undone."""

    name: ClassVar[str] = "reader.serial.routing-ended"
    summary: ClassVar[str] = N_("《{title}》{label}：{outcome_label}")

    outcome: str
    outcome_label: str

    def sentence(self) -> str:
        return _(self.summary, title=self.title, label=self.label, outcome_label=_(self.outcome_label))

    def stage(self) -> str:
        return self.outcome_label

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"routing:{self.slip}")
