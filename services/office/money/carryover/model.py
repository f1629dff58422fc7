"""The closing of a year, and what it did to each line."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.office.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice
from shared.web.register.case import Case, Searchable


class CarryState(Choice):
    """How the closing of a year stands."""

    prepared = "prepared", N_("待批准"), "warning"
    carried = "carried", N_("已结转"), "success"
    dropped = "dropped", N_("已撤销"), "secondary"


class CarryOver(Searchable, Case, Base):
    """All running lines of `year` go on in the next one."""

    __tablename__ = "carry_over"
    __search__ = ("no", "note")
    __table_args__ = (
        # A year is closed once.
        Index("uq_carry_over_year", "year", unique=True, postgresql_where=text("state <> 'dropped'")),
        CheckConstraint("carried_by = '' OR carried_by <> created_by", name="carried"),
    )

    year: Mapped[int]
    note: Mapped[str] = mapped_column(default="")
    carried_by: Mapped[str] = mapped_column(default="")
    carried_at: Mapped[datetime | None]


class CarriedLine(Base):
    """What went from one line to its successor: held for `cases` cases, of it pending; the surplus that went on or lapsed. Fen."""

    __tablename__ = "carried_line"
    __audit__ = False
    __table_args__ = (
        UniqueConstraint("budget"),
        CheckConstraint("encumbered >= 0 AND surplus >= 0 AND (surplus = 0 OR lapsed = 0)", name="sums"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    carry: Mapped[str]
    budget: Mapped[str]
    to_budget: Mapped[str] = mapped_column(default="")
    cases: Mapped[int] = mapped_column(default=0)
    encumbered: Mapped[int] = mapped_column(default=0)
    pending: Mapped[int] = mapped_column(default=0)
    surplus: Mapped[int] = mapped_column(default=0)
    lapsed: Mapped[int] = mapped_column(default=0)
