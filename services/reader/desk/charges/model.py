"""The ledger: what was charged and how it was settled, one row per posting."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice


class Kind(Choice):
    """What the money is for."""

    overdue = "overdue", N_("逾期费"), "warning"
    damage = "damage", N_("污损赔偿"), "danger"
    lost = "lost", N_("遗失赔偿"), "danger"
    barcode = "barcode", N_("条码工本费"), "secondary"
    card = "card", N_("补证工本费"), "secondary"
    processing = "processing", N_("加工费"), "secondary"
    disc = "disc", N_("光盘赔偿"), "danger"


class Posting(Choice):
    """What a row does to the balance."""

    charge = "charge", N_("计收"), "danger"
    payment = "payment", N_("收款"), "success"
    waiver = "waiver", N_("减免"), "info"
    reversal = "reversal", N_("冲销"), "secondary"
    credit = "credit", N_("免除赔偿"), "info"
    refund = "refund", N_("退款"), "warning"
    credit_undone = "credit_undone", N_("免除赔偿冲回"), "secondary"
    refund_undone = "refund_undone", N_("退款冲回"), "danger"


class Method(Choice):
    """How money was received."""

    cash = "cash", N_("现金"), "success"
    card = "card", N_("校园卡"), "accent"
    mobile = "mobile", N_("扫码支付"), "info"
    # Nothing is received: money held for the patron becomes ours. No till offers it.
    deposit = "deposit", N_("押金抵扣"), "warning"


TAKEN = (Method.cash, Method.card, Method.mobile)


class Entry(Base):
    """A posting; positive amounts raise what the patron owes, negative ones lower it."""

    __tablename__ = "ledger"
    __audit__ = False
    __table_args__ = (
        # A charge is settled once, whoever is quicker.
        Index(
            "uq_ledger_settled", "charge_id", unique=True,
            postgresql_where=text("charge_id IS NOT NULL"),
        ),
        # A payment is given back once, and once more when that was undone; the credit and the refund are one pair.
        Index(
            "uq_ledger_refunded", "refunds_id", "posting", "round", unique=True,
            postgresql_where=text("refunds_id IS NOT NULL"),
        ),
        Index("ix_ledger_patron", "patron_id", "at"),
        Index("ix_ledger_shift", "shift_id", postgresql_where=text("shift_id IS NOT NULL")),
        Index("ix_ledger_day", "at"),
        Index("ix_ledger_loan", "loan_id", postgresql_where=text("loan_id IS NOT NULL")),
        # What still says for which book: shrinks as titles are forgotten.
        Index("ix_ledger_titled", "at", postgresql_where=text("title <> '' OR barcode <> ''")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    patron_id: Mapped[UUID] = mapped_column(ForeignKey("patron.id"))
    card: Mapped[str]
    posting: Mapped[Posting]
    kind: Mapped[Kind]
    amount_fen: Mapped[int]
    charge_id: Mapped[UUID | None] = mapped_column(ForeignKey("ledger.id"), default=None)
    # The payment that a credit and its refund give back.
    refunds_id: Mapped[UUID | None] = mapped_column(ForeignKey("ledger.id"), default=None)
    # How often its refund was undone before: what undoes a refund bears the same number.
    round: Mapped[int] = mapped_column(default=0, server_default="0")
    # Whose till the money went into; every payment has one.
    shift_id: Mapped[UUID | None] = mapped_column(ForeignKey("cash_shift.id"), default=None)
    loan_id: Mapped[UUID | None] = mapped_column(default=None)
    barcode: Mapped[str] = mapped_column(default="")
    title: Mapped[str] = mapped_column(default="")
    receipt: Mapped[str] = mapped_column(default="", index=True)
    method: Mapped[Method | None] = mapped_column(default=None)
    reason: Mapped[str] = mapped_column(default="")
    explain: Mapped[dict[str, Any]] = mapped_column(default=dict)
    actor: Mapped[str]
    at: Mapped[datetime]
