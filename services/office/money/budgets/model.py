"""Funds, their budget lines of a year, the ledger behind every sum, and what is held for whom."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.office.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice
from shared.web.register.case import Case, Searchable, Thing


class FundKind(Choice):
    """What a fund is for."""

    chinese_books = "chinese_books", N_("中文图书"), "info"
    foreign_books = "foreign_books", N_("外文图书"), "info"
    chinese_journals = "chinese_journals", N_("中文报刊"), "info"
    foreign_journals = "foreign_journals", N_("外文报刊"), "info"
    eresources = "eresources", N_("数字资源"), "primary"
    binding = "binding", N_("装订加工"), "secondary"
    equipment = "equipment", N_("设备"), "secondary"
    training = "training", N_("培训"), "secondary"
    office = "office", N_("办公"), "secondary"
    projects = "projects", N_("专项"), "warning"


class BudgetState(Choice):
    """How a budget line stands."""

    draft = "draft", N_("草案"), "secondary"
    reviewed = "reviewed", N_("已审核，待批"), "warning"
    approved = "approved", N_("已批准"), "info"
    running = "running", N_("执行中"), "success"
    closed = "closed", N_("已结账"), "secondary"


class EntryKind(Choice):
    """What moves money on a budget line."""

    allocation = "allocation", N_("核定"), "success"
    adjustment = "adjustment", N_("追加或核减"), "info"
    transfer = "transfer", N_("调剂"), "info"
    encumbrance = "encumbrance", N_("占用"), "warning"
    release = "release", N_("释放"), "secondary"
    pending = "pending", N_("待付"), "warning"
    payment = "payment", N_("支付"), "primary"
    credit = "credit", N_("退回"), "success"


class ChangeKind(Choice):
    """How a running budget is changed."""

    raised = "raised", N_("追加"), "success"
    cut = "cut", N_("核减"), "warning"
    transfer = "transfer", N_("调剂"), "info"


class ChangeState(Choice):
    """How a change stands."""

    proposed = "proposed", N_("待批"), "warning"
    approved = "approved", N_("已批准"), "success"
    refused = "refused", N_("不同意"), "danger"


class ReservationState(Choice):
    """Whether a case has its money."""

    reserved = "reserved", N_("已占用"), "success"
    refused = "refused", N_("经费不足"), "danger"
    released = "released", N_("已释放"), "secondary"


class ReportState(Choice):
    """How a monthly report stands."""

    prepared = "prepared", N_("待审核"), "warning"
    audited = "audited", N_("待上报"), "info"
    handed = "handed", N_("已上报"), "success"


class ShareState(Choice):
    """How a part of a payment stands."""

    pending = "pending", N_("待付"), "warning"
    paid = "paid", N_("已付"), "success"
    returned = "returned", N_("已退回"), "danger"
    reversed = "reversed", N_("已冲销"), "danger"


class Fund(Searchable, Thing, Base):
    """Money for a purpose, year after year; `no` is its short code."""

    __tablename__ = "fund"
    __search__ = ("no", "name", "name_en")

    name: Mapped[str] = mapped_column(unique=True)
    name_en: Mapped[str] = mapped_column(default="")
    kind: Mapped[FundKind]
    active: Mapped[bool] = mapped_column(default=True)
    # Whether what is left at the end of a year goes on or lapses.
    carries: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(default="")


class Budget(Searchable, Case, Base):
    """A fund in a year. The five sums are kept by the database from the ledger; fen."""

    __tablename__ = "budget"
    __search__ = ("no", "fund", "fund_name", "owner")
    __table_args__ = (
        UniqueConstraint("year", "fund"),
        CheckConstraint("planned > 0", name="planned"),
        CheckConstraint("encumbered >= 0", name="encumbered"),
        CheckConstraint("spent >= 0", name="spent"),
        CheckConstraint("warn_at < stop_at", name="limits"),
        CheckConstraint("reviewed_by = '' OR reviewed_by <> created_by", name="reviewed"),
        CheckConstraint("approved_by = '' OR approved_by <> reviewed_by AND approved_by <> created_by", name="approved"),
    )

    year: Mapped[int]
    fund: Mapped[str]
    fund_name: Mapped[str] = mapped_column(default="")
    fund_name_en: Mapped[str] = mapped_column(default="")
    kind: Mapped[FundKind]
    owner: Mapped[str] = mapped_column(default="")
    planned: Mapped[int]
    warn_at: Mapped[int] = mapped_column(default=80)
    stop_at: Mapped[int] = mapped_column(default=100)
    basis: Mapped[str] = mapped_column(default="")
    approved: Mapped[int] = mapped_column(default=0)
    adjusted: Mapped[int] = mapped_column(default=0)
    encumbered: Mapped[int] = mapped_column(default=0)
    # Of what is held: invoices that lie at the office.
    pending: Mapped[int] = mapped_column(default=0)
    spent: Mapped[int] = mapped_column(default=0)
    reviewed_by: Mapped[str] = mapped_column(default="")
    approved_by: Mapped[str] = mapped_column(default="")
    closed_by: Mapped[str] = mapped_column(default="")
    return_reason: Mapped[str] = mapped_column(default="")
    # The next year's line that took over what was open here.
    successor: Mapped[str] = mapped_column(default="")

    @property
    def available(self) -> int:
        """What is left."""
        return self.approved + self.adjusted - self.spent - self.encumbered


class FundEntry(Searchable, Thing, Base):
    """One change of one sum; never changed, never removed. `amount` has the sign of its effect on that sum."""

    __tablename__ = "fund_entry"
    __audit__ = False
    __search__ = ("no", "budget", "reference", "voucher", "note")
    __table_args__ = (
        Index("ix_fund_entry_budget", "budget", "created_at"),
        Index("ix_fund_entry_reference", "reference"),
        CheckConstraint("amount <> 0", name="amount"),
        CheckConstraint("kind NOT IN ('encumbrance', 'payment') OR amount > 0", name="plus"),
        CheckConstraint("kind NOT IN ('release', 'credit') OR amount < 0", name="minus"),
    )

    budget: Mapped[str]
    kind: Mapped[EntryKind]
    amount: Mapped[int]
    # The case it belongs to (an order, an invoice, a change) and the voucher that paid.
    reference: Mapped[str] = mapped_column(default="")
    voucher: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")


class BudgetChange(Searchable, Case, Base):
    """A running budget gets more, gets less, or gives to another."""

    __tablename__ = "budget_change"
    __search__ = ("no", "budget", "to_budget", "reason")
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("decided_by = '' OR decided_by <> created_by", name="decided"),
    )

    kind: Mapped[ChangeKind]
    budget: Mapped[str]
    to_budget: Mapped[str] = mapped_column(default="")
    amount: Mapped[int]
    reason: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[str] = mapped_column(default="")
    refusal: Mapped[str] = mapped_column(default="")


class Reservation(Searchable, Case, Base):
    """A case of another department that asked for money; `no` is that case's own number, `revision` its last word."""

    __tablename__ = "reservation"
    __search__ = ("no", "party")

    revision: Mapped[int] = mapped_column(default=0)
    amount: Mapped[int] = mapped_column(default=0)
    party: Mapped[str] = mapped_column(default="")
    source: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    override_reason: Mapped[str] = mapped_column(default="")
    override_by: Mapped[str] = mapped_column(default="")


