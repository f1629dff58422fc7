"""Notices: short lines for one person, kept until they have been read."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.database import Base


class Notice(Base):
    """One line for one person about one fact."""

    __tablename__ = "notice"
    __audit__ = False
    __table_args__ = (
        UniqueConstraint("person_id", "event_id", "topic"),
        Index("ix_notice_person", "person_id", "id"),
        Index("ix_notice_unread", "person_id", "id", postgresql_where=text("read_at IS NULL")),
        Index("ix_notice_at", "at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    person_id: Mapped[str]
    event_id: Mapped[UUID]
    topic: Mapped[str]
    text_zh: Mapped[str]
    text_en: Mapped[str]
    url: Mapped[str] = mapped_column(default="")
    tone: Mapped[str] = mapped_column(default="info")
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]
