"""One use of an item in the house."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.database import uuid7


class HouseUse(Base):
    """`card` is kept only while the item is in the reader's hands; the count stays (see the trigger)."""

    __tablename__ = "house_use"
    __audit__ = False
    __table_args__ = (
        Index("uq_house_use_open", "item_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("ix_house_use_at", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    barcode: Mapped[str]
    title: Mapped[str]
    call_number: Mapped[str] = mapped_column(default="")
    card: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    by: Mapped[str]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
