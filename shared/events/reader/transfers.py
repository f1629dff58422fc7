"""Transfer lists (调拨): items that move to another location for good."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from shared.events.base import Done, Event, Waiting
from shared.events.reader.loans import AboutItem
from shared.i18n import N_
from shared.settings import LOCAL

MOVING = ("RDR-LED-FRD-06", "RDR-STK-CST-03")
DESK = ("RDR-LED", "RDR-DSK", "RDR-STK")
HEADS = ("RDR-LED", "head-reader")


class AboutTransfer(Event):
    """The fields every fact about a transfer list carries; points are given by code and by name."""

    number: str
    origin: str
    origin_name: str
    to: str
    to_name: str
    location: str
    location_name: str
    evidence: ClassVar[tuple[str, ...]] = MOVING

    @property
    def aggregate(self) -> str:
        return f"transfer:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}"]

    def link(self) -> str:
        return f"/reader/transfers/{self.number}"


class TransferSubmitted(AboutTransfer):
    """A list is complete and waits for the word of another person; its books stand where they stood."""

    name: ClassVar[str] = "reader.transfer.submitted"
    summary: ClassVar[str] = N_("调拨单 {number} 提交审批：{count} 册，从{origin_name}到{to_name}（{location_name}）")

    count: int
    submitted_by: str
    purpose: str = ""

    def stage(self) -> str:
        return N_("调拨待审批")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"transfer:{self.number}", N_("审批调拨单 {number}（{origin_name} → {to_name}，{count} 册）"), HEADS, self.link(),
            {"number": self.number, "origin_name": self.origin_name, "to_name": self.to_name, "count": self.count},
            duty="RDR-LED-FRD-06",
        )


class TransferApproved(AboutTransfer):
    """Another person than the maker allowed the list; from now on its books are fetched and scanned out."""

    name: ClassVar[str] = "reader.transfer.approved"
    summary: ClassVar[str] = N_("调拨单 {number} 已批准：{count} 册，从{origin_name}到{to_name}")

    count: int

    def stage(self) -> str:
        return N_("调拨待装箱")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"transfer:{self.number}", N_("装箱发出调拨单 {number}（{origin_name} → {to_name}，{count} 册）"), DESK, self.link(),
            {"number": self.number, "origin_name": self.origin_name, "to_name": self.to_name, "count": self.count},
            duty="RDR-LED-FRD-06",
        )


class TransferSentBack(AboutTransfer):
    """Another person than the maker wants the list changed."""

    name: ClassVar[str] = "reader.transfer.sent-back"
    summary: ClassVar[str] = N_("调拨单 {number} 退回修改：{reason}")

    reason: str
    submitted_by: str

    def stage(self) -> str:
        return N_("调拨退回")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"transfer:{self.number}", N_("修改被退回的调拨单 {number}"), (self.submitted_by,), self.link(),
            {"number": self.number}, duty="RDR-LED-FRD-06",
        )


class TransferCancelled(AboutTransfer):
    """Nothing leaves; what was in the box is back on its shelf."""

    name: ClassVar[str] = "reader.transfer.cancelled"
    summary: ClassVar[str] = N_("调拨单 {number} 作废")

    def stage(self) -> str:
        return N_("调拨作废")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"transfer:{self.number}")


class TransferSent(AboutTransfer):
    """The books left; the sender answers for them until they are scanned at the other end."""

    name: ClassVar[str] = "reader.transfer.sent"
    summary: ClassVar[str] = N_("调拨单 {number}：{count} 册从{origin_name}发往{to_name}（{location_name}），{due_on} 前应到")

    count: int
    barcodes: tuple[str, ...]
    due_on: date

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}", *(f"item:{barcode}" for barcode in self.barcodes)]

    def stage(self) -> str:
        return N_("调拨途中")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"transfer:{self.number}", N_("接收调拨单 {number}（{origin_name} → {to_name}，{count} 册）"), DESK, self.link(),
            {"number": self.number, "origin_name": self.origin_name, "to_name": self.to_name, "count": self.count},
            datetime.combine(self.due_on, time.max, LOCAL), "RDR-LED-FRD-06",
        )


class TransferClosed(AboutTransfer):
    """The list is done: everything came, or what did not is looked for as missing."""

    name: ClassVar[str] = "reader.transfer.closed"
    summary: ClassVar[str] = N_("调拨单 {number} 结单：发 {sent} 册，收 {received} 册，未到 {missing} 册")

    sent: int
    received: int
    missing: int
    missing_barcodes: tuple[str, ...] = ()
    reason: str = ""

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}", *(f"item:{barcode}" for barcode in self.missing_barcodes)]

    def stage(self) -> str:
        return N_("有差异") if self.missing else N_("已收清")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"transfer:{self.number}")


class ItemTransferred(AboutItem):
    """An item was received at its new location; its master data follow at resources."""

    name: ClassVar[str] = "reader.item.transferred"
    summary: ClassVar[str] = N_("《{title}》从{from_name}调拨到{location}")
    evidence: ClassVar[tuple[str, ...]] = MOVING

    number: str
    item_id: str
    from_location: str
    from_name: str
    to_location: str

    def refs(self) -> Sequence[str]:
        return [f"item:{self.barcode}", f"case:{self.number}"]

    def link(self) -> str:
        return f"/reader/transfers/{self.number}"


class ListedItems(BaseModel):
    """A list the desk made of a plan, with what it will fetch."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    number: str
    origin: str
    barcodes: tuple[str, ...]


class NotFetched(BaseModel):
    """An item that stays, and why in words."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    barcode: str
    why: str


class TransferPlanTakenUp(Event):
    """The desk made its lists of a plan that resources approved; what it cannot fetch now stays."""

    name: ClassVar[str] = "reader.transfer-plan.taken-up"
    summary: ClassVar[str] = N_("调拨计划 {number}：服务台列单 {count} 册，{refused_count} 册不能取")
    evidence: ClassVar[tuple[str, ...]] = MOVING

    number: str
    count: int
    refused_count: int = 0
    lists: tuple[ListedItems, ...] = ()
    refused: tuple[NotFetched, ...] = ()

    @property
    def aggregate(self) -> str:
        return f"transfer-plan:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}", *(f"case:{one.number}" for one in self.lists)]

    def link(self) -> str:
        return f"/resources/transfer-plans/{self.number}"

    def stage(self) -> str:
        return N_("服务台已列单")
