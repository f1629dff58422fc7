"""Binding: what the workshop tells of the bundles it was given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from shared.events.base import Done, Event, Waiting
from shared.i18n import N_

BINDING = ("RES-DIG-02",)


class AboutSet(Event):
    """`number` is the workshop's, `bundle` and `batch` are the reading room's, `title_number` the serial's."""

    evidence: ClassVar[tuple[str, ...]] = BINDING

    number: str
    bundle: str
    batch: str
    title_number: str
    title: str
    label: str

    @property
    def aggregate(self) -> str:
        return f"binding-set:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}", f"case:{self.bundle}", f"case:{self.batch}"]

    def link(self) -> str:
        return f"/resources/binding-sets/{self.number}"


class BindingReceived(AboutSet):
    """The workshop counted the bundle in: it has it now."""

    name: ClassVar[str] = "resources.binding.received"
    summary: ClassVar[str] = N_("工场点收待装《{title}》{label}，{counted} 期")

    counted: int

    def stage(self) -> str:
        return N_("工场已点收")


class BindingSentBack(AboutSet):
    """The bundle goes back unbound: it differed from its slip, or the binder found it wanting."""

    name: ClassVar[str] = "resources.binding.sent-back"
    summary: ClassVar[str] = N_("退回待装《{title}》{label}：{reason}")

    reason: str

    def stage(self) -> str:
        return N_("退回途中")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"binding-back:{self.bundle}", N_("收回未装的《{title}》{label}"), ("RDR-STK",), f"/reader/backissues/bundles/{self.bundle}",
            {"title": self.title, "label": self.label}, duty="RDR-STK-BCK-02",
        )


class BindingCompleted(AboutSet):
    """The bound volume is an item of the serial's record; it comes to the reading room with a handover batch."""

    name: ClassVar[str] = "resources.binding.completed"
    summary: ClassVar[str] = N_("《{title}》{label} 装订入藏，条码 {barcode}，索书号 {call_number}")

    item_id: str
    barcode: str
    instance_id: str
    call_number: str
    location: str
    value_cents: int = 0
    round: int = 1

    def refs(self) -> Sequence[str]:
        return [*super().refs(), f"item:{self.barcode}", f"instance:{self.instance_id}"]

    def stage(self) -> str:
        return N_("合订本已入藏")
