"""Weeding batches: what reader services are asked to take from the shelves, and when the asking is over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from shared.events.base import Done, Event, Waiting
from shared.i18n import N_

PULLERS = ("RDR-STK", "RDR-LED", "RDR-DSK", "RDR-CIR")


class ListedItem(BaseModel):
    """One item of a pull list, as it is called where it stands; `discs` are the barcodes of what lies with it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    item_id: str
    barcode: str
    title: str
    call_number: str = ""
    location: str = ""
    reason: str = ""
    reason_label: str = ""
    discs: tuple[str, ...] = ()


class AboutWeedingList(Event):
    """The fields every fact about a batch carries."""

    number: str
    title: str
    evidence: ClassVar[tuple[str, ...]] = ("RES-MGT-04",)

    @property
    def aggregate(self) -> str:
        return f"weeding-list:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}"]


class WeedingPullListed(AboutWeedingList):
    """Items to be taken from the shelves; long lists come in parts of which `total` counts all."""

    name: ClassVar[str] = "resources.weeding.pull-listed"
    summary: ClassVar[str] = N_("剔旧批次 {number}（{title}）下发取书清单 {total} 册")

    total: int
    due_on: date | None = None
    items: tuple[ListedItem, ...]

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}", *(f"item:{one.barcode}" for one in self.items)]

    def link(self) -> str:
        return f"/reader/weeding-pulls/{self.number}"

    def stage(self) -> str:
        return N_("剔旧取书")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"weeding-pull:{self.number}", N_("到架上取剔旧清单的书（{number}，{total} 册）"), PULLERS, self.link(),
            {"number": self.number, "total": self.total}, duty="RDR-STK-CST-02",
        )


class WeedingPullEnded(AboutWeedingList):
    """The batch was given up before everything was taken: nothing more is to be pulled."""

    name: ClassVar[str] = "resources.weeding.pull-ended"
    summary: ClassVar[str] = N_("剔旧批次 {number} 不再取书：{reason}")

    reason: str = ""

    def link(self) -> str:
        return f"/reader/weeding-pulls/{self.number}"

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"weeding-pull:{self.number}")
