"""What resource development tells the house: records, items, repairs, weeding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from shared.events.base import Done, Event, Waiting
from shared.i18n import N_, _

CATALOGUERS = ("RES-MGT-01", "RES-ACQ-01")
WORKSHOP = ("RES-DIG-02",)
STOCK = ("RES-MGT-04",)


class Bibliographic(Event):
    """The fields every fact about a bibliographic record carries, so that nobody asks back."""

    instance_id: str
    number: str
    title: str
    title_rest: str = ""
    other_titles: tuple[str, ...] = ()
    responsibility: str = ""
    authors: tuple[str, ...] = ()
    publisher: str = ""
    place: str = ""
    year: int | None = None
    edition: str = ""
    extent: str = ""
    series: tuple[str, ...] = ()
    isbns: tuple[str, ...] = ()
    issns: tuple[str, ...] = ()
    language: str = ""
    subjects: tuple[str, ...] = ()
    clc: str = ""
    call_number: str = ""
    material: str = "book"
    summary_text: str = ""

    @property
    def aggregate(self) -> str:
        return f"instance:{self.instance_id}"

    def refs(self) -> Sequence[str]:
        return [f"instance:{self.instance_id}"]

    def link(self) -> str:
        return f"/resources/records/{self.number}"


class RecordAdded(Bibliographic):
    """A bibliographic record entered the catalogue."""

    name: ClassVar[str] = "resources.record.added"
    summary: ClassVar[str] = N_("入库书目《{title}》")
    evidence: ClassVar[tuple[str, ...]] = CATALOGUERS


class RecordChanged(Bibliographic):
    """A bibliographic record was corrected; carries the whole new projection."""

    name: ClassVar[str] = "resources.record.changed"
    summary: ClassVar[str] = N_("更正书目《{title}》")
    evidence: ClassVar[tuple[str, ...]] = CATALOGUERS


class RecordSuppressed(Event):
    """A record no longer shows to patrons (last item withdrawn, or suppressed by hand)."""

    name: ClassVar[str] = "resources.record.suppressed"
    summary: ClassVar[str] = N_("《{title}》不再对读者显示：{reason}")
    evidence: ClassVar[tuple[str, ...]] = CATALOGUERS

    instance_id: str
    title: str
    reason: str

    @property
    def aggregate(self) -> str:
        return f"instance:{self.instance_id}"

    def refs(self) -> Sequence[str]:
        return [f"instance:{self.instance_id}"]


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

    def refs(self) -> Sequence[str]:
        return [f"item:{self.barcode}", f"instance:{self.instance_id}"]


class ItemRelocated(AboutItem):
    """Location, call number or copy data of an item changed."""

    name: ClassVar[str] = "resources.item.relocated"
    summary: ClassVar[str] = N_("《{title}》{barcode} 改藏 {location_name}，索书号 {call_number}")
    evidence: ClassVar[tuple[str, ...]] = STOCK

    location_name: str = ""
    location_name_en: str = ""
    use: str = "loan"


class AboutRepair(AboutItem):
    """A repair job: `number` is the job, `slip` the damage slip it answers."""

    number: str
    slip: str
    evidence: ClassVar[tuple[str, ...]] = WORKSHOP

    def refs(self) -> Sequence[str]:
        return [f"item:{self.barcode}", f"case:{self.number}", f"case:{self.slip}"]

    def link(self) -> str:
        return f"/resources/repairs/{self.number}"


class RepairOpened(AboutRepair):
    """The workshop has the job on its list."""

    name: ClassVar[str] = "resources.repair.opened"
    summary: ClassVar[str] = N_("修补工单 {number} 已立：《{title}》")
    evidence: ClassVar[tuple[str, ...]] = ()

    kind: str
    grade: str
    holds_waiting: int = 0
    target_days: int = 10

    def stage(self) -> str:
        return N_("待修补")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"repair:{self.number}", N_("待修补：《{title}》（{barcode}）"), ("RES-DIG",), self.link(),
            {"title": self.title, "barcode": self.barcode}, duty="RES-DIG-02",
            urgent=self.holds_waiting > 0,
        )


class RepairStarted(AboutRepair):
    """The workshop took the item to its bench; custody passed with it."""

    name: ClassVar[str] = "resources.repair.started"
    summary: ClassVar[str] = N_("工场开始修补《{title}》：{diagnosis}")

    diagnosis: str = ""
    operator: str = ""

    def stage(self) -> str:
        return N_("修补中")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"repair:{self.number}", N_("修补中：《{title}》（{barcode}）"),
            (self.operator or "RES-DIG",), self.link(),
            {"title": self.title, "barcode": self.barcode}, duty="RES-DIG-02",
        )


class RepairCompleted(AboutRepair):
    """The workshop is done; the item goes back to the desk for re-inspection (回验)."""

    name: ClassVar[str] = "resources.repair.completed"
    summary: ClassVar[str] = N_("《{title}》修补完毕，送回验")

    note: str = ""
    minutes: int = 0
    round: int = 1

    def stage(self) -> str:
        return N_("待回验")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"repair:{self.number}")


class RepairIrreparable(AboutRepair):
    """The workshop cannot mend the item; it becomes a weeding candidate."""

    name: ClassVar[str] = "resources.repair.irreparable"
    summary: ClassVar[str] = N_("《{title}》无法修补，转剔旧：{note}")

    note: str = ""

    def stage(self) -> str:
        return N_("无法修补")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"repair:{self.number}")


class RepairReopened(AboutRepair):
    """Re-inspection failed: the job is on the bench list again."""

    name: ClassVar[str] = "resources.repair.reopened"
    summary: ClassVar[str] = N_("《{title}》回验不合格，返修第 {round} 次：{reason}")
    evidence: ClassVar[tuple[str, ...]] = ()

    round: int
    reason: str = ""

    def stage(self) -> str:
        return N_("返修")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"repair:{self.number}", N_("返修：《{title}》（{barcode}）"), ("RES-DIG",), self.link(),
            {"title": self.title, "barcode": self.barcode}, duty="RES-DIG-02", urgent=True,
        )


class RepairCancelled(AboutRepair):
    """The slip was withdrawn before the workshop took the item: nothing is to be done."""

    name: ClassVar[str] = "resources.repair.cancelled"
    summary: ClassVar[str] = N_("修补工单 {number} 撤销：破损单已撤回")
    evidence: ClassVar[tuple[str, ...]] = ()

    def stage(self) -> str:
        return N_("已撤销")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"repair:{self.number}")


class RepairClosed(AboutRepair):
    """Re-inspection passed: the job is finished."""

    name: ClassVar[str] = "resources.repair.closed"
    summary: ClassVar[str] = N_("修补工单 {number} 结案")
    evidence: ClassVar[tuple[str, ...]] = ()

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"repair:{self.number}")


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


class ImportFinished(Event):
    """A file of records was read to its end (or to where it could be read)."""

    name: ClassVar[str] = "resources.import.finished"
    summary: ClassVar[str] = N_("导入 {file_name}：新增 {added}，重复 {duplicate}，拒绝 {refused}")
    evidence: ClassVar[tuple[str, ...]] = CATALOGUERS

    number: str
    file_name: str
    added: int
    duplicate: int
    refused: int
    items: int = 0

    @property
    def aggregate(self) -> str:
        return f"import:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}"]

    def link(self) -> str:
        return f"/resources/imports/{self.number}"
