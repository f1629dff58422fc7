"""Items as stock: what they are, where they stand, when they leave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from shared.events.base import Event
from shared.i18n import N_, _

CATALOGUERS = ("RES-MGT-01", "RES-ACQ-01")
STOCK = ("RES-MGT-04",)


def disc_title(title: str) -> str:
    """What the disc of a book is called, from the book's title: it must not be taken for the book itself."""
    return f"{title}（随书光盘）"


class AboutItem(Event):
    """The fields every fact about an item carries."""

    item_id: str
    barcode: str
    title: str
    call_number: str = ""
    location: str = ""

    @property
    def aggregate(self) -> str:
        return f"item:{self.barcode}"

    def refs(self) -> Sequence[str]:
        return [f"item:{self.barcode}"]


class ItemCatalogued(AboutItem):
    """An item stands in the catalogue; reader services take it up as theirs to lend."""

    name: ClassVar[str] = "resources.item.catalogued"
    summary: ClassVar[str] = N_("《{title}》单册 {barcode} 入藏 {location_name}")
    evidence: ClassVar[tuple[str, ...]] = CATALOGUERS

    instance_id: str
    location_name: str = ""
    location_name_en: str = ""
    price_cents: int = 0
    copy_no: int = 1
    volume: str = ""
    kind: str = "book"
    use: str = "loan"
    # `in_process`: still in the workroom, lent to nobody before a batch brought it to the desk.
    life: str = "in_stock"
    # Of a disc: the very item it lies with, by id and by barcode, and how many pieces its case holds.
    book_id: str = ""
    book_barcode: str = ""
    pieces: int = 1

    def refs(self) -> Sequence[str]:
        book = [f"item:{self.book_barcode}"] if self.book_barcode else []
        return [f"item:{self.barcode}", f"instance:{self.instance_id}", *book]


class ItemRelocated(AboutItem):
    """Location, call number or copy data of an item changed."""

    name: ClassVar[str] = "resources.item.relocated"
    summary: ClassVar[str] = N_("《{title}》{barcode} 改藏 {location_name}，索书号 {call_number}")
    evidence: ClassVar[tuple[str, ...]] = STOCK

    location_name: str = ""
    location_name_en: str = ""
    use: str = "loan"


class WeedingProposed(AboutItem):
    """An item entered the weeding register and waits for a decision."""

    name: ClassVar[str] = "resources.weeding.proposed"
    summary: ClassVar[str] = N_("《{title}》{barcode} 列入剔旧清册：{reason_label}")

    number: str
    reason: str
    reason_label: str
    last_copy: bool = False

    def sentence(self) -> str:
        return _(self.summary, title=self.title, barcode=self.barcode, reason_label=_(self.reason_label))

    def refs(self) -> Sequence[str]:
        return [f"item:{self.barcode}", f"case:{self.number}"]

    def link(self) -> str:
        return f"/resources/weeding/{self.number}"

    def stage(self) -> str:
        return N_("剔旧待审")


class WeedingKept(AboutItem):
    """The candidate stays: it goes back to the desk for inspection and the shelf."""

    name: ClassVar[str] = "resources.weeding.kept"
    summary: ClassVar[str] = N_("《{title}》{barcode} 决定保留：{reason}")
    evidence: ClassVar[tuple[str, ...]] = STOCK

    number: str
    reason: str = ""

    def refs(self) -> Sequence[str]:
        return [f"item:{self.barcode}", f"case:{self.number}"]

    def link(self) -> str:
        return f"/resources/weeding/{self.number}"

    def stage(self) -> str:
        return N_("保留")


