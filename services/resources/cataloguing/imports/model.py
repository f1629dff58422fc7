"""Import jobs and what became of each record."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice


class JobState(Choice):
    """A file is looked at, read, and then history."""

    uploaded = "uploaded", N_("待确认"), "warning"
    reading = "reading", N_("导入中"), "info"
    done = "done", N_("已完成"), "success"
    stopped = "stopped", N_("已停止"), "secondary"
    failed = "failed", N_("失败"), "danger"


class Outcome(Choice):
    """What became of a record."""

    added = "added", N_("新增"), "success"
    duplicate = "duplicate", N_("重复"), "secondary"
    refused = "refused", N_("拒绝"), "danger"


class ImportJob(Base):
    """One file."""

    __tablename__ = "import_job"
    __table_args__ = (Index("ix_import_job_state", "state", "created_at"),)
    __audit_hide__ = ("preview",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    no: Mapped[str] = mapped_column(unique=True)
    state: Mapped[JobState] = mapped_column(default=JobState.uploaded)
    file_name: Mapped[str]
    digest: Mapped[str]
    size: Mapped[int]
    charset: Mapped[str] = mapped_column(default="auto")
    dialect: Mapped[str] = mapped_column(default="auto")
    location: Mapped[str] = mapped_column(default="")
    number_items: Mapped[bool] = mapped_column(default=False)
    # New books: their items go to a service point with a batch. False: they stand on the shelf already.
    in_process: Mapped[bool] = mapped_column(default=False)
    # Its records wait for a second reader before patrons see them.
    draft: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)
    bytes_read: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)
    duplicate: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    warned: Mapped[int] = mapped_column(default=0)
    items: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(default="")
    preview: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    created_by: Mapped[str]
    posts: Mapped[str] = mapped_column(default="")
    runner: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    beat_at: Mapped[datetime | None]
    correlation: Mapped[UUID]


class ImportLine(Base):
    """One record of a file."""

    __tablename__ = "import_line"
    __table_args__ = (Index("ix_import_line_job", "job_id", "outcome", "number"),)
    __audit__ = False

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    job_id: Mapped[UUID] = mapped_column(ForeignKey("import_job.id"))
    number: Mapped[int]
    outcome: Mapped[Outcome]
    title: Mapped[str] = mapped_column(default="")
    record: Mapped[str] = mapped_column(default="")
    items: Mapped[int] = mapped_column(default=0)
    notes: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    raw: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
