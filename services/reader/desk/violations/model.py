"""A violation."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.i18n import N_
from shared.states import Choice
from shared.web.register import Case, Searchable


class What(Choice):
    """Which rule was broken."""

    tearing = "tearing", N_("撕毁"), "danger"
    theft = "theft", N_("窃书"), "danger"
    defacing = "defacing", N_("涂画污损"), "warning"
    card = "card", N_("转借证件"), "warning"
    disturbance = "disturbance", N_("扰乱秩序"), "info"
    other = "other", N_("其他"), "secondary"


class Measure(Choice):
    """What follows."""

    reminder = "reminder", N_("提醒教育"), "info"
    suspension = "suspension", N_("停借"), "warning"
    compensation = "compensation", N_("赔偿"), "danger"
    college = "college", N_("通报学院"), "danger"


class ViolationState(Choice):
    """How far the case is."""

    found = "found", N_("待取证"), "warning"
    evidence = "evidence", N_("待处理"), "warning"
    decided = "decided", N_("已处理，可申诉"), "info"
    appealed = "appealed", N_("申诉中"), "primary"
    refund_due = "refund_due", N_("已撤销，退款待付"), "info"
    closed = "closed", N_("已结"), "success"
    revoked = "revoked", N_("已撤销"), "secondary"
    dropped = "dropped", N_("不予处理"), "secondary"


class Violation(Searchable, Case, Base):
    """`created_by` found it; `card` is whose; amounts in fen; `charge_id` is the compensation in the ledger."""

    __tablename__ = "violation"
    __search__ = ("no", "card", "barcode")
    __table_args__ = (
        CheckConstraint("decided_by = '' OR decided_by <> created_by", name="decided"),
        CheckConstraint("judged_by = '' OR judged_by NOT IN (decided_by, created_by)", name="judged"),
        Index("ix_violation_card", "card"),
        Index("ix_violation_ended", "ended_on"),
    )

    card: Mapped[str]
    what: Mapped[What]
    happened_on: Mapped[date]
    place: Mapped[str] = mapped_column(default="")
    barcode: Mapped[str] = mapped_column(default="")
    facts: Mapped[str]
    evidence: Mapped[str] = mapped_column(default="")
    rule: Mapped[str] = mapped_column(default="")
    measure: Mapped[Measure | None]
    decision: Mapped[str] = mapped_column(default="")
    suspended_until: Mapped[date | None]
    amount_fen: Mapped[int] = mapped_column(default=0)
    charge_id: Mapped[UUID | None]
    decided_by: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
    appeal_until: Mapped[date | None]
    appeal: Mapped[str] = mapped_column(default="")
    appealed_at: Mapped[datetime | None]
    judgement: Mapped[str] = mapped_column(default="")
    judged_by: Mapped[str] = mapped_column(default="")
    voucher: Mapped[str] = mapped_column(default="")
    # Which asking of the office runs: one more each time a payment was reversed.
    refund_round: Mapped[int] = mapped_column(default=0)
    ended_on: Mapped[date | None]
