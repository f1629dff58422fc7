"""Shifts of a cashier, and deposits at the bank."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice


class ShiftState(Choice):
    """How far the money of a shift has come."""

    open = "open", N_("收款中"), "accent"
    counted = "counted", N_("已清点待缴存"), "warning"
    banked = "banked", N_("已缴存"), "success"


class Deposit(Base):
    """Cash carried to the bank on one slip, from one or more counted shifts."""

    __tablename__ = "cash_deposit"
    __table_args__ = (CheckConstraint("amount_fen > 0", name="amount"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    no: Mapped[str] = mapped_column(unique=True)
    slip_no: Mapped[str] = mapped_column(unique=True)
    amount_fen: Mapped[int]
    banked_on: Mapped[date]
    banked_by: Mapped[str]
    banked_at: Mapped[datetime]
    correlation: Mapped[UUID] = mapped_column(default=uuid7)
    # What the office made of it: its voucher, how far that is (shared.events.office.VOUCHER_STATES), its sum.
    voucher: Mapped[str] = mapped_column(default="")
    voucher_state: Mapped[str] = mapped_column(default="")
    voucher_fen: Mapped[int | None] = mapped_column(default=None)


class Shift(Base):
    """The takings of one cashier until somebody else counts them; `expected_fen` is the cash the ledger knows."""

    __tablename__ = "cash_shift"
    __table_args__ = (
        Index("uq_cash_shift_open", "cashier", unique=True, postgresql_where=text("state = 'open'")),
        Index("ix_cash_shift_opened", "opened_at"),
        CheckConstraint("counted_by <> cashier", name="four_eyes"),
        CheckConstraint("counted_fen IS NULL OR counted_fen = expected_fen OR reason <> ''", name="explained"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    no: Mapped[str] = mapped_column(unique=True)
    cashier: Mapped[str]
    state: Mapped[ShiftState] = mapped_column(default=ShiftState.open)
    opened_at: Mapped[datetime]
    expected_fen: Mapped[int | None] = mapped_column(default=None)
    counted_fen: Mapped[int | None] = mapped_column(default=None)
    counted_by: Mapped[str] = mapped_column(default="")
    counted_at: Mapped[datetime | None] = mapped_column(default=None)
    reason: Mapped[str] = mapped_column(default="")
    deposit_id: Mapped[UUID | None] = mapped_column(ForeignKey("cash_deposit.id"), default=None, index=True)

    @property
    def difference_fen(self) -> int | None:
        """Counted minus expected; None before the count."""
        if self.counted_fen is None or self.expected_fen is None:
            return None
        return self.counted_fen - self.expected_fen