class ItemReadmitted(AboutItem):
    """An item that was given up (replaced by a copy, written off as lost, or withdrawn by mistake) is stock again."""

    name: ClassVar[str] = "resources.item.readmitted"
    summary: ClassVar[str] = N_("《{title}》{barcode} 原书重新入藏：{reason}")
    evidence: ClassVar[tuple[str, ...]] = STOCK

    number: str
    instance_id: str
    reason: str = ""

    def refs(self) -> Sequence[str]:
        return [f"item:{self.barcode}", f"case:{self.number}", f"instance:{self.instance_id}"]

    def link(self) -> str:
        return f"/resources/{'weeding' if self.number.startswith(('TJ', 'TP')) else 'losses'}/{self.number}"

    def stage(self) -> str:
        return N_("重新入藏")


class ItemWithdrawn(AboutItem):
    """An item left the stock: approved, written off, hidden from the catalogue."""

    name: ClassVar[str] = "resources.item.withdrawn"
    summary: ClassVar[str] = N_("《{title}》{barcode} 已剔除注销")
    evidence: ClassVar[tuple[str, ...]] = STOCK

    number: str
    instance_id: str
    price_cents: int = 0
    reason: str = ""
    items_left: int = 0

    def refs(self) -> Sequence[str]:
        return [f"item:{self.barcode}", f"case:{self.number}", f"instance:{self.instance_id}"]

    def link(self) -> str:
        return f"/resources/weeding/{self.number}"

    def stage(self) -> str:
        return N_("已剔除")


class ItemDigitising(AboutItem):
    """The workshop fetched the item to scan it; custody passed with it."""

    name: ClassVar[str] = "resources.item.digitising"
    summary: ClassVar[str] = N_("《{title}》{barcode} 取去数字化（{number}）")
    evidence: ClassVar[tuple[str, ...]] = ("RES-DIG-02",)

    number: str

    def refs(self) -> Sequence[str]:
        return [f"item:{self.barcode}", f"case:{self.number}"]

    def link(self) -> str:
        return f"/resources/digitisation/{self.number}"

    def stage(self) -> str:
        return N_("数字化中")


class ItemDigitised(AboutItem):
    """The item was scanned, or the ticket given up: it goes back to be shelved."""

    name: ClassVar[str] = "resources.item.digitised"
    summary: ClassVar[str] = N_("《{title}》{barcode} 数字化后送还，{pages} 页（{number}）")
    evidence: ClassVar[tuple[str, ...]] = ("RES-DIG-02",)

    number: str
    pages: int = 0

    def refs(self) -> Sequence[str]:
        return [f"item:{self.barcode}", f"case:{self.number}"]

    def link(self) -> str:
        return f"/resources/digitisation/{self.number}"

    def stage(self) -> str:
        return N_("待上架")


class ItemToBindery(AboutItem):
    """The workshop fetched a single book to have it bound anew; custody passed with it."""

    name: ClassVar[str] = "resources.item.to-bindery"
    summary: ClassVar[str] = N_("《{title}》{barcode} 取去装订（{number}）")
    evidence: ClassVar[tuple[str, ...]] = ("RES-DIG-02",)

    number: str
    reason: str = ""

    def refs(self) -> Sequence[str]:
        return [f"item:{self.barcode}", f"case:{self.number}"]

    def link(self) -> str:
        return f"/resources/binding-books/{self.number}"

    def stage(self) -> str:
        return N_("装订中")


class ItemRebound(AboutItem):
    """The book is back, bound anew or (`bound` false) as it was: it goes to be shelved."""

    name: ClassVar[str] = "resources.item.rebound"
    summary: ClassVar[str] = N_("《{title}》{barcode} 装订后送还（{number}）")
    evidence: ClassVar[tuple[str, ...]] = ("RES-DIG-02",)

    number: str
    bound: bool = True
    note: str = ""

    def sentence(self) -> str:
        if self.bound:
            return super().sentence()
        return _(N_("《{title}》{barcode} 未装送还：{note}（{number}）"), title=self.title, barcode=self.barcode, note=self.note, number=self.number)

    def refs(self) -> Sequence[str]:
        return [f"item:{self.barcode}", f"case:{self.number}"]

    def link(self) -> str:
        return f"/resources/binding-books/{self.number}"

    def stage(self) -> str:
        return N_("待上架")
