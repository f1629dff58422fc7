"""Batches of processed items on their way from the workroom to a service point."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from shared.events.base import Done, Event, Waiting
from shared.i18n import N_

HANDING = ("RES-MGT-01", "RES-ACQ-01")


class HandedItem(BaseModel):
    """A line of the list: all the desk needs to know the item, should it hear of it here first."""

    model_config = ConfigDict(frozen=True)

    item_id: str
    barcode: str
    title: str
    instance_id: str
    call_number: str = ""
    location: str = ""
    location_name: str = ""
    location_name_en: str = ""
    price_cents: int = 0
    copy_no: int = 1
    volume: str = ""
    kind: str = "book"
    use: str = "loan"
    # Of a disc, as in `ItemCatalogued`.
    book_id: str = ""
    book_barcode: str = ""
    pieces: int = 1


class AboutHandover(Event):
    """The fields every fact about a batch carries; the point is given by code and by name."""

    number: str
    point: str
    point_name: str

    @property
    def aggregate(self) -> str:
        return f"handover:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}"]

    def link(self) -> str:
        return f"/resources/handovers/{self.number}"


class ItemsHandedOver(AboutHandover):
    """A batch left for a service point; the items stay with resources until the point has counted them."""

    name: ClassVar[str] = "resources.item.handed-over"
    summary: ClassVar[str] = N_("交接单 {number} 发往{point_name}，{count} 册")
    evidence: ClassVar[tuple[str, ...]] = HANDING

    count: int
    lines: tuple[HandedItem, ...]
    sent_by: str
    due_on: date
    note: str = ""

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}", *(f"item:{line.barcode}" for line in self.lines)]

    def stage(self) -> str:
        return N_("待清点")


class HandoverSettled(AboutHandover):
    """The workroom has dealt with the differences the desk found."""

    name: ClassVar[str] = "resources.handover.settled"
    summary: ClassVar[str] = N_("交接单 {number} 的差异已处理：{note}")
    evidence: ClassVar[tuple[str, ...]] = HANDING

    note: str

    def stage(self) -> str:
        return N_("差异已处理")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"handover-dispute:{self.number}")
