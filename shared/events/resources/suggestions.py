"""What becomes of the titles readers ask for, until an order takes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import ClassVar

from shared.events.base import Done, Event, Waiting
from shared.i18n import N_, _
from shared.settings import LOCAL

DECISIONS: dict[str, str] = {"accepted": N_("采纳"), "held": N_("暂缓"), "refused": N_("不采纳")}


class AboutProposal(Event):
    """One title, whoever of the readers asked for it."""

    number: str
    title: str
    evidence: ClassVar[tuple[str, ...]] = ("RES-ACQ-02",)

    @property
    def aggregate(self) -> str:
        return f"proposal:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}"]

    def link(self) -> str:
        # A title of an on-demand pool is answered like a suggestion; its number begins with the pool's.
        return f"/resources/on-demand/offers/{self.number}" if self.number.startswith("AX") else f"/resources/suggestions/{self.number}"

    def _wait(self, until: date | None) -> Waiting:
        due = datetime.combine(until, datetime.max.time(), LOCAL) if until else None
        return Waiting(
            f"proposal:{self.number}", N_("答复荐购：《{title}》"), ("RES-ACQ",), self.link(), {"title": self.title}, due, "RES-ACQ-02",
        )


class SuggestionChecked(AboutProposal):
    """A reader's wish was looked up and joined to the case of its title; `wish` is empty when demand opened it.

    `votes` readers ask for it; `record` holds `copies`; `coming` is the title on its way already.
    """

    name: ClassVar[str] = "resources.suggestion.checked"
    summary: ClassVar[str] = N_("荐购《{title}》已查重：{votes} 人推荐，在藏 {copies} 册")
    evidence: ClassVar[tuple[str, ...]] = ()

    wish: str = ""
    votes: int = 1
    copies: int = 0
    record: str = ""
    coming: str = ""
    answer_by: date | None = None

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}", *([f"case:{self.wish}"] if self.wish else [])]

    def stage(self) -> str:
        return N_("已查重，待答复")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield self._wait(self.answer_by)


class SuggestionDecided(AboutProposal):
    """Accepted, held or refused, with the reason, for all the wishes named.

    `title_no` is the wanted title that was made or joined, `progress` how far that one is.
    """

    name: ClassVar[str] = "resources.suggestion.decided"
    summary: ClassVar[str] = N_("荐购《{title}》{decision_label}：{reason}")

    wishes: tuple[str, ...] = ()
    decision: str
    reason: str = ""
    title_no: str = ""
    progress: str = ""
    answer_by: date | None = None

    def sentence(self) -> str:
        label = _(DECISIONS.get(self.decision, self.decision))
        text = _(self.summary, title=self.title, decision_label=label, reason=self.reason)
        return text if self.reason else text.rstrip("：: ")

    def refs(self) -> Sequence[str]:
        return [f"case:{number}" for number in (self.number, self.title_no, *self.wishes) if number]

    def stage(self) -> str:
        return DECISIONS.get(self.decision, self.decision)

    def waiting(self) -> Iterable[Waiting | Done]:
        yield self._wait(self.answer_by) if self.decision == "held" else Done(f"proposal:{self.number}")


class SuggestionDropped(AboutProposal):
    """Nobody asks for it any more."""

    name: ClassVar[str] = "resources.suggestion.dropped"
    summary: ClassVar[str] = N_("荐购《{title}》已由读者全部撤回")
    evidence: ClassVar[tuple[str, ...]] = ()

    def stage(self) -> str:
        return N_("读者已撤回")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"proposal:{self.number}")
