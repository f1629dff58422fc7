"""Waiting cases, and a row per holder so that one person's list is read straight from an index."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.database import Base


class WorkItem(Base):
    """Something that must be done; closed rows stay a while, so that a late opening cannot revive one."""

    __tablename__ = "work_item"
    __audit__ = False
    __table_args__ = (
        Index("ix_work_item_open_kind", "kind", "dept", postgresql_where=text("closed_at IS NULL")),
        Index("ix_work_item_closed_at", "closed_at", postgresql_where=text("closed_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    dept: Mapped[str]
    title_zh: Mapped[str] = mapped_column(default="")
    title_en: Mapped[str] = mapped_column(default="")
    url: Mapped[str] = mapped_column(default="")
    duty: Mapped[str] = mapped_column(default="")
    urgent: Mapped[bool] = mapped_column(default=False)
    due_at: Mapped[datetime | None]
    holders: Mapped[list[str]] = mapped_column(default=list)
    correlation: Mapped[UUID | None]
    opened_at: Mapped[datetime]
    moved_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class WorkHolder(Base):
    """An open case under one post, prefix or person; in the order in which it should be done."""

    __tablename__ = "work_holder"
    __audit__ = False
    __table_args__ = (
        Index("ix_work_holder_item", "item_id"),
        Index("ix_work_holder_dept", "holder", "dept", "sort_at", "item_id"),
    )

    holder: Mapped[str] = mapped_column(primary_key=True)
    sort_at: Mapped[datetime] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("work_item.id", ondelete="CASCADE"), primary_key=True
    )
    dept: Mapped[str]
    due_at: Mapped[datetime | None]
