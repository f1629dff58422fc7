"""Lost items, and the copies brought in their place."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.i18n import N_
from shared.states import Choice
from shared.web.register import Case, Searchable


class LostState(Choice):
    """How a loss stands with the stock."""

    lost = "lost", N_("遗失，等待追索"), "danger"
    proposed = "proposed", N_("剔旧审批中"), "warning"
    recovered = "recovered", N_("已找回"), "success"
    replaced = "replaced", N_("已赔书替换"), "success"
    written_off = "written_off", N_("已注销"), "secondary"
    found_again = "found_again", N_("原书又找回，待定"), "warning"
    kept = "kept", N_("原书留作复本"), "success"
    let_go = "let_go", N_("原书不再入藏"), "secondary"
    dismissed = "dismissed", N_("不在藏，已核"), "secondary"


class CopyState(Choice):
    """How far a compensation copy is."""

    waiting = "waiting", N_("待核对书目"), "warning"
    checked = "checked", N_("待登录财产"), "info"
    released = "released", N_("已入藏"), "success"


class LostItem(Searchable, Case, Base):
    """`no` is the desk's case; `item_id` is empty when we have no such item."""

    __tablename__ = "lost_item"
    __search__ = ("no", "barcode", "title", "new_barcode")
    __table_args__ = (
        Index("ix_lost_item_barcode", "barcode"),
        Index("ix_lost_item_term", "write_off_on", postgresql_where=text("state = 'lost' AND write_off_on IS NOT NULL")),
    )

    barcode: Mapped[str]
    item_id: Mapped[UUID | None] = mapped_column(ForeignKey("item.id"), index=True)
    title: Mapped[str]
    call_number: Mapped[str] = mapped_column(default="")
    location_name: Mapped[str] = mapped_column(default="")
    how: Mapped[str] = mapped_column(default="")
    price_cents: Mapped[int] = mapped_column(default=0)
    last_copy: Mapped[bool] = mapped_column(default=False)
    lost_on: Mapped[date]
    # When nobody brought it back; empty where it is never weeded, or where we have no such item.
    write_off_on: Mapped[date | None]
    weeding: Mapped[str] = mapped_column(default="")
    new_barcode: Mapped[str] = mapped_column(default="")
    original_at: Mapped[datetime | None]
    damaged: Mapped[bool] = mapped_column(default=False)
    decision: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")


class Replacement(Searchable, Case, Base):
    """A copy a patron brought; `barcode` is the one the desk put on it, `item_id` the item it became."""

    __tablename__ = "replacement_copy"
    __search__ = ("no", "loss", "barcode", "title")
    __table_args__ = (Index("uq_replacement_copy_loss", "loss", unique=True),)

    loss: Mapped[str]
    barcode: Mapped[str]
    lost_barcode: Mapped[str]
    item_id: Mapped[UUID | None] = mapped_column(ForeignKey("item.id"))
    title: Mapped[str]
    edition: Mapped[str] = mapped_column(default="")
    year: Mapped[int | None]
    isbn: Mapped[str] = mapped_column(default="")
    record: Mapped[str] = mapped_column(default="")
    location: Mapped[str] = mapped_column(default="")
    price_cents: Mapped[int] = mapped_column(default=0)
    accession_no: Mapped[str] = mapped_column(default="")
    checked_by: Mapped[str] = mapped_column(default="")
    registered_by: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
