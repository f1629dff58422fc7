"""The proof that links were cut."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.database import uuid7


class LinkCut(Base):
    """One run: how many loans returned before `until` lost their person; `patron_id` when somebody asked."""

    __tablename__ = "link_cut"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    at: Mapped[datetime]
    until: Mapped[date]
    count: Mapped[int]
    # Working notes of the counter that lost their card in the same run.
    lines: Mapped[int] = mapped_column(default=0)
    patron_id: Mapped[UUID | None] = mapped_column(ForeignKey("patron.id"), default=None)
