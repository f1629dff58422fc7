"""Patrons who wait for a title."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from shared.events.base import Event
from shared.i18n import N_, _

HOLDING = ("RDR-LED-FRD-01", "RDR-DSK-BAS-02")


class AboutHold(Event):
    """The fields every fact about a hold carries."""

    hold_id: str
    card: str
    instance_id: str
    title: str
    evidence: ClassVar[tuple[str, ...]] = ()

    @property
    def aggregate(self) -> str:
        return f"hold:{self.hold_id}"

    def refs(self) -> Sequence[str]:
        return [f"instance:{self.instance_id}", f"patron:{self.card}"]


class HoldPlaced(AboutHold):
    """A patron waits for a title."""

    name: ClassVar[str] = "reader.hold.placed"
    summary: ClassVar[str] = N_("预约《{title}》，排第 {position} 位")

    position: int
    pickup: str = ""
    barcode: str = ""


class HoldMoved(AboutHold):
    """The head of the point changed the order of a queue, with a reason the patron may read."""

    name: ClassVar[str] = "reader.hold.moved"
    summary: ClassVar[str] = N_("预约《{title}》由第 {was} 位调整到第 {position} 位：{reason}")
    evidence: ClassVar[tuple[str, ...]] = HOLDING

    was: int
    position: int
    reason: str

    def link(self) -> str:
        return f"/reader/holds/titles/{self.instance_id}"


class HoldRetargeted(AboutHold):
    """The head of the point let it wait for another copy or edition; the reason is kept."""

    name: ClassVar[str] = "reader.hold.retargeted"
    summary: ClassVar[str] = N_("预约《{from_title}》改等《{title}》{barcode}，排第 {position} 位：{reason}")
    evidence: ClassVar[tuple[str, ...]] = HOLDING

    from_instance: str
    from_title: str
    barcode: str = ""
    position: int
    reason: str

    def refs(self) -> Sequence[str]:
        found = dict.fromkeys([f"instance:{self.instance_id}", f"instance:{self.from_instance}"])
        return [*found, f"patron:{self.card}", *([f"item:{self.barcode}"] if self.barcode else [])]

    def link(self) -> str:
        return f"/reader/holds/titles/{self.instance_id}"


class HoldRedirected(AboutHold):
    """The patron (or the desk for them) chose another pickup point while waiting."""

    name: ClassVar[str] = "reader.hold.redirected"
    summary: ClassVar[str] = N_("预约《{title}》改到 {pickup} 取书")

    pickup: str


class AboutErrand(Event):
    """Somebody goes to the shelves for an item that is awaited, or does not go after all."""

    barcode: str
    title: str
    instance_id: str
    evidence: ClassVar[tuple[str, ...]] = ()

    @property
    def aggregate(self) -> str:
        return f"item:{self.barcode}"

    def refs(self) -> Sequence[str]:
        return [f"item:{self.barcode}"]

    def link(self) -> str:
        return "/reader/holds?tab=fetch"

    @property
    def topic(self) -> str:
        return "reader.holds"


class ErrandTaken(AboutErrand):
    """I go and get it: so no second person looks for the book."""

    name: ClassVar[str] = "reader.errand.taken"
    summary: ClassVar[str] = N_("去取《{title}》{barcode}")


class ErrandGivenUp(AboutErrand):
    """Somebody else may go."""

    name: ClassVar[str] = "reader.errand.given-up"
    summary: ClassVar[str] = N_("不去取《{title}》{barcode} 了")


class HoldPaused(AboutHold):
    """The hold keeps its place but takes no item until a day; without a day it takes part again."""

    name: ClassVar[str] = "reader.hold.paused"
    summary: ClassVar[str] = N_("预约《{title}》暂停至 {until}")

    until: date | None = None

    def sentence(self) -> str:
        if self.until is None:
            return _(N_("预约《{title}》恢复排队"), title=self.title)
        return super().sentence()


class HoldReady(AboutHold):
    """The item stands on the hold shelf; the patron is told and has until `until`."""

    name: ClassVar[str] = "reader.hold.ready"
    summary: ClassVar[str] = N_("《{title}》{barcode} 到预约架 {shelf}，留至 {until}")
    evidence: ClassVar[tuple[str, ...]] = HOLDING

    barcode: str
    shelf: str
    until: date
    point: str = ""

    def refs(self) -> Sequence[str]:
        return [f"item:{self.barcode}", f"instance:{self.instance_id}", f"patron:{self.card}"]

    def stage(self) -> str:
        return N_("预约架")


class HoldEnded(AboutHold):
    """A hold was filled, cancelled, or ran out."""

    name: ClassVar[str] = "reader.hold.ended"
    summary: ClassVar[str] = N_("预约《{title}》结束：{how_label}")

    how: str
    how_label: str
    barcode: str = ""

    def sentence(self) -> str:
        return _(self.summary, title=self.title, how_label=_(self.how_label))

    def refs(self) -> Sequence[str]:
        found = [f"instance:{self.instance_id}", f"patron:{self.card}"]
        return [*found, f"item:{self.barcode}"] if self.barcode else found


class HoldPostponed(AboutHold):
    """An item that stood ready cannot be given after all; the patron waits on at the old turn."""

    name: ClassVar[str] = "reader.hold.postponed"
    summary: ClassVar[str] = N_("《{title}》暂不能取（{reason}），恢复排队第 {position} 位")

    barcode: str
    reason: str
    position: int

    def sentence(self) -> str:
        return _(self.summary, title=self.title, reason=_(self.reason), position=self.position)

    def refs(self) -> Sequence[str]:
        return [f"item:{self.barcode}", f"instance:{self.instance_id}", f"patron:{self.card}"]
