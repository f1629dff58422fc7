"""Vouchers, and suspense entries beside them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.office.database import Base
from shared.i18n import N_
from shared.states import Choice
from shared.web.register.case import Case, Searchable


class Direction(Choice):
    """Whether money comes or goes."""

    income = "income", N_("收入"), "success"
    spending = "spending", N_("支出"), "warning"


class VoucherState(Choice):
    """How a voucher stands."""

    prepared = "prepared", N_("待审核"), "warning"
    audited = "audited", N_("待审批"), "info"
    approved = "approved", N_("待执行"), "primary"
    executed = "executed", N_("已执行，待对账"), "info"
    reconciled = "reconciled", N_("已对账"), "success"
    returned = "returned", N_("已退回"), "danger"


class SuspenseState(Choice):
    """How a difference stands."""

    open = "open", N_("待说明"), "warning"
    explained = "explained", N_("待核销"), "info"
    closed = "closed", N_("已核销"), "success"


class Voucher(Searchable, Case, Base):
    """`created_by` prepared it; `reference` is the case it answers, `source` its page; money in fen."""

    __tablename__ = "voucher"
    __search__ = ("no", "subject", "party", "reference", "slip_no", "contract")
    __table_args__ = (
        # One running voucher for a case and its attempt: a fact told twice makes no second payment.
        Index(
            "uq_voucher_reference", "reference", "attempt", unique=True,
            postgresql_where=text("reference <> '' AND state <> 'returned'"),
        ),
        # A voucher is reversed once.
        Index("uq_voucher_reverses", "reverses", unique=True, postgresql_where=text("reverses <> '' AND state <> 'returned'")),
        CheckConstraint("reverses = '' AND amount > 0 OR reverses <> '' AND amount < 0", name="amount"),
        CheckConstraint("audited_by <> created_by", name="audited"),
        CheckConstraint("approved_by = '' OR approved_by <> created_by", name="approved"),
        CheckConstraint("executed_by = '' OR executed_by <> approved_by AND executed_by <> created_by", name="executed"),
        CheckConstraint("reconciled_by = '' OR reconciled_by <> executed_by", name="reconciled"),
        Index("ix_voucher_executed", "executed_at", postgresql_where=text("executed_at IS NOT NULL")),
    )

    direction: Mapped[Direction]
    fund: Mapped[str] = mapped_column(default="")
    subject: Mapped[str]
    amount: Mapped[int]
    party: Mapped[str] = mapped_column(default="")
    made_on: Mapped[date]
    reference: Mapped[str] = mapped_column(default="")
    # Which asking of that case this answers; an invoice may come again after it was returned or its payment reversed.
    attempt: Mapped[int] = mapped_column(default=0)
    source: Mapped[str] = mapped_column(default="")
    # A contra voucher names the one it undoes and bears its sum with the other sign; that one stays as it is.
    reverses: Mapped[str] = mapped_column(default="")
    reversal_reason: Mapped[str] = mapped_column(default="")
    # The contract it pays on, and whether before anything was delivered.
    contract: Mapped[str] = mapped_column(default="", index=True)
    prepayment: Mapped[bool] = mapped_column(default=False)
    slip_no: Mapped[str] = mapped_column(default="")
    receipts: Mapped[str] = mapped_column(default="")
    breakdown: Mapped[str] = mapped_column(default="")
    # What the receipts add up to; the difference to `amount` is a suspense entry.
    expected: Mapped[int | None] = mapped_column(default=None)
    suspense: Mapped[str] = mapped_column(default="")
    audited_by: Mapped[str] = mapped_column(default="")
    approved_by: Mapped[str] = mapped_column(default="")
    executed_by: Mapped[str] = mapped_column(default="")
    executed_at: Mapped[datetime | None]
    method: Mapped[str] = mapped_column(default="")
    # The joint meeting that agreed to a large sum; its minutes are attached.
    minutes_no: Mapped[str] = mapped_column(default="")
    minutes_on: Mapped[date | None]
    minutes_by: Mapped[str] = mapped_column(default="")
    # The month's agreement with the finance office that covers this voucher.
    agreement: Mapped[str] = mapped_column(default="", index=True)
    reconciled_by: Mapped[str] = mapped_column(default="")
    reconciled_at: Mapped[datetime | None]
    return_reason: Mapped[str] = mapped_column(default="")


class Suspense(Searchable, Case, Base):
    """Cash that does not agree with its receipts, until somebody says why."""

    __tablename__ = "suspense"
    __search__ = ("no", "voucher", "reference")
    __table_args__ = (CheckConstraint("difference <> 0", name="difference"),)

    voucher: Mapped[str]
    reference: Mapped[str]
    difference: Mapped[int]
    due_on: Mapped[date]
    told: Mapped[str] = mapped_column(default="")
    explanation: Mapped[str] = mapped_column(default="")
    explained_by: Mapped[str] = mapped_column(default="")
