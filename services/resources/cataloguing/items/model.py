"""Items and the places they stand."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice
from shared.web.register import Searchable, Thing


class ItemLife(Choice):
    """The axis that belongs to resources: whether the item is stock."""

    in_process = "in_process", N_("加工中"), "info"
    in_handover = "in_handover", N_("交接中"), "info"
    in_stock = "in_stock", N_("在藏"), "success"
    candidate = "candidate", N_("剔旧候选"), "warning"
    withdrawn = "withdrawn", N_("已剔除"), "secondary"
    lost = "lost", N_("遗失"), "danger"
    replaced = "replaced", N_("已赔书替换"), "secondary"


class Use(Choice):
    """What the place allows."""

    loan = "loan", N_("可外借"), "success"
    reference = "reference", N_("仅馆内阅览"), "info"
    closed = "closed", N_("闭架，凭单取阅"), "secondary"


class StockKind(Choice):
    """What a place is for."""

    lending = "lending", N_("流通库"), "success"
    sample = "sample", N_("样本库"), "info"
    reference = "reference", N_("参考阅览"), "info"
    periodicals = "periodicals", N_("报刊"), "accent"
    special = "special", N_("特藏"), "warning"
    compact = "compact", N_("密集库"), "secondary"


class Location(Searchable, Thing, Base):
    """A place in the house (馆藏地); `metres` of shelf and `volumes` are what it holds when full, 0 where nobody measured."""

    __tablename__ = "location"
    __search__ = ("no", "name", "name_en")
    __table_args__ = (
        CheckConstraint("closes_on IS NULL OR opens_on IS NULL OR closes_on >= opens_on", name="open"),
        CheckConstraint("metres >= 0 AND volumes >= 0", name="room"),
    )

    name: Mapped[str]
    name_en: Mapped[str] = mapped_column(default="")
    use: Mapped[Use] = mapped_column(default=Use.loan)
    # Ancient books and special collections are relocated, never weeded.
    special: Mapped[bool] = mapped_column(default=False)
    stock: Mapped[StockKind] = mapped_column(default=StockKind.lending)
    building: Mapped[str] = mapped_column(default="")
    floor: Mapped[str] = mapped_column(default="")
    # The post that answers for what stands there.
    keeper: Mapped[str] = mapped_column(default="")
    opens_on: Mapped[date | None]
    closes_on: Mapped[date | None]
    metres: Mapped[int] = mapped_column(default=0)
    volumes: Mapped[int] = mapped_column(default=0)

    def takes(self, day: date) -> bool:
        """Whether books may come to stand here on that day."""
        return (self.opens_on is None or self.opens_on <= day) and (self.closes_on is None or day <= self.closes_on)


class Item(Base):
    """One physical piece (单册)."""

    __tablename__ = "item"
    __table_args__ = (
        Index("ix_item_instance", "instance_id", "copy_no"),
        Index("ix_item_shelf", "location", "shelf_key"),
        Index("ix_item_book", "book_id", postgresql_where=text("book_id IS NOT NULL")),
        CheckConstraint("price_cents >= 0", name="price"),
        CheckConstraint("pieces > 0", name="pieces"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    barcode: Mapped[str] = mapped_column(unique=True)
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("instance.id"))
    location: Mapped[str]
    call_number: Mapped[str] = mapped_column(default="")
    shelf_key: Mapped[str] = mapped_column(default="")
    copy_no: Mapped[int] = mapped_column(default=1)
    volume: Mapped[str] = mapped_column(default="")
    price_cents: Mapped[int] = mapped_column(default=0)
    kind: Mapped[str] = mapped_column(default="book")
    # Of a disc that lies with a book: that book, and how many pieces its case holds.
    book_id: Mapped[UUID | None] = mapped_column(ForeignKey("item.id"), default=None)
    pieces: Mapped[int] = mapped_column(default=1)
    use: Mapped[Use] = mapped_column(default=Use.loan)
    life: Mapped[ItemLife] = mapped_column(default=ItemLife.in_stock)
    custodian: Mapped[str] = mapped_column(default="reader")
    note: Mapped[str] = mapped_column(default="")
    # The desk's last case about it: lost, or brought in place of a lost one.
    loss: Mapped[str] = mapped_column(default="")
    created_by: Mapped[str]
    created_at: Mapped[datetime]


class FormerBarcode(Base):
    """A barcode an item bore before: it goes on answering for that item and is never given again."""

    __tablename__ = "former_barcode"
    __audit__ = False

    barcode: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"), index=True)
    ended_at: Mapped[datetime]
