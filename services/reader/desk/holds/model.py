"""A patron's place in the queue of a title."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice


class HoldState(Choice):
    """Where a hold stands."""

    waiting = "waiting", N_("排队中"), "info"
    ready = "ready", N_("到馆待取"), "warning"
    filled = "filled", N_("已借出"), "success"
    cancelled = "cancelled", N_("已取消"), "secondary"
    expired = "expired", N_("逾期未取"), "danger"


class Hold(Base):
    """`turn` is the order of arrival; the position people read is counted, so it has no gaps."""

    __tablename__ = "hold"
    __table_args__ = (
        # One active hold per patron and title, and one hold per item on the shelf, whatever happens.
        Index(
            "uq_hold_active", "patron_id", "instance_id", unique=True,
            postgresql_where=text("state IN ('waiting', 'ready')"),
        ),
        Index(
            "uq_hold_item", "item_id", unique=True, postgresql_where=text("state = 'ready'"),
        ),
        Index(
            "ix_hold_queue", "instance_id", "turn", postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_hold_until", "until", postgresql_where=text("state = 'ready'")),
        Index("ix_hold_patron", "patron_id", "placed_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    turn: Mapped[int] = mapped_column(BigInteger, Identity())
    instance_id: Mapped[str]
    title: Mapped[str]
    patron_id: Mapped[UUID] = mapped_column(ForeignKey("patron.id"))
    card: Mapped[str]
    state: Mapped[HoldState] = mapped_column(default=HoldState.waiting)
    placed_at: Mapped[datetime]
    placed_by: Mapped[str]
    item_id: Mapped[UUID | None] = mapped_column(ForeignKey("item.id"), default=None)
    barcode: Mapped[str] = mapped_column(default="")
    shelf: Mapped[str] = mapped_column(default="")
    ready_at: Mapped[datetime | None] = mapped_column(default=None)
    until: Mapped[date | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    reason: Mapped[str] = mapped_column(default="")
