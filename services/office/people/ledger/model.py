"""Rows of the ledger, and the head of their chain."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.office.database import Base


class LedgerEntry(Base):
    """One fact credited to one person for one duty; never changed, never removed.

    `payload` keeps the fact as it was stated, so that its sentence can be said in any language.
    """

    __tablename__ = "ledger"
    __audit__ = False
    __table_args__ = (
        UniqueConstraint("event_id", "duty"),
        Index("ix_ledger_person", "person", "at"),
        Index("ix_ledger_duty", "duty", "at"),
    )

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    person: Mapped[str]
    duty: Mapped[str]
    event_id: Mapped[UUID]
    name: Mapped[str]
    event_version: Mapped[int]
    at: Mapped[datetime] = mapped_column(index=True)
    department: Mapped[str]
    case_ref: Mapped[str] = mapped_column(default="")
    link: Mapped[str] = mapped_column(default="")
    quantity: Mapped[int] = mapped_column(default=1)
    payload: Mapped[dict[str, Any]]
    prev_hash: Mapped[str]
    hash: Mapped[str]


class LedgerHead(Base):
    """The last position and hash; its one row is locked by whoever appends."""

    __tablename__ = "ledger_head"
    __audit__ = False

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int]
    hash: Mapped[str]
