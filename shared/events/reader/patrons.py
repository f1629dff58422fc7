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
