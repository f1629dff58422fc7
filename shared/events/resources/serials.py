"""Newspapers and journals as they are bought: what is subscribed to, what is claimed, what comes after all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from shared.events.base import Event
from shared.i18n import N_, _

SERIALS = ("RES-ACQ-01",)


class SerialSubscribed(Event):
    """A subscription is in force from one day to another; whoever keeps the racks awaits its issues."""

    name: ClassVar[str] = "resources.serial.subscribed"
    summary: ClassVar[str] = N_("订《{title}》{copies} 份，{from_on} 至 {to_on}")
    evidence: ClassVar[tuple[str, ...]] = SERIALS

    number: str
    title: str
    title_en: str = ""
    kind: str
    foreign: bool = False
    issn: str = ""
    cn: str = ""
    post_code: str = ""
    supplier: str = ""
    copies: int
    from_on: date
    to_on: date
    renews: str = ""

    @property
    def aggregate(self) -> str:
        return f"subscriptions:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}"]

    def link(self) -> str:
        return f"/resources/subscriptions/{self.number}"


class SerialUnsubscribed(Event):
    """A subscription ends before its last day; nothing later is awaited."""

    name: ClassVar[str] = "resources.serial.unsubscribed"
    summary: ClassVar[str] = N_("停订《{title}》，至 {to_on}：{reason}")
    evidence: ClassVar[tuple[str, ...]] = SERIALS

    number: str
    title: str
    to_on: date
    reason: str = ""

    @property
    def aggregate(self) -> str:
        return f"subscriptions:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}"]

    def link(self) -> str:
        return f"/resources/subscriptions/{self.number}"


class AboutClaim(Event):
    """A claim of one missing issue: `title_number` and `issue` are the reading room's, `number` is the claim's."""

    evidence: ClassVar[tuple[str, ...]] = SERIALS

    number: str
    title_number: str
    title: str
    issue: str
    label: str

    @property
    def aggregate(self) -> str:
        return f"serial-claims:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}", f"case:{self.title_number}"]

    def link(self) -> str:
        return f"/resources/serial-claims/{self.number}"


class SerialClaimed(AboutClaim):
    """The supplier was asked (`round`), or answered: `step` is claimed, promised, refused, credited or withdrawn."""

    name: ClassVar[str] = "resources.serial.claimed"
    summary: ClassVar[str] = N_("《{title}》{label}：{step_label}")

    step: str
    step_label: str
    round: int = 0
    promised_on: date | None = None
    credit_cents: int = 0
    answer: str = ""

    def sentence(self) -> str:
        return _(self.summary, title=self.title, label=self.label, step_label=_(self.step_label, n=self.round))

    def stage(self) -> str:
        return N_("催缺")


class IssueOnTheWay(BaseModel):
    """One issue of a delivery."""

    model_config = ConfigDict(frozen=True)

    title_number: str
    title: str
    issue: str
    label: str
    copies: int = 1


class SerialDelivered(Event):
    """Issues that were missing have come to the buyers and are on their way to the racks: the expected list."""

    name: ClassVar[str] = "resources.serial.delivered"
    summary: ClassVar[str] = N_("补寄到 {count} 期，转报刊阅览室（{supplier}）")
    evidence: ClassVar[tuple[str, ...]] = SERIALS

    number: str
    supplier: str = ""
    count: int
    issues: tuple[IssueOnTheWay, ...]

    @property
    def aggregate(self) -> str:
        return f"serial-claims:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}", *(f"case:{one.title_number}" for one in self.issues)]

    def link(self) -> str:
        return f"/resources/serial-claims/{self.number}"

    def stage(self) -> str:
        return N_("补寄在途")
