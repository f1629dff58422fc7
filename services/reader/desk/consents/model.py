"""A consent between two patrons."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.database import uuid7


class Consent(Base):
    """`paper` is the number of the signed form; empty when the principal gave it themselves."""

    __tablename__ = "consent"
    __table_args__ = (
        Index(
            "uq_consent_open", "principal_id", "delegate_id", unique=True,
            postgresql_where=text("revoked_at IS NULL"),
        ),
        Index("ix_consent_delegate", "delegate_id"),
        Index("ix_consent_given", "given_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    number: Mapped[str] = mapped_column(unique=True)
    principal_id: Mapped[UUID] = mapped_column(ForeignKey("patron.id"))
    principal: Mapped[str]
    delegate_id: Mapped[UUID] = mapped_column(ForeignKey("patron.id"))
    delegate: Mapped[str]
    until: Mapped[date]
    paper: Mapped[str] = mapped_column(default="")
    given_at: Mapped[datetime]
    given_by: Mapped[str]
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)
    revoked_by: Mapped[str] = mapped_column(default="")
