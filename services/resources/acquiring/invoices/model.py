"""Invoices and what each takes of which line."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice
from shared.web.register import Case, Searchable


class InvoiceState(Choice):
    """How an invoice stands."""

    draft = "draft", N_("核对中"), "warning"
    submitted = "submitted", N_("已提请付款"), "info"
    returned = "returned", N_("已退回"), "danger"
    paid = "paid", N_("已付款"), "success"
    cancelled = "cancelled", N_("已作废"), "secondary"


class InvoiceKind(Choice):
    """Whether it asks for money before anything came."""

    regular = "regular", N_("货到付款"), "info"
    prepayment = "prepayment", N_("预付款"), "warning"


class Invoice(Searchable, Case, Base):
    """`invoice_no` is the supplier's; `attempt` counts how often it went to the office; money in fen."""

    __tablename__ = "invoice"
    __search__ = ("no", "invoice_no", "order_no", "supplier_name", "voucher", "contract")
    __table_args__ = (
        CheckConstraint("amount > 0 AND prepaid >= 0 AND prepaid <= amount", name="amount"),
        CheckConstraint("kind <> 'prepayment' OR contract <> '' AND prepaid = 0", name="prepayment"),
    )

    kind: Mapped[InvoiceKind] = mapped_column(default=InvoiceKind.regular)
    # The office's number of the contract it is paid on.
    contract: Mapped[str] = mapped_column(default="")
    # How much of it earlier prepayments cover, as of the last asking.
    prepaid: Mapped[int] = mapped_column(default=0)

    invoice_no: Mapped[str] = mapped_column(unique=True)
    order_no: Mapped[str] = mapped_column(index=True)
    supplier_name: Mapped[str] = mapped_column(default="")
    invoiced_on: Mapped[date]
    amount: Mapped[int]
    attempt: Mapped[int] = mapped_column(default=0)
    difference_reason: Mapped[str] = mapped_column(default="")
    submitted_at: Mapped[datetime | None]
    voucher: Mapped[str] = mapped_column(default="")
    returned_voucher: Mapped[str] = mapped_column(default="")
    # The contra voucher that undid the last payment.
    reversal: Mapped[str] = mapped_column(default="")
    return_reason: Mapped[str] = mapped_column(default="")
    paid_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(default="")


class InvoiceLine(Base):
    """Copies of a line on an invoice, what they cost, and how much of what is held they settle."""

    __tablename__ = "invoice_line"
    __table_args__ = (
        UniqueConstraint("invoice", "line_id"),
        CheckConstraint("copies > 0 AND amount >= 0 AND release >= 0", name="sums"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    invoice: Mapped[str] = mapped_column(ForeignKey("invoice.no"))
    line_id: Mapped[UUID] = mapped_column(ForeignKey("order_line.id"), index=True)
    copies: Mapped[int]
    amount: Mapped[int]
    release: Mapped[int] = mapped_column(default=0)


class Prepaid(Base):
    """What was asked in advance for an order from a budget line (plus), and what a later invoice settles of it (minus)."""

    __tablename__ = "invoice_prepaid"
    __table_args__ = (UniqueConstraint("invoice", "budget"), CheckConstraint("amount <> 0", name="amount"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    invoice: Mapped[str] = mapped_column(ForeignKey("invoice.no"))
    order_no: Mapped[str] = mapped_column(index=True)
    budget: Mapped[str]
    amount: Mapped[int]
