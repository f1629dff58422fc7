"""Foreign titles that are bought when readers use them: offered, wanted often enough, and no longer offered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from pydantic import BaseModel

from shared.events.base import Event
from shared.i18n import N_, _


class OfferedTitle(BaseModel):
    """One title of a pool, by the facts readers see."""

    number: str
    title: str
    author: str = ""
    publisher: str = ""
    year: str = ""
    isbn: str = ""
    subject: str = ""


class AboutPool(Event):
    """The pool a fact is about."""

    evidence: ClassVar[tuple[str, ...]] = ("RES-ACQ-02",)

    pool: str

    @property
    def aggregate(self) -> str:
        return f"pool:{self.pool}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.pool}"]

    def link(self) -> str:
        return f"/resources/on-demand/{self.pool}"


class TitlesOffered(AboutPool):
    """Titles of a pool that may be asked for until a day; a large pool comes in several."""

    name: ClassVar[str] = "resources.demand.offered"
    summary: ClassVar[str] = N_("按需采购池 {pool} 提供 {n} 种，{ends_on} 截止")

    ends_on: date
    offers: tuple[OfferedTitle, ...]

    def sentence(self) -> str:
        return _(self.summary, pool=self.pool, n=len(self.offers), ends_on=self.ends_on)


class DemandMet(AboutPool):
    """A title was used as often as the rule asks: wanted from now on, before a person, or held already."""

    name: ClassVar[str] = "resources.demand.met"
    summary: ClassVar[str] = N_("《{title}》达到按需采购条件：{requests} 人使用")

    offer: str
    title: str
    requests: int
    teachers: int = 0
    outcome: str
    title_no: str = ""

    def refs(self) -> Sequence[str]:
        return [f"case:{one}" for one in (self.pool, self.offer, self.title_no) if one]


class OffersClosed(AboutPool):
    """These titles are no longer on offer: bought, refused, withdrawn, or the pool has ended."""

    name: ClassVar[str] = "resources.demand.closed"
    summary: ClassVar[str] = N_("按需采购池 {pool}：{n} 种{outcome_label}")
    evidence: ClassVar[tuple[str, ...]] = ()

    offers: tuple[str, ...]
    outcome: str
    outcome_label: str

    def sentence(self) -> str:
        return _(self.summary, pool=self.pool, n=len(self.offers), outcome_label=_(self.outcome_label))
