"""A run of the drop box and its books."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice


class Went(Choice):
    """Where a book of the run goes; `waiting` has not been worked on yet."""

    waiting = "waiting", N_("待处理"), "secondary"
    problem = "problem", N_("有问题"), "danger"
    hold_shelf = "hold_shelf", N_("放预约架"), "warning"
    repair = "repair", N_("送修补"), "warning"
    inspect = "inspect", N_("送回验"), "info"
    check = "check", N_("验盘"), "warning"
    transit = "transit", N_("转资源建设部"), "info"
    shelve = "shelve", N_("上架"), "success"


class DropRun(Base):
    """`on` is the day the books count as returned; `print_` recognises a list handed in twice."""

    __tablename__ = "drop_run"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    number: Mapped[str] = mapped_column(unique=True)
    on: Mapped[date]
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]
    print_: Mapped[str | None] = mapped_column(unique=True, default=None)


class DropLine(Base):
    """One book of a run; a barcode stands in a run once."""

    __tablename__ = "drop_line"
    __audit__ = False
    __table_args__ = (
        UniqueConstraint("run", "barcode"), Index("ix_drop_line_run", "run", "turn"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    turn: Mapped[int] = mapped_column(BigInteger, Identity())
    run: Mapped[str] = mapped_column(ForeignKey("drop_run.number"))
    barcode: Mapped[str]
    went: Mapped[Went] = mapped_column(default=Went.waiting)
    title: Mapped[str] = mapped_column(default="")
    call_number: Mapped[str] = mapped_column(default="")
    location: Mapped[str] = mapped_column(default="")
    fine_fen: Mapped[int] = mapped_column(default=0)
    was_lent: Mapped[bool] = mapped_column(default=False)
    # Where exactly: the slot of the hold shelf; and what is wrong, sayable in either language.
    shelf: Mapped[str] = mapped_column(default="")
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    at: Mapped[datetime | None] = mapped_column(default=None)
