"""Lists of works that patrons keep."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.database import uuid7


class ReadingList(Base):
    """A list; `token` is the secret part of its public address and empty (null) while it is private.

    Not audited: who collects what is as private as who borrows what.
    """

    __tablename__ = "reading_list"
    __audit__ = False

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    patron_id: Mapped[UUID] = mapped_column(ForeignKey("patron.id"), index=True)
    title: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    token: Mapped[str | None] = mapped_column(unique=True, default=None)
    created_at: Mapped[datetime]


class ListEntry(Base):
    """A work on a list, once."""

    __tablename__ = "list_entry"
    __audit__ = False
    __table_args__ = (UniqueConstraint("list_id", "instance_id", name="uq_list_entry_work"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    list_id: Mapped[UUID] = mapped_column(ForeignKey("reading_list.id", ondelete="CASCADE"))
    instance_id: Mapped[str] = mapped_column(index=True)
    title: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    added_at: Mapped[datetime]
