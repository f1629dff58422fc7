"""A student leaves the university: what the library says about it, and the proof that links were cut."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import ClassVar

from shared.events.base import Done, Event, Waiting
from shared.i18n import N_

DESK = ("RDR-DSK", "RDR-LED")
DUTIES = ("RDR-DSK-BAS-04",)


class AboutClearance(Event):
    """A clearance: `number` is ours, `student_case` the institute's (empty when nobody there asked)."""

    number: str
    student_case: str = ""
    card: str
    evidence: ClassVar[tuple[str, ...]] = DUTIES

    @property
    def aggregate(self) -> str:
        return f"clearance:{self.number}"

    def refs(self) -> Sequence[str]:
        cases = [f"case:{one}" for one in (self.number, self.student_case) if one]
        return [*cases, f"patron:{self.card}"]

    def link(self) -> str:
        return f"/reader/clearances/{self.number}"


class ClearanceOpened(AboutClearance):
    """Something is still open on the card of somebody who leaves; the desk settles it with them."""

    name: ClassVar[str] = "reader.clearance.opened"
    summary: ClassVar[str] = N_("离校清理 {number}：在借 {loans} 册、预约 {holds} 项、欠费 {yuan} 元")
    evidence: ClassVar[tuple[str, ...]] = ()

    loans: int
    holds: int
    yuan: str
    leaving_on: date

    def stage(self) -> str:
        return N_("待清理")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"clearance:{self.number}", N_("离校清理：读者证 {card}，{leaving_on} 前"), DESK, self.link(),
            {"card": self.card, "leaving_on": self.leaving_on.isoformat()}, duty="RDR-DSK-BAS-04",
        )


class ClearanceGranted(AboutClearance):
    """Nothing is open any more: the library lets the student go."""

    name: ClassVar[str] = "reader.clearance.granted"
    summary: ClassVar[str] = N_("离校清理 {number} 通过")

    def stage(self) -> str:
        return N_("已清")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"clearance:{self.number}")


class ClearanceRevoked(AboutClearance):
    """A new loan or debt appeared before the card was closed: the word is taken back."""

    name: ClassVar[str] = "reader.clearance.revoked"
    summary: ClassVar[str] = N_("离校清理 {number} 撤回：又有在借 {loans} 册、预约 {holds} 项、欠费 {yuan} 元")

    loans: int
    holds: int
    yuan: str

    def stage(self) -> str:
        return N_("撤回待清")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"clearance:{self.number}", N_("离校清理被撤回：读者证 {card}"), DESK, self.link(),
            {"card": self.card}, duty="RDR-DSK-BAS-04", urgent=True,
        )


class ClearanceClosed(AboutClearance):
    """The card is closed; from here on nothing can be revoked."""

    name: ClassVar[str] = "reader.clearance.closed"
    summary: ClassVar[str] = N_("离校清理 {number}：读者证已注销")

    def stage(self) -> str:
        return N_("已注销")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"clearance:{self.number}")


class ClearanceCancelled(AboutClearance):
    """The person stays after all."""

    name: ClassVar[str] = "reader.clearance.cancelled"
    summary: ClassVar[str] = N_("离校清理 {number} 取消")

    def stage(self) -> str:
        return N_("已取消")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"clearance:{self.number}")


class LoanLinksCut(Event):
    """Loans were cut off from the people who had them: how many, returned until when."""

    name: ClassVar[str] = "reader.loan-links.cut"
    summary: ClassVar[str] = N_("已断开 {count} 条借阅与读者的联系（{until} 前归还）")

    count: int
    until: date
