"""Who may use the library, and in what state their cards are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from shared.events.base import Event
from shared.i18n import N_, _


class PatronRegistered(Event):
    """A patron may use the library; no name travels, only the card and the category."""

    name: ClassVar[str] = "reader.patron.registered"
    summary: ClassVar[str] = N_("读者证 {card} 开通（{category}）")
    evidence: ClassVar[tuple[str, ...]] = ("RDR-LED-FRD-03", "RDR-DSK-BAS-04")

    card: str
    category: str
    login: str = ""

    @property
    def aggregate(self) -> str:
        return f"patron:{self.card}"

    def refs(self) -> Sequence[str]:
        return [f"patron:{self.card}"]


class CardStateChanged(Event):
    """A card was blocked, unblocked, suspended or closed."""

    name: ClassVar[str] = "reader.card.state-changed"
    summary: ClassVar[str] = N_("读者证 {card} 状态改为“{state_label}”")
    evidence: ClassVar[tuple[str, ...]] = ("RDR-DSK-BAS-04", "RDR-LED-FRD-03")

    card: str
    state: str
    state_label: str
    reason: str = ""
    # What was done: report_loss, unblock, suspend, resume, close, reopen; empty for a new last day.
    action: str = ""

    @property
    def aggregate(self) -> str:
        return f"patron:{self.card}"

    def sentence(self) -> str:
        return _(self.summary, card=self.card, state_label=_(self.state_label))

    def refs(self) -> Sequence[str]:
        return [f"patron:{self.card}"]


CARDS = ("RDR-DSK-BAS-04", "RDR-LED-FRD-03")


class PatronChanged(Event):
    """The record of a patron was changed; only the category travels, because rules hang on it."""

    name: ClassVar[str] = "reader.patron.changed"
    summary: ClassVar[str] = N_("读者证 {card} 的资料已更新")
    evidence: ClassVar[tuple[str, ...]] = CARDS

    card: str
    category: str

    @property
    def aggregate(self) -> str:
        return f"patron:{self.card}"

    def refs(self) -> Sequence[str]:
        return [f"patron:{self.card}"]


class CardReissued(Event):
    """A patron has another card; loans, holds and charges stay, the old number is dead for ever."""

    name: ClassVar[str] = "reader.card.reissued"
    summary: ClassVar[str] = N_("补证：{old_card} 换为 {card}")
    evidence: ClassVar[tuple[str, ...]] = CARDS

    old_card: str
    card: str
    category: str
    state: str
    fee_cents: int = 0

    @property
    def aggregate(self) -> str:
        return f"patron:{self.card}"

    def refs(self) -> Sequence[str]:
        return [f"patron:{self.card}", f"patron:{self.old_card}"]


class OrientationPassed(Event):
    """The induction test is passed: borrowing opens the same day."""

    name: ClassVar[str] = "reader.orientation.passed"
    summary: ClassVar[str] = N_("读者证 {card} 入馆教育通过，开通借书")
    evidence: ClassVar[tuple[str, ...]] = ("RDR-LED-FRD-03",)

    card: str

    @property
    def aggregate(self) -> str:
        return f"patron:{self.card}"

    def refs(self) -> Sequence[str]:
        return [f"patron:{self.card}"]


class OrientationWithdrawn(Event):
    """A pass was a mistake: nothing more is lent until the induction test is passed again."""

    name: ClassVar[str] = "reader.orientation.withdrawn"
    summary: ClassVar[str] = N_("读者证 {card} 入馆教育通过已撤回，暂停借书")
    evidence: ClassVar[tuple[str, ...]] = ("RDR-LED-FRD-03",)

    card: str

    @property
    def aggregate(self) -> str:
        return f"patron:{self.card}"

    def refs(self) -> Sequence[str]:
        return [f"patron:{self.card}"]


class CardFileApplied(Event):
    """A file of the card centre was taken up; only numbers travel."""

    name: ClassVar[str] = "reader.card-file.applied"
    summary: ClassVar[str] = N_("校园卡文件 {number}：新增 {inserted}，更改 {change}，离校 {leave}，拒绝 {refused}")
    evidence: ClassVar[tuple[str, ...]] = ("RDR-LED-FRD-03",)

    number: str
    inserted: int
    change: int
    loss: int
    leave: int
    same: int
    refused: int

    @property
    def aggregate(self) -> str:
        return f"card-file:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}"]

    def link(self) -> str:
        return f"/reader/card-files/{self.number}"
