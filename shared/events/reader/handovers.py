"""Batches of new items as the desk receives them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from shared.events.base import Done, Event, Waiting
from shared.i18n import N_
from shared.settings import LOCAL

RECEIVING = ("RDR-LED-FRD-02",)
DESK = ("RDR-LED", "RDR-DSK")


class CountedItem(BaseModel):
    """A line that was found as listed."""

    model_config = ConfigDict(frozen=True)

    item_id: str
    barcode: str


class ReturnedItem(CountedItem):
    """A line that goes back, and why."""

    verdict: str
    verdict_label: str
    note: str = ""


class ExtraItem(BaseModel):
    """A book in the box that is not on the list; `other` is the batch that lists it, if one does."""

    model_config = ConfigDict(frozen=True)

    barcode: str
    title: str = ""
    other: str = ""


class AboutReceiving(Event):
    """The fields every fact about a received batch carries."""

    number: str
    point: str
    point_name: str

    @property
    def aggregate(self) -> str:
        return f"handover:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}"]

    def link(self) -> str:
        return f"/reader/handovers/{self.number}"


class HandoverAwaited(AboutReceiving):
    """The batch stands on the list of its point; `due_on` is counted in the open working days there."""

    name: ClassVar[str] = "reader.handover.awaited"
    summary: ClassVar[str] = N_("{point_name}待清点交接单 {number}，{count} 册，{due_on} 前完成")

    count: int
    due_on: date

    def stage(self) -> str:
        return N_("待清点")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"handover:{self.number}", N_("清点交接单 {number}（{point_name}，{count} 册）"), DESK, self.link(),
            {"number": self.number, "point_name": self.point_name, "count": self.count},
            datetime.combine(self.due_on, time.max, LOCAL), "RDR-LED-FRD-02",
        )


class HandoverConfirmed(AboutReceiving):
    """Every book was there as listed; reader services keep them from now on."""

    name: ClassVar[str] = "reader.handover.confirmed"
    summary: ClassVar[str] = N_("{point_name}接收交接单 {number}，{count} 册相符")
    evidence: ClassVar[tuple[str, ...]] = RECEIVING

    count: int
    accepted: tuple[CountedItem, ...]
    received_by: str
    late_days: int = 0

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}", *(f"item:{line.barcode}" for line in self.accepted)]

    def stage(self) -> str:
        return N_("已接收")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"handover:{self.number}")


class HandoverDisputed(AboutReceiving):
    """The box differs from the list: what was right stays, the rest goes back to be processed."""

    name: ClassVar[str] = "reader.handover.disputed"
    summary: ClassVar[str] = N_("{point_name}对交接单 {number} 提出差异：收 {count} 册，退 {back} 册，多 {more} 册")
    evidence: ClassVar[tuple[str, ...]] = RECEIVING

    count: int
    back: int
    more: int
    accepted: tuple[CountedItem, ...]
    returned: tuple[ReturnedItem, ...]
    extras: tuple[ExtraItem, ...] = ()
    received_by: str
    note: str = ""
    late_days: int = 0

    def refs(self) -> Sequence[str]:
        lines = (*self.accepted, *self.returned)
        return [f"case:{self.number}", *(f"item:{line.barcode}" for line in lines)]

    def stage(self) -> str:
        return N_("有差异")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"handover:{self.number}")
        yield Waiting(
            f"handover-dispute:{self.number}", N_("处理交接差异 {number}（{point_name}：退 {back} 册，多 {more} 册）"),
            ("RES-MGT",), f"/resources/handovers/{self.number}",
            {"number": self.number, "point_name": self.point_name, "back": self.back, "more": self.more},
            duty="RES-MGT-01",
        )