class Encumbrance(Base):
    """What a case needs of a budget line in all, and how much of that its payments have settled."""

    __tablename__ = "encumbrance"
    __audit__ = False  # every change of it is a row of the ledger

    case_no: Mapped[str] = mapped_column(primary_key=True)
    budget: Mapped[str] = mapped_column(primary_key=True, index=True)
    asked: Mapped[int] = mapped_column(default=0)
    # As much of `asked` as the office agreed to hold.
    needed: Mapped[int] = mapped_column(default=0)
    settled: Mapped[int] = mapped_column(default=0)


class PaymentPart(Base):
    """What one invoice takes from one budget line for one order, by attempt; a returned invoice may come again."""

    __tablename__ = "payment_part"
    __table_args__ = (UniqueConstraint("invoice", "attempt", "case_no", "budget"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    invoice: Mapped[str]
    attempt: Mapped[int]
    case_no: Mapped[str]
    budget: Mapped[str]
    amount: Mapped[int]
    release: Mapped[int]
    state: Mapped[ShareState] = mapped_column(default=ShareState.pending)
    settled_at: Mapped[datetime | None]


class FundReport(Searchable, Case, Base):
    """The report of a month (经费使用情况月报表): prepared by one, audited by another, handed to the leaders on a day."""

    __tablename__ = "fund_report"
    __search__ = ("no", "period")
    __table_args__ = (
        UniqueConstraint("period"),
        CheckConstraint("audited_by = '' OR audited_by <> created_by", name="audited"),
    )

    period: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    audited_by: Mapped[str] = mapped_column(default="")
    handed_on: Mapped[date | None]
    handed_to: Mapped[str] = mapped_column(default="")
