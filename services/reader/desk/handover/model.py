"""Batches as they were sent, and what was counted of them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice


class HandoverState(Choice):
    """Where the count stands."""

    waiting = "waiting", N_("待清点"), "info"
    confirmed = "confirmed", N_("已接收"), "success"
    disputed = "disputed", N_("有差异"), "danger"


class Verdict(Choice):
    """What was found of a line; `expected` was not found yet, and `missing` not until the end."""

    expected = "expected", N_("未点到"), "secondary"
    ok = "ok", N_("相符"), "success"
    label_wrong = "label_wrong", N_("书标有误"), "warning"
    damaged = "damaged", N_("破损"), "danger"
    missing = "missing", N_("缺少"), "danger"


class Handover(Base):
    """`due_on` is the last day of the target, in working days on which the library is open."""

    __tablename__ = "handover"
    __table_args__ = (
        Index("ix_handover_due", "due_on", postgresql_where=text("state = 'waiting'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    number: Mapped[str] = mapped_column(unique=True)
    point: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    state: Mapped[HandoverState] = mapped_column(default=HandoverState.waiting)
    correlation: Mapped[UUID]
    sent_at: Mapped[datetime]
    sent_by: Mapped[str]
    due_on: Mapped[date]
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    received_by: Mapped[str] = mapped_column(default="")
    remark: Mapped[str] = mapped_column(default="")


class HandoverLine(Base):
    """An item of the list; `seat` is its place on the printed list."""

    __tablename__ = "handover_line"
    __audit__ = False
    __table_args__ = (
        UniqueConstraint("handover", "item_id"),
        Index("ix_handover_line_seat", "handover", "seat"),
        Index("ix_handover_line_barcode", "barcode"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    handover: Mapped[str] = mapped_column(ForeignKey("handover.number"))
    seat: Mapped[int]
    # No reference: the list may be heard of before the item is.
    item_id: Mapped[UUID]
    barcode: Mapped[str]
    title: Mapped[str]
    call_number: Mapped[str] = mapped_column(default="")
    location: Mapped[str] = mapped_column(default="")
    location_name: Mapped[str] = mapped_column(default="")
    location_name_en: Mapped[str] = mapped_column(default="")
    price_fen: Mapped[int] = mapped_column(default=0)
    verdict: Mapped[Verdict] = mapped_column(default=Verdict.expected)
    note: Mapped[str] = mapped_column(default="")
    counted_at: Mapped[datetime | None] = mapped_column(default=None)
    counted_by: Mapped[str] = mapped_column(default="")
    # Where the book went when it was accepted.
    went: Mapped[str] = mapped_column(default="")


class HandoverExtra(Base):
    """A book in the box that is not on its list; the code as scanned, and what is known of it."""

    __tablename__ = "handover_extra"
    __audit__ = False
    __table_args__ = (UniqueConstraint("handover", "barcode"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    handover: Mapped[str] = mapped_column(ForeignKey("handover.number"))
    barcode: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    # The batch that lists it, or the state it was in (msgid).
    other: Mapped[str] = mapped_column(default="")
    state_label: Mapped[str] = mapped_column(default="")
    found_at: Mapped[datetime]
    found_by: Mapped[str]
