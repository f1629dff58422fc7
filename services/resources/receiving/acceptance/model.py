"""Deliveries being counted, and the register of possessions."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice
from shared.web.register import Case, Searchable, Thing


class AcceptanceState(Choice):
    """How a delivery stands."""

    counting = "counting", N_("清点中"), "warning"
    accepted = "accepted", N_("已验收"), "success"
    cancelled = "cancelled", N_("已作废"), "secondary"


class Acceptance(Searchable, Case, Base):
    """A delivery of an order. When accepted it is a line of the summary register (总括登记); value and net in fen."""

    __tablename__ = "acceptance"
    __search__ = ("no", "order_no", "supplier_name", "delivery_note")

    order_no: Mapped[str] = mapped_column(index=True)
    supplier_name: Mapped[str] = mapped_column(default="")
    delivery_note: Mapped[str] = mapped_column(default="")
    arrived_on: Mapped[date]
    parcels: Mapped[int] = mapped_column(default=1)
    location: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    titles: Mapped[int] = mapped_column(default=0)
    copies: Mapped[int] = mapped_column(default=0)
    value: Mapped[int] = mapped_column(default=0)
    net: Mapped[int] = mapped_column(default=0)
    differences: Mapped[int] = mapped_column(default=0)
    accession_from: Mapped[str] = mapped_column(default="")
    accession_to: Mapped[str] = mapped_column(default="")
    accepted_by: Mapped[str] = mapped_column(default="")
    accepted_at: Mapped[datetime | None]


class Count(Base):
    """What a delivery brought of a line. `price_minor` when the book bears another price than was ordered at."""

    __tablename__ = "acceptance_count"
    __audit__ = False
    __table_args__ = (
        UniqueConstraint("acceptance", "line_id"),
        CheckConstraint("arrived >= 0 AND damaged >= 0 AND wrong >= 0 AND damaged + wrong <= arrived", name="counts"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    acceptance: Mapped[str] = mapped_column(ForeignKey("acceptance.no"))
    line_id: Mapped[UUID] = mapped_column(ForeignKey("order_line.id"), index=True)
    arrived: Mapped[int] = mapped_column(default=0)
    damaged: Mapped[int] = mapped_column(default=0)
    wrong: Mapped[int] = mapped_column(default=0)
    price_minor: Mapped[int | None]
    # Settled when the delivery is accepted: ours, and more than was ordered.
    taken: Mapped[int] = mapped_column(default=0)
    extra: Mapped[int] = mapped_column(default=0)


class Stray(Base):
    """What came without having been ordered."""

    __tablename__ = "acceptance_stray"
    __audit__ = False
    __table_args__ = (UniqueConstraint("acceptance", "code"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    acceptance: Mapped[str] = mapped_column(ForeignKey("acceptance.no"))
    code: Mapped[str]
    copies: Mapped[int] = mapped_column(default=1)


class Accession(Searchable, Thing, Base):
    """One copy in the register of possessions (个别登记); `no` is its accession number, given without gaps."""

    __tablename__ = "accession"
    __audit__ = False
    __search__ = ("no", "title", "isbn", "order_no", "acceptance", "barcode")
    __table_args__ = (Index("ix_accession_instance", "instance_id"), Index("ix_accession_item", "item_id"))

    acceptance: Mapped[str] = mapped_column(index=True)
    order_no: Mapped[str]
    line_id: Mapped[UUID] = mapped_column(ForeignKey("order_line.id"), index=True)
    title: Mapped[str]
    isbn: Mapped[str] = mapped_column(default="")
    price: Mapped[int]
    net: Mapped[int]
    location: Mapped[str]
    entered_on: Mapped[date]
    instance_id: Mapped[UUID]
    # Given when the record is released; a draft has no copies.
    item_id: Mapped[UUID | None]
    barcode: Mapped[str] = mapped_column(default="")
