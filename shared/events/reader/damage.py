"""Damage slips, desk mending and re-inspection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from shared.events.base import Done, Waiting
from shared.events.reader.loans import AboutItem
from shared.i18n import N_, _

MENDING = ("RDR-DSK-BAS-05", "RDR-LED-FRD-05", "RDR-CIR-OTH-05")
DESK = ("RDR-DSK", "RDR-LED")


class AboutDamage(AboutItem):
    """A damage slip: `slip` is its number."""

    slip: str
    evidence: ClassVar[tuple[str, ...]] = MENDING

    def refs(self) -> Sequence[str]:
        return [f"item:{self.barcode}", f"case:{self.slip}"]

    def link(self) -> str:
        return f"/reader/damage/{self.slip}"


class ItemDamaged(AboutDamage):
    """Damage was found; medium and heavy grades ask the workshop for a repair."""

    name: ClassVar[str] = "reader.item.damaged"
    summary: ClassVar[str] = N_("发现《{title}》破损：{kind_label}，{grade_label}")

    kind: str
    kind_label: str
    grade: str
    grade_label: str
    note: str = ""
    photo: str = ""
    holds_waiting: int = 0
    loan_id: str = ""

    def sentence(self) -> str:
        text = _(self.summary, title=self.title, kind_label=_(self.kind_label), grade_label=_(self.grade_label))
        return f"{text}；{self.note}" if self.note else text

    def stage(self) -> str:
        return N_("破损待修")


class DamageWithdrawn(AboutDamage):
    """The slip was a mistake; a job not yet taken is cancelled."""

    name: ClassVar[str] = "reader.damage.withdrawn"
    summary: ClassVar[str] = N_("破损单 {slip} 撤回：{reason}")

    reason: str = ""

    def stage(self) -> str:
        return N_("已撤回")


class ItemMended(AboutDamage):
    """Light damage was mended at the desk; a colleague re-inspects."""

    name: ClassVar[str] = "reader.item.mended"
    summary: ClassVar[str] = N_("前台修补《{title}》：{note}")

    note: str = ""
    minutes: int = 0

    def stage(self) -> str:
        return N_("待回验")


class InspectionOpened(AboutDamage):
    """A mended item waits at the desk for re-inspection."""

    name: ClassVar[str] = "reader.inspection.opened"
    summary: ClassVar[str] = N_("《{title}》待回验")
    evidence: ClassVar[tuple[str, ...]] = ()

    inspection_id: str
    round: int = 1
    mended_by: str = ""

    def stage(self) -> str:
        return N_("待回验")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"inspection:{self.slip}", N_("回验：《{title}》（{barcode}）"), DESK, "/reader/inspections",
            {"title": self.title, "barcode": self.barcode}, duty="RDR-DSK-BAS-05",
        )


class InspectionPassed(AboutDamage):
    """The mended item is sound: to the shelf, or to whoever waits for it."""

    name: ClassVar[str] = "reader.inspection.passed"
    summary: ClassVar[str] = N_("《{title}》回验合格，{next_label}")

    inspection_id: str
    next: str
    next_label: str
    note: str = ""

    def sentence(self) -> str:
        return _(self.summary, title=self.title, next_label=_(self.next_label))

    def stage(self) -> str:
        return N_("回验合格")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"inspection:{self.slip}")


class InspectionFailed(AboutDamage):
    """The repair does not hold; the item goes back to the workshop."""

    name: ClassVar[str] = "reader.inspection.failed"
    summary: ClassVar[str] = N_("《{title}》回验不合格（第 {fails} 次）：{reason}")

    inspection_id: str
    fails: int
    reason: str

    def stage(self) -> str:
        return N_("回验不合格")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"inspection:{self.slip}")


class ItemIrreparable(AboutDamage):
    """The desk enters the item in the unrepairable list (heavy damage, or two failed repairs)."""

    name: ClassVar[str] = "reader.item.irreparable"
    summary: ClassVar[str] = N_("《{title}》列入不可修清单：{reason}")

    reason: str

    def stage(self) -> str:
        return N_("无法修补")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"inspection:{self.slip}")
