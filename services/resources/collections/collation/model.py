"""Checks of single items."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice


class Aspect(Choice):
    """What is compared."""

    book = "book", N_("图书"), "danger"
    spine = "label", N_("书标"), "warning"
    barcode = "barcode", N_("条码"), "warning"
    tape = "strip", N_("磁条"), "warning"
    stamp = "stamp", N_("馆藏章"), "warning"
    record = "record", N_("书目记录"), "danger"


class CollationCheck(Base):
    """One look at one item; `open` while what was wrong waits to be mended. No aspects: all was right."""

    __tablename__ = "collation_check"
    __table_args__ = (
        CheckConstraint("processed_by <> checked_by", name="two_people"),
        Index("uq_collation_check_open", "item_id", unique=True, postgresql_where=text("open")),
        Index("ix_collation_check_at", "at"),
        Index("ix_collation_check_item", "item_id", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    barcode: Mapped[str]
    title: Mapped[str]
    aspects: Mapped[list[str]] = mapped_column(default=list)
    # A defect code of proofreading, where the record is wrong.
    code: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    processed_by: Mapped[str]
    checked_by: Mapped[str]
    at: Mapped[datetime]
    open: Mapped[bool] = mapped_column(default=False)
    mended_by: Mapped[str] = mapped_column(default="")
    mended_at: Mapped[datetime | None]
