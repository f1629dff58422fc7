"""Items that do not come back, what is done about it, and items that turn up again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from shared.events.base import Done, Waiting
from shared.events.reader.loans import AboutItem
from shared.i18n import N_, _

LOSSES = ("RDR-DSK-BAS-04", "RDR-LED-FRD-03")
COPIES = ("RDR-DSK-BAS-06",)
DESK = ("RDR-DSK", "RDR-LED", "RDR-CIR")
HEAD = ("RDR-LED", "head-reader")


class AboutLoss(AboutItem):
    """The fields every fact of a loss case carries; `card` is who had the item."""

    number: str
    card: str = ""

    def refs(self) -> Sequence[str]:
        return [
            f"item:{self.barcode}", f"case:{self.number}", *([f"patron:{self.card}"] if self.card else []),
        ]

    def link(self) -> str:
        return f"/reader/losses/{self.number}"

    @property
    def key(self) -> str:
        """The to-do of the case; one at a time."""
        return f"reader.loss:{self.number}"


class ItemLost(AboutLoss):
    """An item is declared lost, or has been overdue for so long that it counts as lost."""

    name: ClassVar[str] = "reader.item.lost"
    summary: ClassVar[str] = N_("《{title}》{barcode} 遗失，立案 {number}")
    evidence: ClassVar[tuple[str, ...]] = LOSSES

    how: str
    price_cents: int = 0
    last_copy: bool = False

    def stage(self) -> str:
        return N_("遗失待赔偿")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            self.key, N_("遗失赔偿：《{title}》"), DESK, self.link(), {"title": self.title}, duty=LOSSES[0]
        )


class ItemClaimedReturned(AboutLoss):
    """The patron says the item was returned; it is searched for."""

    name: ClassVar[str] = "reader.item.claimed-returned"
    summary: ClassVar[str] = N_("读者称《{title}》{barcode} 已还，正在查找")
    evidence: ClassVar[tuple[str, ...]] = LOSSES

    def stage(self) -> str:
        return N_("查找中")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            self.key, N_("到架上查找：《{title}》"), DESK, self.link(), {"title": self.title}, duty=LOSSES[0]
        )


class ItemRecovered(AboutLoss):
    """A lost or searched item is there again; `refundable` when its compensation may be given back."""

    name: ClassVar[str] = "reader.item.recovered"
    summary: ClassVar[str] = N_("《{title}》{barcode} 找回")
    evidence: ClassVar[tuple[str, ...]] = LOSSES

    damaged: bool = False
    refundable: bool = False

    def stage(self) -> str:
        return N_("已找回")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(self.key)


class CompensationSet(AboutLoss):
    """The amount of a compensation is fixed by the table and charged."""

    name: ClassVar[str] = "reader.compensation.set"
    summary: ClassVar[str] = N_("《{title}》按款赔偿 {yuan} 元")
    evidence: ClassVar[tuple[str, ...]] = LOSSES

    charge_id: str
    amount_cents: int

    def sentence(self) -> str:
        return _(self.summary, title=self.title, yuan=f"{self.amount_cents / 100:.2f}")

    def stage(self) -> str:
        return N_("按款赔偿")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(self.key)


class CompensationDropped(AboutLoss):
    """An unpaid compensation was taken back: the patron will bring a copy instead."""

    name: ClassVar[str] = "reader.compensation.dropped"
    summary: ClassVar[str] = N_("《{title}》赔偿方式另议")

    def stage(self) -> str:
        return N_("遗失待赔偿")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            self.key, N_("遗失赔偿：《{title}》"), DESK, self.link(), {"title": self.title}, duty=LOSSES[0]
        )


class ReplacementAccepted(AboutLoss):
    """The patron brought the same or a newer edition; it is being processed."""

    name: ClassVar[str] = "reader.replacement.accepted"
    summary: ClassVar[str] = N_("《{title}》收到赔书，待加工")
    evidence: ClassVar[tuple[str, ...]] = COPIES

    def stage(self) -> str:
        return N_("赔书加工")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            self.key, N_("赔书加工：《{title}》"), DESK, self.link(), {"title": self.title}, duty=COPIES[0]
        )


class ItemReplaced(AboutLoss):
    """A compensation copy was accepted and processed; it stands for the lost item from now on."""

    name: ClassVar[str] = "reader.item.replaced"
    summary: ClassVar[str] = N_("《{title}》{barcode} 由赔书 {new_barcode} 替换")
    evidence: ClassVar[tuple[str, ...]] = COPIES

    new_barcode: str
    new_title: str = ""
    new_edition: str = ""
    new_year: int | None = None
    new_isbn: str = ""
    price_cents: int = 0

    def refs(self) -> Sequence[str]:
        return [*super().refs(), f"item:{self.new_barcode}"]

    def stage(self) -> str:
        return N_("已赔书替换")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(self.key)


class OriginalFound(AboutLoss):
    """The original is there although a copy stands for it: no refund; resources decide what becomes of it."""

    name: ClassVar[str] = "reader.original.found"
    summary: ClassVar[str] = N_("《{title}》{barcode} 已赔书，原书又找回，送资源建设部")
    evidence: ClassVar[tuple[str, ...]] = LOSSES

    damaged: bool = False
    new_barcode: str = ""

    def stage(self) -> str:
        return N_("原书又找回")


class OriginalSettled(AboutLoss):
    """What became of the original: an additional copy, or it leaves the stock."""

    name: ClassVar[str] = "reader.original.settled"
    summary: ClassVar[str] = N_("《{title}》{barcode} 原书处置已定")

    kept: bool
    reason: str = ""

    def sentence(self) -> str:
        text = N_("《{title}》{barcode} 原书留作复本") if self.kept else N_("《{title}》{barcode} 原书不再入藏")
        return _(text, title=self.title, barcode=self.barcode)

    def stage(self) -> str:
        return N_("两册俱在") if self.kept else N_("原书不再入藏")


class RefundAsked(AboutLoss):
    """The original came back with the receipt; somebody other than the cashier approves."""

    name: ClassVar[str] = "reader.refund.asked"
    summary: ClassVar[str] = N_("《{title}》申请退还赔偿款")
    evidence: ClassVar[tuple[str, ...]] = LOSSES

    receipt: str
    amount_cents: int

    def stage(self) -> str:
        return N_("退款待审")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            self.key, N_("审核退款：《{title}》"), HEAD, self.link(), {"title": self.title}, duty=LOSSES[1]
        )


class RefundRequested(AboutLoss):
    """A refund is approved at the desk and goes to the office, which alone pays."""

    name: ClassVar[str] = "reader.refund.requested"
    summary: ClassVar[str] = N_("《{title}》退款 {yuan} 元送办公室，收据 {receipt}")
    evidence: ClassVar[tuple[str, ...]] = LOSSES

    receipt: str
    amount_cents: int
    asked_by: str
    # Where the case is, when it is not a loss.
    page: str = ""
    # Which asking of the case this is; the office's answer bears it.
    attempt: int = 0

    def link(self) -> str:
        return self.page or super().link()

    def sentence(self) -> str:
        return _(self.summary, title=self.title, yuan=f"{self.amount_cents / 100:.2f}", receipt=self.receipt)

    def stage(self) -> str:
        return N_("退款待付")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(self.key)


class RefundRefused(AboutLoss):
    """A refund was refused, at the desk or by the office; the case is open again with the reason."""

    name: ClassVar[str] = "reader.refund.refused"
    summary: ClassVar[str] = N_("《{title}》退款未获同意：{reason}")

    reason: str

    def stage(self) -> str:
        return N_("可申请退款")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            self.key, N_("退款被退回：《{title}》"), DESK, self.link(), {"title": self.title}, duty=LOSSES[0]
        )


class RefundPaid(AboutLoss):
    """The office has paid; the ledger shows the compensation as given back."""

    name: ClassVar[str] = "reader.refund.paid"
    summary: ClassVar[str] = N_("《{title}》已退款 {yuan} 元，凭证 {voucher}")
    evidence: ClassVar[tuple[str, ...]] = LOSSES

    voucher: str
    amount_cents: int

    def sentence(self) -> str:
        return _(self.summary, title=self.title, yuan=f"{self.amount_cents / 100:.2f}", voucher=self.voucher)

    def stage(self) -> str:
        return N_("已退款")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(self.key)
