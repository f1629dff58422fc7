"""What reader services tell the house: patrons, loans, holds, charges, damage, re-inspection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import ClassVar

from shared.events.base import Done, Event, Waiting
from shared.i18n import N_, _

LENDING = ("RDR-DSK-BAS-02", "RDR-LED-FRD-03", "RDR-CIR-OTH-05")
HOLDING = ("RDR-LED-FRD-01", "RDR-DSK-BAS-02")
MONEY = ("RDR-DSK-BAS-04", "RDR-LED-FRD-03")
MENDING = ("RDR-DSK-BAS-05", "RDR-LED-FRD-05", "RDR-CIR-OTH-05")
DESK = ("RDR-DSK", "RDR-LED")


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

    @property
    def aggregate(self) -> str:
        return f"patron:{self.card}"

    def sentence(self) -> str:
        return _(self.summary, card=self.card, state_label=_(self.state_label))

    def refs(self) -> Sequence[str]:
        return [f"patron:{self.card}"]


class AboutItem(Event):
    """The fields every fact about an item carries."""

    barcode: str
    title: str
    call_number: str = ""
    location: str = ""
    instance_id: str = ""

    @property
    def aggregate(self) -> str:
        return f"item:{self.barcode}"

    def refs(self) -> Sequence[str]:
        return [f"item:{self.barcode}"]

    def link(self) -> str:
        return f"/reader/items/{self.barcode}"


class ItemLent(AboutItem):
    """An item left the house with a patron; the strip was switched off."""

    name: ClassVar[str] = "reader.item.lent"
    summary: ClassVar[str] = N_("《{title}》借出，应还 {due_on}")
    evidence: ClassVar[tuple[str, ...]] = LENDING

    loan_id: str
    card: str
    due_on: date

    def refs(self) -> Sequence[str]:
        return [f"item:{self.barcode}", f"patron:{self.card}"]

    def stage(self) -> str:
        return N_("借出")


class ItemReturned(AboutItem):
    """An item came back over the desk."""

    name: ClassVar[str] = "reader.item.returned"
    summary: ClassVar[str] = N_("《{title}》归还")
    evidence: ClassVar[tuple[str, ...]] = LENDING

    loan_id: str = ""
    card: str = ""
    overdue_days: int = 0
    fine_cents: int = 0
    next: str = "shelve"

    def refs(self) -> Sequence[str]:
        return [f"item:{self.barcode}", *([f"patron:{self.card}"] if self.card else [])]

    def stage(self) -> str:
        return N_("已归还")


class LoanRenewed(AboutItem):
    """A loan got a later due date."""

    name: ClassVar[str] = "reader.loan.renewed"
    summary: ClassVar[str] = N_("《{title}》续借至 {due_on}")
    evidence: ClassVar[tuple[str, ...]] = LENDING

    loan_id: str
    card: str
    due_on: date

    def refs(self) -> Sequence[str]:
        return [f"item:{self.barcode}", f"patron:{self.card}"]


class LoanUndone(AboutItem):
    """A loan was a slip of the hand and is recorded as undone; the book never left."""

    name: ClassVar[str] = "reader.loan.undone"
    summary: ClassVar[str] = N_("撤销借出《{title}》")

    loan_id: str
    card: str

    def refs(self) -> Sequence[str]:
        return [f"item:{self.barcode}", f"patron:{self.card}"]


class ReturnUndone(AboutItem):
    """A return was a slip of the hand; the loan goes on with its old due date."""

    name: ClassVar[str] = "reader.return.undone"
    summary: ClassVar[str] = N_("撤销归还《{title}》，仍应还 {due_on}")

    loan_id: str
    card: str
    due_on: date

    def refs(self) -> Sequence[str]:
        return [f"item:{self.barcode}", f"patron:{self.card}"]

    def stage(self) -> str:
        return N_("借出")


class LoanReminded(AboutItem):
    """A patron is reminded: `days` is negative before the due date and counts overdue days after it."""

    name: ClassVar[str] = "reader.loan.reminded"
    summary: ClassVar[str] = N_("催还《{title}》，应还 {due_on}")

    loan_id: str
    card: str
    due_on: date
    days: int

    def refs(self) -> Sequence[str]:
        return [f"item:{self.barcode}", f"patron:{self.card}"]


class ItemShelved(AboutItem):
    """An item stands on its shelf again and can be lent."""

    name: ClassVar[str] = "reader.item.shelved"
    summary: ClassVar[str] = N_("《{title}》已上架 {location}")
    evidence: ClassVar[tuple[str, ...]] = ("RDR-CIR-OTH-04", "RDR-LED-RRM-03", "RDR-CIR-BAS-03")

    def stage(self) -> str:
        return N_("在架")


class ChargeMade(Event):
    """A patron owes money."""

    name: ClassVar[str] = "reader.charge.made"
    summary: ClassVar[str] = N_("计收 {kind_label} {yuan} 元")
    evidence: ClassVar[tuple[str, ...]] = MONEY

    charge_id: str
    card: str
    kind: str
    kind_label: str
    amount_cents: int
    barcode: str = ""

    @property
    def aggregate(self) -> str:
        return f"patron:{self.card}"

    def sentence(self) -> str:
        return _(self.summary, kind_label=_(self.kind_label), yuan=f"{self.amount_cents / 100:.2f}")

    def refs(self) -> Sequence[str]:
        return [f"patron:{self.card}", *([f"item:{self.barcode}"] if self.barcode else [])]


class ChargeSettled(Event):
    """A charge was paid or waived; the receipt number proves it."""

    name: ClassVar[str] = "reader.charge.settled"
    summary: ClassVar[str] = N_("{how_label} {yuan} 元，收据 {receipt}")
    evidence: ClassVar[tuple[str, ...]] = MONEY

    charge_id: str
    card: str
    how: str
    how_label: str
    amount_cents: int
    receipt: str

    @property
    def aggregate(self) -> str:
        return f"patron:{self.card}"

    def sentence(self) -> str:
        return _(
            self.summary, how_label=_(self.how_label), yuan=f"{self.amount_cents / 100:.2f}",
            receipt=self.receipt,
        )

    def refs(self) -> Sequence[str]:
        return [f"patron:{self.card}"]


class AboutHold(Event):
    """The fields every fact about a hold carries."""

    hold_id: str
    card: str
    instance_id: str
    title: str
    evidence: ClassVar[tuple[str, ...]] = ()

    @property
    def aggregate(self) -> str:
        return f"hold:{self.hold_id}"

    def refs(self) -> Sequence[str]:
        return [f"instance:{self.instance_id}", f"patron:{self.card}"]


class HoldPlaced(AboutHold):
    """A patron waits for a title."""

    name: ClassVar[str] = "reader.hold.placed"
    summary: ClassVar[str] = N_("预约《{title}》，排第 {position} 位")

    position: int


class HoldReady(AboutHold):
    """The item stands on the hold shelf; the patron is told and has until `until`."""

    name: ClassVar[str] = "reader.hold.ready"
    summary: ClassVar[str] = N_("《{title}》{barcode} 到预约架 {shelf}，留至 {until}")
    evidence: ClassVar[tuple[str, ...]] = HOLDING

    barcode: str
    shelf: str
    until: date

    def refs(self) -> Sequence[str]:
        return [f"item:{self.barcode}", f"instance:{self.instance_id}", f"patron:{self.card}"]

    def stage(self) -> str:
        return N_("预约架")


class HoldPostponed(AboutHold):
    """An item that stood ready cannot be given after all; the patron waits on at the old turn."""

    name: ClassVar[str] = "reader.hold.postponed"
    summary: ClassVar[str] = N_("《{title}》暂不能取（{reason}），恢复排队第 {position} 位")

    barcode: str
    reason: str
    position: int

    def sentence(self) -> str:
        return _(self.summary, title=self.title, reason=_(self.reason), position=self.position)

    def refs(self) -> Sequence[str]:
        return [f"item:{self.barcode}", f"instance:{self.instance_id}", f"patron:{self.card}"]


class HoldEnded(AboutHold):
    """A hold was filled, cancelled, or ran out."""

    name: ClassVar[str] = "reader.hold.ended"
    summary: ClassVar[str] = N_("预约《{title}》结束：{how_label}")

    how: str
    how_label: str
    barcode: str = ""

    def sentence(self) -> str:
        return _(self.summary, title=self.title, how_label=_(self.how_label))

    def refs(self) -> Sequence[str]:
        found = [f"instance:{self.instance_id}", f"patron:{self.card}"]
        return [*found, f"item:{self.barcode}"] if self.barcode else found


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
