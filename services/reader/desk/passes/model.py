"""Passes, the lists they came in, and the mark one has to reach."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice


class Way(Choice):
    """How the library came to know of a pass."""

    list = "list", N_("名单"), "info"
    desk = "desk", N_("服务台办理"), "accent"
    exam = "exam", N_("考试"), "success"


class ListState(Choice):
    """Looked at, applied, put away."""

    looked_at = "looked_at", N_("待确认"), "warning"
    applied = "applied", N_("已开通"), "success"
    dropped = "dropped", N_("已放弃"), "secondary"


class Fate(Choice):
    """What would become of a row, and then what did."""

    passes = "passes", N_("开通借书"), "success"
    already = "already", N_("已经开通"), "secondary"
    below = "below", N_("未达分数线"), "warning"
    exempt = "exempt", N_("无需入馆教育"), "secondary"
    refused = "refused", N_("有误"), "danger"


class OrientationPass(Base):
    """One pass of one patron; a withdrawn one stays and says why. At most one holds at a time."""

    __tablename__ = "orientation_pass"
    __table_args__ = (
        Index("uq_orientation_pass", "patron_id", unique=True, postgresql_where=text("withdrawn_at IS NULL")),
        Index("ix_orientation_pass_patron", "patron_id", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    patron_id: Mapped[UUID] = mapped_column(ForeignKey("patron.id"))
    way: Mapped[Way]
    passed_on: Mapped[date]
    # Out of a hundred, as it was told; none where the desk let somebody pass.
    score: Mapped[float | None] = mapped_column(default=None)
    list_number: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    by: Mapped[str]
    at: Mapped[datetime]
    withdrawn_by: Mapped[str] = mapped_column(default="")
    withdrawn_at: Mapped[datetime | None] = mapped_column(default=None)
    withdrawn_why: Mapped[str] = mapped_column(default="")


class PassList(Base):
    """One list of results. `counts` are rows by fate: foreseen until it is applied, then what happened."""

    __tablename__ = "pass_list"
    __table_args__ = (Index("ix_pass_list_at", "created_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    number: Mapped[str] = mapped_column(unique=True)
    state: Mapped[ListState] = mapped_column(default=ListState.looked_at)
    file_name: Mapped[str]
    digest: Mapped[str]
    # The mark that held when the list was handed in.
    mark: Mapped[int]
    rows: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    finished_by: Mapped[str] = mapped_column(default="")
    finished_at: Mapped[datetime | None] = mapped_column(default=None)
    correlation: Mapped[UUID]


class PassRow(Base):
    """One line of a list; `note` is a msgid with `params`."""

    __tablename__ = "pass_row"
    __audit__ = False
    __table_args__ = (
        Index("ix_pass_row_list", "list_id", "id"), Index("ix_pass_row_fate", "list_id", "fate", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    list_id: Mapped[UUID] = mapped_column(ForeignKey("pass_list.id"))
    line: Mapped[int]
    card: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    passed_on: Mapped[date | None] = mapped_column(default=None)
    score: Mapped[float | None] = mapped_column(default=None)
    fate: Mapped[Fate]
    note: Mapped[str] = mapped_column(default="")
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)


class PassMark(Base):
    """The mark one has to reach; the newest row holds, older ones say what held before."""

    __tablename__ = "pass_mark"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    mark: Mapped[int]
    by: Mapped[str]
    at: Mapped[datetime]
