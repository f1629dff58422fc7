"""A pull list as we heard of it, and what became of each of its books."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice


class PullState(Choice):
    """Where the list stands."""

    open = "open", N_("取书中"), "info"
    done = "done", N_("已回报"), "success"
    ended = "ended", N_("不再取书"), "secondary"


class Outcome(Choice):
    """What became of a book of the list."""

    open = "open", N_("待取"), "secondary"
    found = "found", N_("已取到"), "success"
    absent = "absent", N_("未找到"), "danger"
    held = "held", N_("暂留"), "warning"
    back = "back", N_("决定保留，退回上架"), "info"


class PullList(Base):
    """Named by the number of the batch."""

    __tablename__ = "pull_list"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    number: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    total: Mapped[int] = mapped_column(default=0)
    due_on: Mapped[date | None]
    state: Mapped[PullState] = mapped_column(default=PullState.open)
    correlation: Mapped[UUID]
    heard_at: Mapped[datetime]
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    closed_by: Mapped[str] = mapped_column(default="")


class PullLine(Base):
    """One book; `discs` are the barcodes of what lies with it."""

    __tablename__ = "pull_line"
    __audit__ = False
    __table_args__ = (
        UniqueConstraint("list", "barcode"),
        Index("ix_pull_line_outcome", "list", "outcome", "location", "call_number"),
        Index("ix_pull_line_barcode", "barcode"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    list: Mapped[str] = mapped_column(ForeignKey("pull_list.number"))
    barcode: Mapped[str]
    title: Mapped[str]
    call_number: Mapped[str] = mapped_column(default="")
    location: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    discs: Mapped[str] = mapped_column(default="")
    outcome: Mapped[Outcome] = mapped_column(default=Outcome.open)
    why: Mapped[str] = mapped_column(default="")
    by: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime | None] = mapped_column(default=None)
