"""Lists that members send: which kinds there are, a list, its rows and what becomes of each."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice


class Subject(Choice):
    """What a file of a member lists."""

    foreign = "foreign", N_("对方图书还到本馆"), "info"
    home = "home", N_("本馆图书还到对方"), "success"
    arrivals = "arrivals", N_("预约图书已到对方"), "warning"
    loans = "loans", N_("本馆图书在对方借出"), "accent"
    cards = "cards", N_("对方办理的联合证"), "secondary"


class FileState(Choice):
    """Looked at, or what became of it."""

    looked_at = "looked_at", N_("待确认"), "warning"
    done = "done", N_("已完成"), "success"
    dropped = "dropped", N_("已放弃"), "secondary"


class Fate(Choice):
    """What would become of a row, and then what did."""

    new = "new", N_("登记"), "success"
    same = "same", N_("已登记过"), "secondary"
    refused = "refused", N_("拒绝"), "danger"


class UnionFile(Base):
    """A list a member sent. `counts` are rows by fate: foreseen until it is applied, then what happened."""

    __tablename__ = "union_file"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    number: Mapped[str] = mapped_column(unique=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("union_member.id"))
    subject: Mapped[Subject]
    state: Mapped[FileState] = mapped_column(default=FileState.looked_at)
    file_name: Mapped[str]
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    finished_by: Mapped[str] = mapped_column(default="")
    finished_at: Mapped[datetime | None] = mapped_column(default=None)


class UnionRow(Base):
    """One line of a member's file; `notes` are the sentences of a refusal, or what was done."""

    __tablename__ = "union_file_row"
    __audit__ = False
    __table_args__ = (Index("ix_union_file_row", "file_id", "line"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    file_id: Mapped[UUID] = mapped_column(ForeignKey("union_file.id"))
    line: Mapped[int]
    ref: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    fate: Mapped[Fate]
    notes: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
