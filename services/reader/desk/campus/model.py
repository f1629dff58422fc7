"""A file of the card centre and its rows."""

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


class FileState(Choice):
    """Looked at, being taken up, history."""

    looked_at = "looked_at", N_("待确认"), "warning"
    applying = "applying", N_("导入中"), "info"
    done = "done", N_("已完成"), "success"
    dropped = "dropped", N_("已放弃"), "secondary"


class Fate(Choice):
    """What would become of a row, and then what did."""

    insert = "insert", N_("新增"), "success"
    change = "change", N_("更改"), "info"
    loss = "loss", N_("挂失"), "danger"
    leave = "leave", N_("离校"), "warning"
    same = "same", N_("无变化"), "secondary"
    refused = "refused", N_("拒绝"), "danger"


class CardFile(Base):
    """One file. `counts` are rows by fate: foreseen until it is applied, then what happened."""

    __tablename__ = "card_file"
    __table_args__ = (Index("ix_card_file_state", "state", "created_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    number: Mapped[str] = mapped_column(unique=True)
    state: Mapped[FileState] = mapped_column(default=FileState.looked_at)
    file_name: Mapped[str]
    digest: Mapped[str]
    full: Mapped[bool] = mapped_column(default=False)
    rows: Mapped[int]
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # The last row that was taken up: a job begun again goes on behind it.
    position: Mapped[int] = mapped_column(BigInteger, default=0)
    created_by: Mapped[str]
    posts: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None] = mapped_column(default=None)
    finished_at: Mapped[datetime | None] = mapped_column(default=None)
    correlation: Mapped[UUID]


class CardRow(Base):
    """One line of the file; `note` is a msgid with `params`."""

    __tablename__ = "card_row"
    __audit__ = False
    __table_args__ = (
        Index("ix_card_row_file", "file_id", "id"), Index("ix_card_row_fate", "file_id", "fate", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    file_id: Mapped[UUID] = mapped_column(ForeignKey("card_file.id"))
    line: Mapped[int]
    card: Mapped[str]
    fate: Mapped[Fate]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    note: Mapped[str] = mapped_column(default="")
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
