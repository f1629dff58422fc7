"""What the office tells the house: people, posts, tasks, obligations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import ClassVar

from shared.events.base import Done, Event, Waiting
from shared.events.budgets import (
    BudgetAllocated,
    BudgetCarried,
    BudgetRefused,
    BudgetReserved,
    BudgetThresholdCrossed,
)
from shared.events.contracts import (
    ENDINGS,
    ContractApproved,
    ContractEnded,
    ContractExpiring,
    ContractReturned,
    ContractSigned,
    ContractUnsigned,
)
from shared.events.vouchers import (
    VOUCHER_STATES,
    PaymentPaid,
    PaymentReturned,
    PaymentReversed,
    VoucherMoved,
)
from shared.i18n import N_, _

__all__ = [
    "ENDINGS",
    "VOUCHER_STATES",
    "AssetPurchased",
    "BudgetAllocated",
    "BudgetCarried",
    "BudgetRefused",
    "BudgetReserved",
    "BudgetThresholdCrossed",
    "ContractApproved",
    "ContractEnded",
    "ContractExpiring",
    "ContractReturned",
    "ContractSigned",
    "ContractUnsigned",
    "ObligationMoved",
    "ObligationOpened",
    "PaymentPaid",
    "PaymentReturned",
    "PaymentReversed",
    "PostAssigned",
    "PostEnded",
    "StaffChanged",
    "StaffJoined",
    "StaffLeft",
    "TaskAssigned",
    "VoucherMoved",
]


class StaffJoined(Event):
    """A member of staff is known to the house; `login` is set for accounts made with the person."""

    name: ClassVar[str] = "office.staff.joined"
    summary: ClassVar[str] = N_("{staff_name}（{staff_no}）入职")
    evidence: ClassVar[tuple[str, ...]] = ("OFF-ADM-01",)

    staff_no: str
    staff_name: str
    staff_name_en: str = ""
    dept: str = ""
    rank: str = ""
    login: str = ""

    @property
    def aggregate(self) -> str:
        return f"staff:{self.staff_no}"

    def refs(self) -> Sequence[str]:
        return [f"staff:{self.staff_no}"]

    def link(self) -> str:
        return f"/office/staff/{self.staff_no}"


class StaffChanged(Event):
    """A member of staff has another name, department or rank than before."""

    name: ClassVar[str] = "office.staff.changed"
    summary: ClassVar[str] = N_("{staff_name}（{staff_no}）的人事信息变更")
    evidence: ClassVar[tuple[str, ...]] = ("OFF-ADM-01",)

    staff_no: str
    staff_name: str
    staff_name_en: str = ""
    dept: str = ""
    rank: str = ""

    @property
    def aggregate(self) -> str:
        return f"staff:{self.staff_no}"

    def refs(self) -> Sequence[str]:
        return [f"staff:{self.staff_no}"]

    def link(self) -> str:
        return f"/office/staff/{self.staff_no}"


class StaffLeft(Event):
    """A member of staff leaves: every right ends on this day."""

    name: ClassVar[str] = "office.staff.transferred-out"
    summary: ClassVar[str] = N_("{staff_no} 自 {left_on} 起调离")
    evidence: ClassVar[tuple[str, ...]] = ("OFF-ADM-01",)

    staff_no: str
    left_on: date

    @property
    def aggregate(self) -> str:
        return f"staff:{self.staff_no}"

    def refs(self) -> Sequence[str]:
        return [f"staff:{self.staff_no}"]


class PostAssigned(Event):
    """A person holds a post (or stands in for its holder) between two dates, both included."""

    name: ClassVar[str] = "office.post.assigned"
    summary: ClassVar[str] = N_("{staff_no} 任 {post}，自 {valid_from} 起")
    evidence: ClassVar[tuple[str, ...]] = ("OFF-ADM-01",)

    holding_id: str
    staff_no: str
    post: str
    subposts: tuple[str, ...] = ()
    rank: str = ""
    valid_from: date
    valid_to: date | None = None
    stand_in_for: str = ""

    @property
    def aggregate(self) -> str:
        return f"staff:{self.staff_no}"

    def sentence(self) -> str:
        if self.stand_in_for:
            return _(N_("{staff_no} 顶班 {post}（代 {stand_in_for}），{valid_from} 至 {valid_to}"), **self.model_dump())
        return super().sentence()

    def refs(self) -> Sequence[str]:
        return [f"staff:{self.staff_no}"]

    def link(self) -> str:
        return f"/office/staff/{self.staff_no}"


class PostEnded(Event):
    """A holding ends with this day."""

    name: ClassVar[str] = "office.post.ended"
    summary: ClassVar[str] = N_("{staff_no} 不再任 {post}，至 {valid_to}")
    evidence: ClassVar[tuple[str, ...]] = ("OFF-ADM-01",)

    holding_id: str
    staff_no: str
    post: str
    valid_to: date

    @property
    def aggregate(self) -> str:
        return f"staff:{self.staff_no}"

    def refs(self) -> Sequence[str]:
        return [f"staff:{self.staff_no}"]


class ObligationOpened(Event):
    """A duty with a cadence is due from this person for this period."""

    name: ClassVar[str] = "office.obligation.opened"
    summary: ClassVar[str] = N_("{duty} 本期应办，{due_on} 前完成")

    key: str
    duty: str
    title_zh: str
    title_en: str
    holder: str
    period: str
    due_on: date
    url: str = ""

    @property
    def aggregate(self) -> str:
        return f"obligation:{self.key}"

    def refs(self) -> Sequence[str]:
        return [f"duty:{self.duty}", f"staff:{self.holder}"]


class ObligationMoved(Event):
    """An obligation was met, missed, explained, or passed to a stand-in."""

    name: ClassVar[str] = "office.obligation.moved"
    summary: ClassVar[str] = N_("{duty}（{period}）：{state_label}")

    key: str
    duty: str
    holder: str
    period: str
    due_on: date
    state: str
    state_label: str
    evidence_count: int = 0
    note: str = ""

    @property
    def aggregate(self) -> str:
        return f"obligation:{self.key}"

    def sentence(self) -> str:
        return _(self.summary, duty=self.duty, period=self.period, state_label=_(self.state_label))

    def refs(self) -> Sequence[str]:
        return [f"duty:{self.duty}", f"staff:{self.holder}"]


class TaskAssigned(Event):
    """An ad-hoc task (临时任务) was given to people of any department."""

    name: ClassVar[str] = "office.task.assigned"
    summary: ClassVar[str] = N_("派发临时任务：{title}")

    number: str
    title: str
    giver: str
    assignees: tuple[str, ...]
    due_on: date
    urgency: str

    @property
    def aggregate(self) -> str:
        return f"tasks:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}", *(f"staff:{a}" for a in self.assignees)]

    def link(self) -> str:
        return f"/office/tasks/{self.number}"

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"tasks:{self.number}", N_("临时任务：{title}"), self.assignees, self.link(),
            {"title": self.title}, urgent=self.urgency != "normal",
        )


class AssetPurchased(Event):
    """The office took in goods that belong to the asset register (durable, from ¥1,000 a piece)."""

    name: ClassVar[str] = "office.asset.purchased"
    summary: ClassVar[str] = N_("购入固定资产 {item}，数量 {quantity}（{number}）")
    evidence: ClassVar[tuple[str, ...]] = ("OFF-ADM-05",)

    number: str
    item: str
    quantity: int
    unit_price_cents: int
    supplier: str = ""

    @property
    def aggregate(self) -> str:
        return f"purchases:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}"]

    def link(self) -> str:
        return f"/office/purchases/{self.number}"
