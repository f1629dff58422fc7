"""Batches, their lines, what the desk found besides, and the points they go to."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.database import uuid7
from shared.i18n import N_, pick
from shared.states import Choice


class BatchState(Choice):
    """Where a batch stands."""

    draft = "draft", N_("编制中"), "secondary"
    sent = "sent", N_("待清点"), "info"
    confirmed = "confirmed", N_("已接收"), "success"
    disputed = "disputed", N_("有差异"), "danger"
    settled = "settled", N_("差异已处理"), "success"
    cancelled = "cancelled", N_("已作废"), "secondary"


class Outcome(Choice):
    """What the point said of a line."""

    open = "open", N_("未清点"), "secondary"
    accepted = "accepted", N_("相符"), "success"
    missing = "missing", N_("缺少"), "danger"
    label_wrong = "label_wrong", N_("书标有误"), "warning"
    damaged = "damaged", N_("破损"), "danger"


class Point(Base):
    """A service point as reader services tell it."""

    __tablename__ = "service_point"
    __audit__ = False

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_en: Mapped[str] = mapped_column(default="")
    open: Mapped[bool] = mapped_column(default=True)
    locations: Mapped[list[str]] = mapped_column(default=list)

    @property
    def text(self) -> str:
        """The name in the reader's language."""
        return pick(self.name, self.name_en)


class Batch(Base):
    """`due_on` is first reckoned in working days, then what the point answered by its own calendar."""

    __tablename__ = "handover"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    number: Mapped[str] = mapped_column(unique=True)
    point: Mapped[str] = mapped_column(ForeignKey("service_point.code"))
    state: Mapped[BatchState] = mapped_column(default=BatchState.draft)
    note: Mapped[str] = mapped_column(default="")
    correlation: Mapped[UUID]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    sent_at: Mapped[datetime | None] = mapped_column(default=None)
    sent_by: Mapped[str] = mapped_column(default="")
    due_on: Mapped[date | None] = mapped_column(default=None)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    received_by: Mapped[str] = mapped_column(default="")
    remark: Mapped[str] = mapped_column(default="")
    settled_at: Mapped[datetime | None] = mapped_column(default=None)
    settled_by: Mapped[str] = mapped_column(default="")
    settlement: Mapped[str] = mapped_column(default="")


class Line(Base):
    """An item of a batch, written as it was when the batch left; `open` until the batch is done."""

    __tablename__ = "handover_line"
    __audit__ = False
    __table_args__ = (
        UniqueConstraint("batch", "item_id"),
        # An item lies in one box at a time.
        Index("uq_handover_line_open", "item_id", unique=True, postgresql_where=text("open")),
        Index("ix_handover_line_batch", "batch", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    batch: Mapped[str] = mapped_column(ForeignKey("handover.number"))
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    barcode: Mapped[str]
    title: Mapped[str]
    call_number: Mapped[str] = mapped_column(default="")
    location: Mapped[str] = mapped_column(default="")
    volume: Mapped[str] = mapped_column(default="")
    price_cents: Mapped[int] = mapped_column(default=0)
    barcode_read: Mapped[bool] = mapped_column(default=False)
    label_right: Mapped[bool] = mapped_column(default=False)
    open: Mapped[bool] = mapped_column(default=True)
    outcome: Mapped[Outcome] = mapped_column(default=Outcome.open)
    reason: Mapped[str] = mapped_column(default="")


class Extra(Base):
    """A book the point found in the box that is not on the list."""

    __tablename__ = "handover_extra"
    __audit__ = False
    __table_args__ = (UniqueConstraint("batch", "barcode"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    batch: Mapped[str] = mapped_column(ForeignKey("handover.number"))
    barcode: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    other: Mapped[str] = mapped_column(default="")
