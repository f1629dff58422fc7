"""Transfer lists and their lines."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.database import uuid7
from shared.i18n import N_, pick
from shared.states import Choice


class TransferState(Choice):
    """Where the list stands."""

    draft = "draft", N_("开单中"), "secondary"
    submitted = "submitted", N_("待审批"), "warning"
    approved = "approved", N_("已批准，待装箱"), "accent"
    sent = "sent", N_("调拨途中"), "info"
    received = "received", N_("已收清"), "success"
    differed = "differed", N_("有差异结单"), "danger"
    cancelled = "cancelled", N_("已作废"), "secondary"


class LineState(Choice):
    """Where a book of the list is."""

    listed = "listed", N_("待取"), "secondary"
    out = "out", N_("已装箱"), "info"
    received = "received", N_("已收到"), "success"
    unsent = "unsent", N_("未取到"), "warning"
    missing = "missing", N_("未到"), "danger"


class Transfer(Base):
    """From a point to a location that another (or the same) point keeps; `due_on` is the last day of the target."""

    __tablename__ = "transfer"
    __table_args__ = (
        CheckConstraint("approved_by = '' OR approved_by NOT IN (made_by, submitted_by)", name="approved"),
        Index("ix_transfer_plan", "plan", postgresql_where=text("plan <> ''")),
        Index("ix_transfer_due", "due_on", postgresql_where=text("state = 'sent'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    number: Mapped[str] = mapped_column(unique=True)
    origin: Mapped[str]
    to: Mapped[str]
    location: Mapped[str]
    location_name: Mapped[str] = mapped_column(default="")
    location_name_en: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    # The plan of resources it was made of; empty for a list of our own.
    plan: Mapped[str] = mapped_column(default="", server_default="")
    state: Mapped[TransferState] = mapped_column(default=TransferState.draft)
    correlation: Mapped[UUID]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    submitted_at: Mapped[datetime | None] = mapped_column(default=None)
    submitted_by: Mapped[str] = mapped_column(default="")
    approved_at: Mapped[datetime | None] = mapped_column(default=None)
    approved_by: Mapped[str] = mapped_column(default="")
    # Why it was sent back the last time; empty once it is approved.
    sent_back: Mapped[str] = mapped_column(default="")
    sent_at: Mapped[datetime | None] = mapped_column(default=None)
    sent_by: Mapped[str] = mapped_column(default="")
    due_on: Mapped[date | None] = mapped_column(default=None)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    closed_by: Mapped[str] = mapped_column(default="")
    remark: Mapped[str] = mapped_column(default="")

    @property
    def place(self) -> str:
        """Where the books will stand, in the reader's language."""
        return pick(self.location_name, self.location_name_en) or self.location


class TransferLine(Base):
    """A book of the list; `open` until it arrived, was left behind, or is given up."""

    __tablename__ = "transfer_line"
    __audit__ = False
    __table_args__ = (
        UniqueConstraint("transfer", "item_id"),
        # A book stands on one list at a time.
        Index("uq_transfer_line_open", "item_id", unique=True, postgresql_where=text("open")),
        Index("ix_transfer_line_received", "received_at", postgresql_where=text("received_at IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    transfer: Mapped[str] = mapped_column(ForeignKey("transfer.number"))
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    barcode: Mapped[str]
    title: Mapped[str]
    call_number: Mapped[str] = mapped_column(default="")
    from_location: Mapped[str] = mapped_column(default="")
    from_name: Mapped[str] = mapped_column(default="")
    price_fen: Mapped[int] = mapped_column(default=0)
    state: Mapped[LineState] = mapped_column(default=LineState.listed)
    open: Mapped[bool] = mapped_column(default=True)
    sent_at: Mapped[datetime | None] = mapped_column(default=None)
    sent_by: Mapped[str] = mapped_column(default="")
    received_at: Mapped[datetime | None] = mapped_column(default=None)
    received_by: Mapped[str] = mapped_column(default="")
    # Where the book went on arrival.
    went: Mapped[str] = mapped_column(default="")
