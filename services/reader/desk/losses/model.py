"""A loss case."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice


class How(Choice):
    """How the library came to know."""

    declared = "declared", N_("读者报失"), "danger"
    claimed = "claimed", N_("读者称已还"), "warning"
    overdue = "overdue", N_("超期过久视同遗失"), "danger"


class LossState(Choice):
    """Where a case stands; whether money was paid is read from the ledger, not kept twice."""

    searching = "searching", N_("查找中"), "warning"
    open = "open", N_("待定赔偿"), "danger"
    money = "money", N_("按款赔偿"), "info"
    processing = "processing", N_("赔书加工"), "accent"
    replaced = "replaced", N_("已赔书"), "success"
    found = "found", N_("已找回"), "success"
    refundable = "refundable", N_("可申请退款"), "warning"
    refund_asked = "refund_asked", N_("退款待审"), "warning"
    refund_due = "refund_due", N_("退款待付"), "info"
    refunded = "refunded", N_("已退款"), "success"
    unpaid = "unpaid", N_("退款已冲销"), "danger"
    extra = "extra", N_("原书又找回"), "info"
    kept_both = "kept_both", N_("两册俱在"), "success"
    let_go = "let_go", N_("原书不再入藏"), "secondary"


ENDED = (
    LossState.replaced, LossState.found, LossState.refunded, LossState.kept_both, LossState.let_go,
)
# What is left of these is money; the item goes its own way and may be lost once more.
SETTLED = (*ENDED, LossState.unpaid)
OPEN = text("state NOT IN ('replaced', 'found', 'refunded', 'kept_both', 'let_go', 'unpaid')")


class Loss(Base):
    """`card` and `patron_id` are who had the item; `explain` is the reckoning of the compensation."""

    __tablename__ = "loss"
    __table_args__ = (
        Index("uq_loss_open", "item_id", unique=True, postgresql_where=OPEN),
        Index("ix_loss_state", "state", "moved_at"),
        Index("ix_loss_patron", "patron_id"),
        CheckConstraint("refund_approved_by = '' OR refund_approved_by <> refund_asked_by", name="four_eyes"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    no: Mapped[str] = mapped_column(unique=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    barcode: Mapped[str] = mapped_column(index=True)
    title: Mapped[str]
    instance_id: Mapped[str]
    loan_id: Mapped[UUID | None] = mapped_column(default=None)
    patron_id: Mapped[UUID | None] = mapped_column(ForeignKey("patron.id"), default=None)
    card: Mapped[str] = mapped_column(default="")
    how: Mapped[How]
    state: Mapped[LossState]
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]
    moved_at: Mapped[datetime]
    correlation: Mapped[UUID] = mapped_column(default=uuid7)
    note: Mapped[str] = mapped_column(default="")
    # The fine up to the day of the report; for a claim it is charged only when the claim fails.
    fine: Mapped[dict[str, Any] | None] = mapped_column(default=None)

    charge_id: Mapped[UUID | None] = mapped_column(default=None)
    explain: Mapped[dict[str, Any] | None] = mapped_column(default=None)

    new_title: Mapped[str] = mapped_column(default="")
    new_edition: Mapped[str] = mapped_column(default="")
    new_year: Mapped[int | None] = mapped_column(default=None)
    new_isbn: Mapped[str] = mapped_column(default="")
    new_barcode: Mapped[str | None] = mapped_column(unique=True, default=None)
    # {"step", "by", "at"} in the order they were ticked.
    steps: Mapped[list[dict[str, Any]]] = mapped_column(default=list)

    # The original came back although a copy stands, or is about to stand, in its place.
    original_at: Mapped[datetime | None] = mapped_column(default=None)
    original_damaged: Mapped[bool] = mapped_column(default=False)

    recovered_at: Mapped[datetime | None] = mapped_column(default=None)
    refund_receipt: Mapped[str] = mapped_column(default="")
    refund_asked_by: Mapped[str] = mapped_column(default="")
    refund_approved_by: Mapped[str] = mapped_column(default="")
    # Which asking of the office runs: one more each time a payment was reversed.
    refund_round: Mapped[int] = mapped_column(default=0)
    refund_voucher: Mapped[str] = mapped_column(default="")
    voucher_state: Mapped[str] = mapped_column(default="")
    voucher_fen: Mapped[int | None] = mapped_column(default=None)
    refused: Mapped[str] = mapped_column(default="")
