"""Items on their way between service points."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from shared.events.reader.loans import AboutItem
from shared.i18n import N_, _

LEADING = ("RDR-LED-FRD-01",)


class AboutTransit(AboutItem):
    """A transit slip: `number` is printed on it, the points are given by code and by name."""

    number: str
    origin: str
    to: str
    origin_name: str
    to_name: str
    evidence: ClassVar[tuple[str, ...]] = LEADING

    def refs(self) -> Sequence[str]:
        return [f"item:{self.barcode}", f"case:{self.number}"]

    def link(self) -> str:
        return f"/reader/transit/{self.number}"


class ItemSent(AboutTransit):
    """An item was put into the box for another service point."""

    name: ClassVar[str] = "reader.item.sent"
    summary: ClassVar[str] = N_("《{title}》从{origin_name}送往{to_name}：{why_label}，{due_on} 前应到")

    why: str
    why_label: str
    due_on: date
    hold_id: str = ""

    def sentence(self) -> str:
        return _(
            self.summary, title=self.title, origin_name=self.origin_name, to_name=self.to_name,
            why_label=_(self.why_label), due_on=self.due_on,
        )

    def stage(self) -> str:
        return N_("通借途中")


class ItemArrived(AboutTransit):
    """The item was scanned at a service point, its journey is over; `late_days` counts beyond the target."""

    name: ClassVar[str] = "reader.item.arrived"
    summary: ClassVar[str] = N_("《{title}》到达{at_name}")

    at: str
    at_name: str
    late_days: int = 0
    hold_id: str = ""

    def stage(self) -> str:
        return N_("已到达")


class ItemLostInTransit(AboutTransit):
    """The item never came; it is looked for as missing."""

    name: ClassVar[str] = "reader.item.lost-in-transit"
    summary: ClassVar[str] = N_("《{title}》在{origin_name}至{to_name}途中未见：{reason}")

    reason: str

    def stage(self) -> str:
        return N_("清点未见")
