"""The agreement of a month, and its lines of difference."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.office.database import Base
from services.office.money.expenditure.model import Direction
from shared.i18n import N_
from shared.states import Choice
from shared.web.register.case import Case, Searchable


class AgreementState(Choice):
    """How far the month is."""

    draft = "draft", N_("核对中"), "warning"
    agreed = "agreed", N_("已对账"), "success"


class LineState(Choice):
    """Whether a difference still stands."""

    open = "open", N_("待处理"), "warning"
    settled = "settled", N_("已处理"), "success"


class Agreement(Searchable, Case, Base):
    """`period` is `2026-11`; money in fen; ours is filled in at the moment of agreeing."""

    __tablename__ = "reconciliation"
    __search__ = ("no", "period", "document")

    period: Mapped[str] = mapped_column(unique=True)
    income_theirs: Mapped[int]
    spending_theirs: Mapped[int]
    document: Mapped[str]
    contact: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    income_ours: Mapped[int | None]
    spending_ours: Mapped[int | None]
    vouchers: Mapped[int | None]
    agreed_by: Mapped[str] = mapped_column(default="")
    agreed_at: Mapped[datetime | None]


class Difference(Searchable, Case, Base):
    """What the two books do not share: `amount` is theirs less ours; without a voucher we have none."""

    __tablename__ = "reconciliation_line"
    __search__ = ("no", "agreement", "voucher", "reason")
    __table_args__ = (
        CheckConstraint("amount <> 0", name="amount"),
        Index("ix_reconciliation_line_agreement", "agreement"),
    )

    agreement: Mapped[str]
    voucher: Mapped[str] = mapped_column(default="")
    direction: Mapped[Direction]
    amount: Mapped[int]
    reason: Mapped[str]
    settlement: Mapped[str] = mapped_column(default="")
    settled_by: Mapped[str] = mapped_column(default="")
