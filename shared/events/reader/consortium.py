"""The union library: cards, foreign items, boxes, settlements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from shared.events.base import Done, Event, Waiting
from shared.i18n import N_, _

UNION = ("RDR-LED-FRD-04",)
HOLDERS = ("RDR-DSK", "RDR-LED")


class UnionCardIssued(Event):
    """Somebody of a member library may borrow here; a deposit is held, by us (with a receipt) or by the member."""

    name: ClassVar[str] = "reader.union-card.issued"
    summary: ClassVar[str] = N_("办理联合证 {card}（{member}），押金收据 {receipt}")
    evidence: ClassVar[tuple[str, ...]] = UNION

    card: str
    member: str
    receipt: str
    deposit_cents: int

    @property
    def aggregate(self) -> str:
        return f"patron:{self.card}"

    def sentence(self) -> str:
        if self.name == UnionCardIssued.name and not self.receipt:
            return _(N_("登记{member}所办的联合证 {card}"), member=self.member, card=self.card)
        return super().sentence()

    def refs(self) -> Sequence[str]:
        return [f"patron:{self.card}"]

    def link(self) -> str:
        return "/reader/union/cards"


class UnionRefundAsked(UnionCardIssued):
    """The reader gives the card back; a second person decides about the deposit."""

    name: ClassVar[str] = "reader.union-refund.asked"
    summary: ClassVar[str] = N_("联合证 {card} 申请退押金")

    number: str = ""

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"union-refund:{self.card}", N_("审批联合证 {card} 退押金"), ("RDR-LED",), self.link(),
            {"card": self.card}, duty=UNION[0],
        )


class UnionRefundRequested(UnionRefundAsked):
    """The refund is approved at the desk and goes to the office, which alone pays."""

    name: ClassVar[str] = "reader.union-refund.requested"
    summary: ClassVar[str] = N_("联合证 {card} 退押金 {number} 送办公室付款")

    def refs(self) -> Sequence[str]:
        return [f"patron:{self.card}", f"case:{self.number}"]

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"union-refund:{self.card}")


class UnionRefundRefused(UnionRefundRequested):
    """The refund was withdrawn, or not approved, here or by the office; the deposit stays held."""

    name: ClassVar[str] = "reader.union-refund.refused"
    summary: ClassVar[str] = N_("联合证 {card} 退押金未办：{reason}")

    reason: str


class UnionRefundUndone(UnionRefundRequested):
    """The office reversed the payment of a deposit: it is held again and goes back another time."""

    name: ClassVar[str] = "reader.union-refund.undone"
    summary: ClassVar[str] = N_("联合证 {card} 退押金已冲销，押金仍代管：{reason}")

    reason: str
    voucher: str

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"union-refund:{self.card}", N_("联合证 {card} 退押金被冲销，重新办理"), HOLDERS, self.link(), {"card": self.card}, duty=UNION[0],
        )


class UnionDepositRefunded(UnionCardIssued):
    """The office has paid the deposit back; the card is closed unless something has come open since."""

    name: ClassVar[str] = "reader.union-deposit.refunded"
    summary: ClassVar[str] = N_("联合证 {card} 押金已退，收据 {receipt}")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"union-refund:{self.card}")


class UnionDepositKept(UnionCardIssued):
    """What the reader owed was taken from the deposit, as agreed; `deposit_cents` (negative) is no longer held."""

    name: ClassVar[str] = "reader.union-deposit.kept"
    summary: ClassVar[str] = N_("联合证 {card} 从押金抵扣欠费，押金收据 {receipt}，欠费收据 {settles}")

    settles: str
    left_cents: int

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"union-refund:{self.card}")


class AboutBox(Event):
    """A transit box to a member."""

    evidence: ClassVar[tuple[str, ...]] = UNION

    number: str
    member: str

    @property
    def aggregate(self) -> str:
        return f"box:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}"]

    def link(self) -> str:
        return f"/reader/union/boxes/{self.number}"


class ForeignItemReceived(AboutBox):
    """A member's item came back to us and lies in the box."""

    name: ClassVar[str] = "reader.foreign-item.received"
    summary: ClassVar[str] = N_("{member} 的图书 {barcode} 还到本馆，放入箱 {number}")

    barcode: str

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"box:{self.number}", N_("寄出发往 {member} 的箱 {number}"), HOLDERS, self.link(),
            {"member": self.member, "number": self.number}, duty=UNION[0],
        )


class TransitBoxSent(AboutBox):
    """The box left with its list."""

    name: ClassVar[str] = "reader.transit-box.sent"
    summary: ClassVar[str] = N_("箱 {number} 寄往 {member}，{items} 册")

    items: int

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"box:{self.number}")


class TransitBoxReceived(AboutBox):
    """The member signed for it."""

    name: ClassVar[str] = "reader.transit-box.received"
    summary: ClassVar[str] = N_("{member} 已签收箱 {number}")


class UnionFileApplied(Event):
    """A list a member sent was taken up."""

    name: ClassVar[str] = "reader.union-file.applied"
    summary: ClassVar[str] = N_("{member} 的文件 {number} 已导入：登记 {new} 行，拒绝 {refused} 行")
    evidence: ClassVar[tuple[str, ...]] = UNION

    number: str
    member: str
    subject_kind: str
    new: int
    same: int
    refused: int

    @property
    def aggregate(self) -> str:
        return f"union-file:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}"]

    def link(self) -> str:
        return f"/reader/union/files/{self.number}"


class SettlementClosed(Event):
    """A month with a member is final; positive money is what they owe us."""

    name: ClassVar[str] = "reader.settlement.closed"
    summary: ClassVar[str] = N_("{member} {month} 结算单 {number} 已结清")
    evidence: ClassVar[tuple[str, ...]] = UNION

    number: str
    member: str
    month: str
    amount_cents: int

    @property
    def aggregate(self) -> str:
        return f"settlement:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}"]

    def link(self) -> str:
        return f"/reader/union/settlements/{self.number}"
