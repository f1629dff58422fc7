"""Titles that readers ask the house to get, by words or by waiting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from shared.events.base import Event
from shared.i18n import N_


class AboutSuggestion(Event):
    """The fields every fact about a reader's suggestion carries."""

    number: str
    card: str
    title: str

    @property
    def aggregate(self) -> str:
        return f"suggestion:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}", f"patron:{self.card}"]


class SuggestionSubmitted(AboutSuggestion):
    """A reader proposes a title; `instance_id` when the library holds it and the reader wants one more."""

    name: ClassVar[str] = "reader.suggestion.submitted"
    summary: ClassVar[str] = N_("读者荐购《{title}》（{number}）")

    author: str = ""
    publisher: str = ""
    year: str = ""
    isbn: str = ""
    reason: str = ""
    instance_id: str = ""

    def stage(self) -> str:
        return N_("已提交")


class SuggestionWithdrawn(AboutSuggestion):
    """The reader does not need it any more, before anybody decided."""

    name: ClassVar[str] = "reader.suggestion.withdrawn"
    summary: ClassVar[str] = N_("读者撤回荐购《{title}》（{number}）")

    def stage(self) -> str:
        return N_("已撤回")


class DemandUnmet(Event):
    """More readers wait for a title than its copies can serve."""

    name: ClassVar[str] = "reader.demand.unmet"
    summary: ClassVar[str] = N_("《{title}》有 {holds} 人预约，可外借 {copies} 册")
    evidence: ClassVar[tuple[str, ...]] = ()

    instance_id: str
    title: str
    author: str = ""
    publisher: str = ""
    year: str = ""
    isbn: str = ""
    holds: int
    copies: int

    @property
    def aggregate(self) -> str:
        return f"instance:{self.instance_id}"

    def refs(self) -> Sequence[str]:
        return [f"instance:{self.instance_id}"]
