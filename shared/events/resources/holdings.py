"""The stock in numbers: the monthly report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from shared.events.base import Event
from shared.i18n import N_


class HoldingsSum(BaseModel):
    """The month of one location, or of the whole house where the location is empty; flows in copies, value in fen."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    location: str = ""
    titles: int
    copies: int
    value_cents: int
    opening: int
    added: int = 0
    moved_in: int = 0
    moved_out: int = 0
    withdrawn: int = 0
    lost: int = 0


class HoldingsReported(Event):
    """A month's holdings report was handed in; it does not change any more."""

    name: ClassVar[str] = "resources.holdings.reported"
    summary: ClassVar[str] = N_("{period} 典藏统计月报已上报（{number}）")
    evidence: ClassVar[tuple[str, ...]] = ("RES-MGT-04",)

    number: str
    period: str
    total: HoldingsSum
    locations: tuple[HoldingsSum, ...] = ()
    # Places in which the sums and the items disagreed; explained in the report.
    differences: int = 0
    handed_in_on: date

    @property
    def aggregate(self) -> str:
        return f"holdings:{self.period}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}"]

    def link(self) -> str:
        return f"/resources/holdings/{self.number}"

    def stage(self) -> str:
        return N_("已上报")
