"""Every fact of every department, with the keys it can be found by."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.database import Base

JOINED = "payload ->> 'card' <> '' AND (payload ? 'barcode' OR payload ? 'title')"


class Chronicle(Base):
    """One fact as it was stated; its sentence is made when somebody reads it, in their language."""

    __tablename__ = "chronicle"
    __audit__ = False
    __table_args__ = (
        Index("ix_chronicle_correlation", "correlation", "at", "seq"),
        Index("ix_chronicle_actor", "actor", "at"),
        Index("ix_chronicle_at", "at"),
        Index("ix_chronicle_news", "at", postgresql_where=text("news")),
        # Facts that still name a patron beside a book: what forgetting looks for (forgetting.py says the same).
        Index("ix_chronicle_joined", "at", postgresql_where=text(JOINED)),
    )

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    arrived: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    source: Mapped[str]
    seq: Mapped[int]
    name: Mapped[str]
    version: Mapped[int]
    at: Mapped[datetime]
    actor: Mapped[str]
    actor_kind: Mapped[str]
    correlation: Mapped[UUID | None]
    cause: Mapped[UUID | None]
    topic: Mapped[str]
    news: Mapped[bool] = mapped_column(default=False)
    # Whose list of work the fact changed, so that only they are told to look again.
    holders: Mapped[list[str]] = mapped_column(default=list)
    payload: Mapped[dict[str, Any]]


class ChronicleRef(Base):
    """`item:A000123`, `case:XB2026-0001`, `staff:S012`: what a fact is about."""

    __tablename__ = "chronicle_ref"
    __audit__ = False

    ref: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(
        ForeignKey("chronicle.event_id", ondelete="CASCADE"), primary_key=True, index=True
    )
