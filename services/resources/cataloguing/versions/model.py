"""Versions of a record: immutable content, a state that moves on."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice


class VersionState(Choice):
    """What a version is to its record now."""

    live = "live", N_("现行"), "success"
    pending = "pending", N_("待校对"), "warning"
    returned = "returned", N_("校对退回"), "danger"
    former = "former", N_("历史"), "secondary"
    replaced = "replaced", N_("已被改写"), "secondary"
    dropped = "dropped", N_("已作废"), "secondary"


class Origin(Choice):
    """How a version came about."""

    imported = "imported", N_("导入"), "secondary"
    new = "new", N_("新建"), "info"
    marc = "marc", N_("MARC 编辑"), "info"
    form = "form", N_("表单"), "info"
    restored = "restored", N_("恢复旧版"), "warning"
    converted = "converted", N_("转换格式"), "info"
    merged = "merged", N_("合并"), "warning"
    authority = "authority", N_("规范变更"), "info"
    union = "union", N_("联合目录"), "info"


class RecordVersion(Base):
    """What a record said at one save."""

    __tablename__ = "record_version"
    __table_args__ = (
        UniqueConstraint("instance_id", "no", name="uq_record_version_no"),
        Index("uq_record_version_live", "instance_id", unique=True, postgresql_where=text("state = 'live'")),
        # One correction of a record is open at a time; who goes on, goes on from it.
        Index(
            "uq_record_version_open", "instance_id", unique=True,
            postgresql_where=text("state IN ('pending', 'returned')"),
        ),
        Index("ix_record_version_waiting", "made_at", postgresql_where=text("state = 'pending'")),
    )
    __audit_hide__ = ("fields",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("instance.id"))
    no: Mapped[int]
    state: Mapped[VersionState]
    origin: Mapped[Origin]
    title: Mapped[str]
    fields: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    reason: Mapped[str] = mapped_column(default="")
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    checked_by: Mapped[str] = mapped_column(default="")
    checked_at: Mapped[datetime | None]
