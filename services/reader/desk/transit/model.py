"""A transit slip: one journey of one item."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice


class Why(Choice):
    """What the journey is for."""

    hold = "hold", N_("送取书点"), "warning"
    home = "home", N_("送回馆藏地"), "info"


class TransitState(Choice):
    """Where the journey stands."""

    on_way = "on_way", N_("途中"), "info"
    arrived = "arrived", N_("已到达"), "success"
    stopped = "stopped", N_("已撤回"), "secondary"
    lost = "lost", N_("途中未见"), "danger"


class Transit(Base):
    """`due_on` is the last day of the target; `hold_id` names whoever the item travels for."""

    __tablename__ = "transit"
    __table_args__ = (
        # An item is in one box at a time.
        Index("uq_transit_item", "item_id", unique=True, postgresql_where=text("state = 'on_way'")),
        Index("ix_transit_due", "due_on", postgresql_where=text("state = 'on_way'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    number: Mapped[str] = mapped_column(unique=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    barcode: Mapped[str]
    title: Mapped[str]
    call_number: Mapped[str] = mapped_column(default="")
    origin: Mapped[str]
    to: Mapped[str]
    why: Mapped[Why]
    hold_id: Mapped[UUID | None] = mapped_column(default=None)
    card_tail: Mapped[str] = mapped_column(default="")
    state: Mapped[TransitState] = mapped_column(default=TransitState.on_way)
    sent_at: Mapped[datetime]
    sent_by: Mapped[str]
    due_on: Mapped[date]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_by: Mapped[str] = mapped_column(default="")
    ended_where: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
