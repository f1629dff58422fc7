"""What else happens at the desk: reading on the spot, consents, and scans made without a network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import ClassVar

from shared.events.base import Done, Event, Waiting
from shared.events.reader.loans import LENDING, AboutItem
from shared.i18n import N_, _


class ItemUsedInHouse(AboutItem):
    """An item was read in the house; `card` only where the collection asks who reads."""

    name: ClassVar[str] = "reader.item.used"
    summary: ClassVar[str] = N_("《{title}》馆内阅览")
    evidence: ClassVar[tuple[str, ...]] = LENDING

    card: str = ""

    def refs(self) -> Sequence[str]:
        return [f"item:{self.barcode}", *([f"patron:{self.card}"] if self.card else [])]

    def stage(self) -> str:
        return N_("馆内阅览")


class AboutConsent(Event):
    """A patron lets another one fetch books in their name."""

    number: str
    principal: str
    delegate: str

    @property
    def aggregate(self) -> str:
        return f"consent:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}", f"patron:{self.principal}", f"patron:{self.delegate}"]

    def link(self) -> str:
        return f"/reader/consents?q={self.number}"


class ConsentGiven(AboutConsent):
    """The consent holds until a day, on paper or from the patron's own account."""

    name: ClassVar[str] = "reader.consent.given"
    summary: ClassVar[str] = N_("委托借书 {number}，至 {until}")

    until: date
    paper: str = ""


class ConsentRevoked(AboutConsent):
    """Nobody fetches books in the patron's name any more."""

    name: ClassVar[str] = "reader.consent.revoked"
    summary: ClassVar[str] = N_("撤回委托借书 {number}")


class OfflineReplayed(Event):
    """A device sent what was scanned without a network; what the desk must look at is counted."""

    name: ClassVar[str] = "reader.offline.replayed"
    summary: ClassVar[str] = N_("离线扫描补录 {number}：{done} 条已办，{open} 条待核")
    evidence: ClassVar[tuple[str, ...]] = LENDING

    number: str
    device: str
    done: int
    open: int

    @property
    def aggregate(self) -> str:
        return f"offline:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}"]

    def link(self) -> str:
        return f"/reader/offline/batches/{self.number}"

    def waiting(self) -> Iterable[Waiting | Done]:
        key = f"offline:{self.number}"
        if not self.open:
            yield Done(key)
            return
        yield Waiting(
            key, N_("离线补录 {number} 有 {open} 条待核"), ("RDR-DSK", "RDR-LED", "RDR-CIR"), self.link(),
            {"number": self.number, "open": self.open}, None, "RDR-DSK-BAS-02",
        )


class OfflineSettled(Event):
    """Every conflict of a batch has been decided by a person."""

    name: ClassVar[str] = "reader.offline.settled"
    summary: ClassVar[str] = N_("离线补录 {number} 已全部核完")
    evidence: ClassVar[tuple[str, ...]] = LENDING

    number: str

    @property
    def aggregate(self) -> str:
        return f"offline:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}"]

    def link(self) -> str:
        return f"/reader/offline/batches/{self.number}"

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"offline:{self.number}")


class TerminalChanged(Event):
    """A self-check machine was set up otherwise, came on the line or left it: who watches them sees it at once."""

    name: ClassVar[str] = "reader.terminal.changed"
    summary: ClassVar[str] = N_("自助终端 {terminal}：{how_label}")

    terminal_id: str
    terminal: str
    how: str
    how_label: str

    @property
    def aggregate(self) -> str:
        return f"terminal:{self.terminal_id}"

    def sentence(self) -> str:
        return _(self.summary, terminal=self.terminal, how_label=_(self.how_label))

    def link(self) -> str:
        return f"/reader/terminals/{self.terminal_id}"
