"""How often a title that could be bought on demand was used; never by whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from shared.events.base import Event
from shared.i18n import N_


class OfferUsed(Event):
    """So many different readers have used or asked for the title by now; `wish` is the one that was just made, or taken back."""

    name: ClassVar[str] = "reader.demand.used"
    summary: ClassVar[str] = N_("《{title}》按需采购：{requests} 人使用，其中教师 {teachers} 人")
    evidence: ClassVar[tuple[str, ...]] = ()

    offer: str
    pool: str
    title: str
    requests: int
    teachers: int = 0
    wish: str = ""
    withdrawn: bool = False

    @property
    def aggregate(self) -> str:
        return f"offer:{self.offer}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.offer}", f"case:{self.pool}", *([f"case:{self.wish}"] if self.wish else [])]

    def link(self) -> str:
        return f"/reader/on-demand/{self.offer}"
