"""Items that leave the house and come back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from shared.events.base import Event
from shared.i18n import N_

LENDING = ("RDR-DSK-BAS-02", "RDR-LED-FRD-03", "RDR-CIR-OTH-05")


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


class ItemBarcodeReplaced(AboutItem):
    """A worn barcode gave way to a new one; the former one goes on answering for the item."""

    name: ClassVar[str] = "reader.item.barcode-replaced"
    summary: ClassVar[str] = N_("《{title}》更换条码 {former} → {barcode}")
    evidence: ClassVar[tuple[str, ...]] = ("RDR-DSK-BAS-05", "RDR-CIR-OTH-05")

    item_id: str
    former: str

    def refs(self) -> Sequence[str]:
        return [f"item:{self.barcode}", f"item:{self.former}"]


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


class ItemShelved(AboutItem):
    """An item stands on its shelf again and can be lent."""

    name: ClassVar[str] = "reader.item.shelved"
    summary: ClassVar[str] = N_("《{title}》已上架 {location}")
    evidence: ClassVar[tuple[str, ...]] = ("RDR-CIR-OTH-04", "RDR-LED-RRM-03", "RDR-CIR-BAS-03")

    def stage(self) -> str:
        return N_("在架")


class LoanUndone(AboutItem):
    """A loan was a slip of the hand and is recorded as undone; the book never left."""

    name: ClassVar[str] = "reader.loan.undone"
    summary: ClassVar[str] = N_("撤销借出《{title}》")

    loan_id: str
    card: str

    def refs(self) -> Sequence[str]:
        return [f"item:{self.barcode}", f"patron:{self.card}"]


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


class RenewalUndone(AboutItem):
    """A renewal was a slip of the hand; the former due date holds again."""

    name: ClassVar[str] = "reader.renewal.undone"
    summary: ClassVar[str] = N_("撤销续借《{title}》，仍应还 {due_on}")

    loan_id: str
    card: str
    due_on: date

    def refs(self) -> Sequence[str]:
        return [f"item:{self.barcode}", f"patron:{self.card}"]


class LoanRecalled(AboutItem):
    """Somebody else needs the item: the loan is due sooner, and its patron is told."""

    name: ClassVar[str] = "reader.loan.recalled"
    summary: ClassVar[str] = N_("召回《{title}》，应还日由 {due_before} 提前至 {due_on}")
    evidence: ClassVar[tuple[str, ...]] = ("RDR-LED-FRD-01",)

    loan_id: str
    card: str
    due_before: date
    due_on: date
    reason: str = ""

    def refs(self) -> Sequence[str]:
        return [f"item:{self.barcode}", f"patron:{self.card}"]
