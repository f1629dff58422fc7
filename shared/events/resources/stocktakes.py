"""Stock-takes (清点): who counted, what was not there, what is there again, and how it ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from shared.events.base import Done, Event, Waiting
from shared.i18n import N_

# Whoever holds the shelf counts; resources keep the books.
COUNTING = ("RES-MGT-01", "RES-MGT-04", "RDR-STK-CST-01")
KEEPING = ("RES-MGT-04",)
SEEKERS = ("RDR-LED", "RDR-DSK", "RDR-CIR", "RDR-STK")


class SoughtItem(BaseModel):
    """One item of a list of missing or found ones; as it is called where it stands."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    item_id: str
    barcode: str
    title: str
    call_number: str = ""
    location: str = ""


class AboutStocktake(Event):
    """The fields every fact about a stock-take carries."""

    number: str
    evidence: ClassVar[tuple[str, ...]] = KEEPING

    @property
    def aggregate(self) -> str:
        return f"stocktake:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}"]

    def link(self) -> str:
        return f"/resources/stocktakes/{self.number}"


class StocktakeCounted(AboutStocktake):
    """Somebody counts on this day: told once for each person and day, with the first scan or file of theirs."""

    name: ClassVar[str] = "resources.stocktake.counted"
    summary: ClassVar[str] = N_("参加清点 {number}（{day}，{place}）")
    evidence: ClassVar[tuple[str, ...]] = COUNTING

    title: str
    day: date
    place: str = ""
    count: int = 1


class ItemsMissing(AboutStocktake):
    """A stock-take did not find these; long lists come in parts of which `total` counts all."""

    name: ClassVar[str] = "resources.items.missing"
    summary: ClassVar[str] = N_("清点 {number} 未见 {total} 册，转服务台查找")

    total: int
    items: tuple[SoughtItem, ...]

    def refs(self) -> Sequence[str]:
        return [*([f"case:{self.number}"] if self.number else []), *(f"item:{one.barcode}" for one in self.items)]

    def link(self) -> str:
        return f"/resources/missing?q={self.number}" if self.number else "/resources/missing"

    def stage(self) -> str:
        return N_("清点未见")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"missing:{self.number}", N_("到架上查找清点未见的书（清点 {number}，{total} 册）"), SEEKERS, self.link(),
            {"number": self.number, "total": self.total}, duty="RDR-STK-CST-01",
        )


class ItemsFound(AboutStocktake):
    """Items that were looked for are there again."""

    name: ClassVar[str] = "resources.items.found"
    summary: ClassVar[str] = N_("清点未见的书已找到（{number}）")
    evidence: ClassVar[tuple[str, ...]] = COUNTING

    items: tuple[SoughtItem, ...]

    def refs(self) -> Sequence[str]:
        return [*([f"case:{self.number}"] if self.number else []), *(f"item:{one.barcode}" for one in self.items)]

    def stage(self) -> str:
        return N_("已找到")


class StocktakeClosed(AboutStocktake):
    """A second person closed the books: what was expected, what was there, and what was not.

    `lost_permyriad` is the share of the expected that is missing, in ten-thousandths.
    """

    name: ClassVar[str] = "resources.stocktake.closed"
    summary: ClassVar[str] = N_("清点 {number} 结案：应有 {expected} 册，见到 {seen} 册，借出或在办 {away} 册，未见 {missing} 册")

    title: str
    expected: int
    seen: int
    away: int
    missing: int
    misplaced: int = 0
    unexpected: int = 0
    lost_permyriad: int = 0
    locations: tuple[str, ...] = ()

    def stage(self) -> str:
        return N_("清点结案")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"missing:{self.number}")
