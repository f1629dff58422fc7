"""What the house thinks of its stock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from shared.events.base import Event
from shared.i18n import N_


class ClassGrade(BaseModel):
    """One class: `grade` is expand, keep, shrink, relocate or weed; `zero` are copies nobody touched."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    clc: str
    grade: str
    titles: int = 0
    copies: int = 0
    loans: int = 0
    zero: int = 0


class EvaluationPublished(Event):
    """A collection evaluation was released; it does not change any more. Counts are of the period `first` to `last`."""

    name: ClassVar[str] = "resources.evaluation.published"
    summary: ClassVar[str] = N_("馆藏评价《{title}》已发布（{number}）")
    evidence: ClassVar[tuple[str, ...]] = ("RES-MGT-03",)

    number: str
    title: str
    first: date
    last: date
    # What it is limited to; empty when the whole house was looked at.
    location: str = ""
    clc: str = ""
    carrier: str = "all"
    copies: int
    added: int = 0
    loans: int = 0
    requests: int = 0
    suggested: int = 0
    # internal, or readers when everybody may read it.
    audience: str = "internal"
    conclusion: str = ""
    grades: tuple[ClassGrade, ...] = ()

    @property
    def aggregate(self) -> str:
        return f"evaluation:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}"]

    def link(self) -> str:
        return f"/resources/published-evaluations/{self.number}" if self.audience == "readers" else f"/resources/evaluations/{self.number}"

    def stage(self) -> str:
        return N_("已发布")
