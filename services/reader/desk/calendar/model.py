"""The days the library is closed."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.database import uuid7


class ClosedDay(Base):
    """One day without opening hours, and why."""

    __tablename__ = "closed_day"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    day: Mapped[date] = mapped_column(unique=True)
    reason: Mapped[str]
    reason_en: Mapped[str] = mapped_column(default="")
