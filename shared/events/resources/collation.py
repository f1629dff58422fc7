"""Items looked at once more before they leave the workroom."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import ClassVar

from shared.events.base import Done, Event, Waiting
from shared.events.resources.items import AboutItem
from shared.i18n import N_, _

CHECKING = ("RES-MGT-01",)


class CollationBegun(Event):
    """Somebody checked items on that day; stated once a day."""

    name: ClassVar[str] = "resources.collation.begun"
    summary: ClassVar[str] = N_("{day} 典校")
    evidence: ClassVar[tuple[str, ...]] = CHECKING

    person: str
    day: date

    @property
    def aggregate(self) -> str:
        return f"collation:{self.person}"

    def link(self) -> str:
        return "/resources/collation"


class CollationReturned(AboutItem):
    """Something about an item is wrong; it stays in the workroom until it is mended."""

    name: ClassVar[str] = "resources.collation.returned"
    summary: ClassVar[str] = N_("《{title}》{barcode} 典校退回：{wrong}")
    evidence: ClassVar[tuple[str, ...]] = CHECKING

    processed_by: str
    # The labels of what is wrong.
    wrong: tuple[str, ...]

    def sentence(self) -> str:
        return _(self.summary, title=self.title, barcode=self.barcode, wrong="、".join(_(one) for one in self.wrong))

    def link(self) -> str:
        return "/resources/collation"

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"collation:{self.barcode}", N_("改好典校退回的《{title}》{barcode}"), (self.processed_by,), self.link(),
            {"title": self.title, "barcode": self.barcode}, duty="RES-MGT-01",
        )


class CollationMended(AboutItem):
    """What was wrong is right; the item is looked at again."""

    name: ClassVar[str] = "resources.collation.mended"
    summary: ClassVar[str] = N_("《{title}》{barcode} 典校问题已改好")
    evidence: ClassVar[tuple[str, ...]] = CHECKING

    def link(self) -> str:
        return "/resources/collation"

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"collation:{self.barcode}")
