"""Labels that are still to be printed, and who printed them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice


class Cause(Choice):
    """Why the label on the book is no longer right."""

    barcode = "barcode", N_("更换条码"), "warning"
    moved = "moved", N_("改索书号或馆藏地"), "info"
    asked = "asked", N_("登记补打"), "secondary"


class LabelJob(Base):
    """One item whose label is to be printed; what goes on it is read from the item when it is."""

    __tablename__ = "label_job"
    __table_args__ = (
        Index("uq_label_job_open", "item_id", unique=True, postgresql_where=text("done_at IS NULL")),
        Index("ix_label_job_done", "done_at", postgresql_where=text("done_at IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    cause: Mapped[Cause]
    asked_at: Mapped[datetime]
    done_at: Mapped[datetime | None] = mapped_column(default=None)
    done_by: Mapped[str] = mapped_column(default="")
