"""Which receipts were printed, and how often."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.database import uuid7


class ReceiptPrint(Base):
    """One printing; the first is the original, every later one is marked as a copy."""

    __tablename__ = "receipt_print"
    __audit__ = False
    __table_args__ = (UniqueConstraint("receipt", "copy"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    receipt: Mapped[str]
    copy: Mapped[int]
    at: Mapped[datetime]
    by: Mapped[str]
