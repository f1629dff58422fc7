"""A patron's place in the queue of a title, what was changed in the order, who fetches from the shelf."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice


class HoldState(Choice):
    """Where a hold stands."""

    waiting = "waiting", N_("排队中"), "info"
    transit = "transit", N_("送往取书点"), "info"
    ready = "ready", N_("到馆待取"), "warning"
    filled = "filled", N_("已借出"), "success"
    cancelled = "cancelled", N_("已取消"), "secondary"
    expired = "expired", N_("逾期未取"), "danger"
    lapsed = "lapsed", N_("过期未到书"), "secondary"


class Hold(Base):
    """`turn` is the order of the queue; the position people read is counted, so it has no gaps.

    `wanted_id` is set when only that item will do. `paused_until` keeps the turn but takes no item.
    """

    __tablename__ = "hold"
    __table_args__ = (
        # Nobody shares a turn with anybody, not even while two of them change places.
        UniqueConstraint("instance_id", "turn", name="uq_hold_turn", deferrable=True, initially="DEFERRED"),
        # One active hold per patron and title, and one hold per item kept or sent, whatever happens.
        Index(
            "uq_hold_active", "patron_id", "instance_id", unique=True,
            postgresql_where=text("state IN ('waiting', 'transit', 'ready')"),
        ),
        Index(
            "uq_hold_item", "item_id", unique=True, postgresql_where=text("state IN ('transit', 'ready')"),
        ),
        # All a return or a loan asks of a queue is in the index itself.
        Index(
            "ix_hold_queue", "instance_id", "turn", postgresql_include=["wanted_id", "patron_id"],
            postgresql_where=text("state = 'waiting' AND paused_until IS NULL"),
        ),
        Index("ix_hold_waiting", "instance_id", "turn", postgresql_where=text("state = 'waiting'")),
        Index("ix_hold_paused", "paused_until", postgresql_where=text("paused_until IS NOT NULL")),
        Index("ix_hold_until", "until", postgresql_where=text("state = 'ready'")),
        Index("ix_hold_ended", "ended_at", postgresql_where=text("ended_at IS NOT NULL")),
        Index("ix_hold_patron", "patron_id", "placed_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    turn: Mapped[int] = mapped_column(BigInteger, Identity())
    instance_id: Mapped[str]
    title: Mapped[str]
    # Empty only in a hold that ended long ago and lost its person; nobody works with such a hold any more.
    patron_id: Mapped[UUID] = mapped_column(ForeignKey("patron.id"), nullable=True)
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
    # Where the patron fetches; empty leaves it to the point where the item comes in.
    pickup: Mapped[str] = mapped_column(default="")
    point: Mapped[str] = mapped_column(default="")
    needed_by: Mapped[date | None] = mapped_column(default=None)
    paused_until: Mapped[date | None] = mapped_column(default=None)
    wanted_id: Mapped[UUID | None] = mapped_column(ForeignKey("item.id"), default=None)
    wanted: Mapped[str] = mapped_column(default="")


class HoldMove(Base):
    """预约调整: who changed the order or what is waited for, when, from where to where, why. Never changed afterwards.

    `from_instance` is set when the hold was moved to another copy or edition; `…wanted` are barcodes, empty for
    any copy.
    """

    __tablename__ = "hold_move"
    __table_args__ = (
        Index("ix_hold_move_title", "instance_id", "at"),
        Index("ix_hold_move_from", "from_instance", "at", postgresql_where=text("from_instance <> ''")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    hold_id: Mapped[UUID] = mapped_column(ForeignKey("hold.id"))
    instance_id: Mapped[str]
    card: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]
    was: Mapped[int]
    became: Mapped[int]
    reason: Mapped[str]
    from_instance: Mapped[str] = mapped_column(default="")
    from_title: Mapped[str] = mapped_column(default="")
    from_wanted: Mapped[str] = mapped_column(default="")
    title: Mapped[str] = mapped_column(default="")
    wanted: Mapped[str] = mapped_column(default="")


class Errand(Base):
    """An item somebody has gone to fetch, so that two people do not look for one book."""

    __tablename__ = "hold_errand"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"), unique=True)
    by: Mapped[str]
    at: Mapped[datetime]
