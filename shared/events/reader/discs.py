"""Accompanying discs: what came back waits for its check, and how the check ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from shared.events.base import Done, Waiting
from shared.events.reader.loans import AboutItem
from shared.i18n import N_, _

DISCS = ("RDR-CIR-MMD-04",)
HANDS = ("RDR-CIR", "RDR-DSK", "RDR-LED")


class AboutDiscCheck(AboutItem):
    """The check of a returned disc: `number` is the check's."""

    evidence: ClassVar[tuple[str, ...]] = DISCS

    number: str

    def refs(self) -> Sequence[str]:
        return [f"item:{self.barcode}", f"case:{self.number}"]

    def link(self) -> str:
        return f"/reader/discs/checks/{self.number}"

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"disc-check:{self.number}")


class DiscCheckOpened(AboutDiscCheck):
    """A disc came back and cannot be lent before somebody has looked at it."""

    name: ClassVar[str] = "reader.disc-check.opened"
    summary: ClassVar[str] = N_("光盘《{title}》归还，待验盘")
    evidence: ClassVar[tuple[str, ...]] = ()

    came: str = "desk"

    def stage(self) -> str:
        return N_("待验盘")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"disc-check:{self.number}", N_("验盘：《{title}》（{barcode}）"), HANDS, self.link(),
            {"title": self.title, "barcode": self.barcode}, duty=DISCS[0],
        )


class DiscCheckPassed(AboutDiscCheck):
    """Surface, reading, case and count are as they should be."""

    name: ClassVar[str] = "reader.disc-check.passed"
    summary: ClassVar[str] = N_("光盘《{title}》验盘合格，{next_label}")

    next: str
    next_label: str

    def sentence(self) -> str:
        return _(self.summary, title=self.title, next_label=_(self.next_label))

    def stage(self) -> str:
        return N_("验盘合格")


class DiscCheckFailed(AboutDiscCheck):
    """The disc is spoilt or not there; `slip` or `loss` goes on from here, `amount_cents` was charged."""

    name: ClassVar[str] = "reader.disc-check.failed"
    summary: ClassVar[str] = N_("光盘《{title}》验盘不合格：{state_label}")

    state: str
    state_label: str
    slip: str = ""
    loss: str = ""
    amount_cents: int = 0

    def sentence(self) -> str:
        return _(self.summary, title=self.title, state_label=_(self.state_label))

    def stage(self) -> str:
        return N_("验盘不合格")


class DiscCheckDropped(AboutDiscCheck):
    """There is nothing to check any more: the return was undone, or the disc is out again."""

    name: ClassVar[str] = "reader.disc-check.dropped"
    summary: ClassVar[str] = N_("光盘《{title}》不再待验：{reason}")
    evidence: ClassVar[tuple[str, ...]] = ()

    reason: str

    def sentence(self) -> str:
        return _(self.summary, title=self.title, reason=_(self.reason))
