"""An item nobody can find."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.i18n import N_
from shared.states import Choice
from shared.web.register import Case, Searchable


class MissingState(Choice):
    """How the search stands."""

    missing = "missing", N_("查找中"), "warning"
    found = "found", N_("已找到"), "success"
    proposed = "proposed", N_("已列入剔旧"), "secondary"


class MissingItem(Searchable, Case, Base):
    """One line per item, `no` is the barcode it bore first; `rounds` are the stock-takes in a row that missed it."""

    __tablename__ = "missing_item"
    __audit__ = False
    __search__ = ("no", "barcode", "title", "call_number", "stocktake")
    __table_args__ = (
        Index("uq_missing_item_item", "item_id", unique=True),
        Index("ix_missing_item_barcode", "barcode", postgresql_where=text("state = 'missing'")),
        Index("ix_missing_item_stocktake", "stocktake"),
    )

    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    barcode: Mapped[str]
    title: Mapped[str]
    call_number: Mapped[str] = mapped_column(default="")
    location: Mapped[str] = mapped_column(default="")
    location_name: Mapped[str] = mapped_column(default="")
    price_cents: Mapped[int] = mapped_column(default=0)
    stocktake: Mapped[str] = mapped_column(default="")
    rounds: Mapped[int] = mapped_column(default=1)
    missing_on: Mapped[date]
    since_at: Mapped[datetime]
    found_at: Mapped[datetime | None]
    found_by: Mapped[str] = mapped_column(default="")
    found_where: Mapped[str] = mapped_column(default="")
    weeding: Mapped[str] = mapped_column(default="")
