"""What makes two titles the same, and what was found out about one. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.resources.acquiring.desiderata.model import TitleState
from services.resources.cataloguing.marc.isbn import isbn13
from services.resources.cataloguing.marc.matching import normal
from shared.i18n import N_, _
from shared.states import Choice


class Verdict(Choice):
    """The most important of what was found."""

    new = "new", N_("未见"), "success"
    same_title = "same_title", N_("有同名书"), "info"
    suggested = "suggested", N_("读者荐购中"), "accent"
    coming = "coming", N_("已在采购"), "warning"
    held = "held", N_("在藏"), "danger"


@dataclass(frozen=True, slots=True)
class Title:
    """What is looked up; `isbn` is 13 digits or empty."""

    title: str
    author: str = ""
    isbn: str = ""

    @property
    def key(self) -> str:
        """The same for two proposals of one book: the number, or title and author where there is none."""
        return self.isbn or f"t:{normal(self.title)}|{normal(self.author)}"


@dataclass(frozen=True, slots=True)
class Known:
    """What the house knows of a title: copies of the `record`, the title on its way, readers who ask."""

    record: str = ""
    copies: int = 0
    coming: str = ""
    coming_state: str = ""
    case: str = ""
    votes: int = 0
    same: int = 0

    @property
    def verdict(self) -> Verdict:
        """In one word."""
        if self.copies:
            return Verdict.held
        if self.coming:
            return Verdict.coming
        if self.votes:
            return Verdict.suggested
        return Verdict.same_title if self.same else Verdict.new

    @property
    def text(self) -> str:
        """In one line."""
        said = []
        if self.record:
            said.append(_(N_("在藏 {n} 册（{record}）"), n=self.copies, record=self.record))
        if self.coming:
            said.append(f"{TitleState(self.coming_state).text} {self.coming}")
        if self.votes:
            said.append(_(N_("{n} 位读者荐购"), n=self.votes))
        if self.same:
            said.append(_(N_("同名 {n} 种"), n=self.same))
        return "；".join(said) or Verdict.new.text

    def as_json(self) -> dict[str, Any]:
        """On the wire."""
        return {
            "verdict": self.verdict.value, "record": self.record, "copies": self.copies, "coming": self.coming,
            "coming_state": self.coming_state, "suggestion": self.case, "votes": self.votes, "same_title": self.same,
            "text": self.text,
        }


def title_of(title: str, author: str = "", isbn: str = "") -> Title:
    """As it is looked up, from what somebody wrote."""
    return Title(title.strip(), author.strip(), isbn13(isbn))
