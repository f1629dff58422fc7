"""Weeding seen from the shelf: what was taken for a batch, and what the shelf proposes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from shared.events.base import Done, Event, Waiting
from shared.i18n import N_

PULLING = ("RDR-STK-CST-02",)


class PulledItem(BaseModel):
    """One item of a pull list: `found`, `absent`, or `held` back, and why."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    barcode: str
    outcome: str
    why: str = ""


class AboutPull(Event):
    """The fields every fact about a pull list carries."""

    number: str
    evidence: ClassVar[tuple[str, ...]] = PULLING

    @property
    def aggregate(self) -> str:
        return f"weeding-list:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}"]

    def link(self) -> str:
        return f"/reader/weeding-pulls/{self.number}"


class WeedingPulled(AboutPull):
    """What became of a pull list, in parts; `last` when nothing of it is open any more."""

    name: ClassVar[str] = "reader.weeding.pulled"
    summary: ClassVar[str] = N_("剔旧批次 {number} 取书结果：取到 {found} 册，未找到 {absent} 册，暂留 {held} 册")

    found: int = 0
    absent: int = 0
    held: int = 0
    items: tuple[PulledItem, ...]
    last: bool = False

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}", *(f"item:{one.barcode}" for one in self.items)]

    def stage(self) -> str:
        return N_("取书完毕")

    def waiting(self) -> Iterable[Waiting | Done]:
        if self.last:
            yield Done(f"weeding-pull:{self.number}")


class WeedingSuggested(Event):
    """Somebody at the shelf thinks that these items should leave; resources look at them with their next batch."""

    name: ClassVar[str] = "reader.weeding.proposed"
    summary: ClassVar[str] = N_("读者服务部提名剔旧 {count} 册：{reason}")
    evidence: ClassVar[tuple[str, ...]] = PULLING

    count: int
    reason: str
    barcodes: tuple[str, ...]

    @property
    def aggregate(self) -> str:
        return "weeding-proposals"

    def refs(self) -> Sequence[str]:
        return [f"item:{one}" for one in self.barcodes]
