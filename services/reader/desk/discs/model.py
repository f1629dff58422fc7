"""Which discs belong to which book, and every check of a disc that came back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice

# The kind of items this room is about, as the catalogue writes it.
KIND = "disc"


class CheckState(Choice):
    """How a check ended, or that it waits."""

    waiting = "waiting", N_("待验盘"), "warning"
    passed = "passed", N_("验盘合格"), "success"
    damaged = "damaged", N_("损坏"), "danger"
    missing = "missing", N_("空盒缺盘"), "danger"
    dropped = "dropped", N_("免验"), "secondary"


class Came(Choice):
    """Which door a disc came back by."""

    desk = "desk", N_("借还台"), "accent"
    selfcheck = "selfcheck", N_("自助终端"), "info"
    drop_box = "drop_box", N_("还书箱、转运箱"), "info"


class Pays(Choice):
    """What the patron is charged for a disc that failed."""

    fixed = "fixed", N_("每张 10 元"), "warning"
    table = "table", N_("按图书赔偿规则"), "danger"
    none = "none", N_("不计收"), "secondary"


class Disc(Base):
    """What the catalogue does not say of a disc: its book and how many pieces its case holds; `id` is the item's."""

    __tablename__ = "disc"
    __table_args__ = (Index("ix_disc_book", "book_instance"),)

    id: Mapped[UUID] = mapped_column(ForeignKey("item.id"), primary_key=True)
    # The title it belongs to ("" stands alone), and the very copy where each copy has a disc of its own.
    book_instance: Mapped[str] = mapped_column(default="")
    book_id: Mapped[UUID | None] = mapped_column(ForeignKey("item.id"), default=None)
    pieces: Mapped[int] = mapped_column(default=1)


class DiscCheck(Base):
    """One return of one disc and what was found; the person is known by the loan alone."""

    __tablename__ = "disc_check"
    __table_args__ = (
        Index("uq_disc_check_waiting", "item_id", unique=True, postgresql_where=text("state = 'waiting'")),
        Index("ix_disc_check_state", "state", "opened_at"),
        Index("ix_disc_check_decided", "decided_at", postgresql_where=text("decided_at IS NOT NULL")),
        Index("ix_disc_check_item", "item_id", "opened_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    number: Mapped[str] = mapped_column(unique=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    barcode: Mapped[str]
    title: Mapped[str]
    call_number: Mapped[str] = mapped_column(default="")
    loan_id: Mapped[UUID | None] = mapped_column(default=None)
    came: Mapped[Came] = mapped_column(default=Came.desk)
    state: Mapped[CheckState] = mapped_column(default=CheckState.waiting)
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]
    # What was found: None until it is checked; `expected` pieces as of that day.
    surface: Mapped[bool | None] = mapped_column(default=None)
    readable: Mapped[bool | None] = mapped_column(default=None)
    case: Mapped[bool | None] = mapped_column(default=None)
    count: Mapped[int | None] = mapped_column(default=None)
    expected: Mapped[int] = mapped_column(default=1)
    note: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    decided_by: Mapped[str] = mapped_column(default="")
    next: Mapped[str] = mapped_column(default="")
    # What followed: the slip, the loss case, the charge and its amount in fen.
    slip: Mapped[str] = mapped_column(default="")
    loss: Mapped[str] = mapped_column(default="")
    charge_id: Mapped[UUID | None] = mapped_column(default=None)
    amount_fen: Mapped[int] = mapped_column(default=0)
    correlation: Mapped[UUID]
