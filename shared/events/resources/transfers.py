"""Planned transfers: resources decide what moves, the desk moves it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from shared.events.base import Event
from shared.i18n import N_


class PlannedItem(BaseModel):
    """An item that is to move, and where it stood when it was planned."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    item_id: str
    barcode: str
    from_location: str


class AboutPlan(Event):
    """The fields every fact about a plan carries."""

    number: str
    title: str
    location: str
    location_name: str
    count: int
    evidence: ClassVar[tuple[str, ...]] = ("RES-MGT-04",)

    @property
    def aggregate(self) -> str:
        return f"transfer-plan:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}"]

    def link(self) -> str:
        return f"/resources/transfer-plans/{self.number}"


class TransferPlanned(AboutPlan):
    """A plan was approved by another person than made it; the desk fetches the items from now on."""

    name: ClassVar[str] = "resources.transfer.planned"
    summary: ClassVar[str] = N_("调拨计划《{title}》已批准：{count} 册调往{location_name}")

    location_name_en: str = ""
    reason: str = ""
    made_by: str
    approved_by: str
    approved_at: datetime
    items: tuple[PlannedItem, ...]

    def stage(self) -> str:
        return N_("调拨已批准")


class TransferPlanClosed(AboutPlan):
    """Every item of a plan arrived, stayed, or is looked for."""

    name: ClassVar[str] = "resources.transfer.plan-closed"
    summary: ClassVar[str] = N_("调拨计划《{title}》结案：{count} 册，收到 {received} 册，未到 {missing} 册，未调 {stayed} 册")

    received: int
    missing: int = 0
    stayed: int = 0

    def stage(self) -> str:
        return N_("有差异") if self.missing or self.stayed else N_("已收清")
