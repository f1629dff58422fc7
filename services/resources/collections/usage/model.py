"""One row per use."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.i18n import N_
from shared.states import Choice


class UseKind(Choice):
    """What was done with an item, or asked of a title."""

    loan = "loan", N_("借出"), "success"
    in_house = "in_house", N_("馆内阅览"), "info"
    hold = "hold", N_("预约"), "warning"
    unmet = "unmet", N_("预约未满足"), "danger"


class ItemUse(Base):
    """`n` is +1, or −1 for a slip that was undone; `day` is the library's. Never a patron, never an hour."""

    __tablename__ = "item_use"
    __audit__ = False
    __table_args__ = (
        # Rows come in the order of their days: a year is a few pages of a small index.
        Index("ix_item_use_day", "day", postgresql_using="brin"),
        Index("ix_item_use_item", "item_id", "day"),
        Index("ix_item_use_instance", "instance_id", "day"),
    )

    # The fact it was learnt from.
    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date]
    kind: Mapped[UseKind]
    barcode: Mapped[str] = mapped_column(default="")
    # None while no item of ours bears the barcode (books of other libraries).
    item_id: Mapped[UUID | None]
    # Of holds: the title that was asked for.
    instance_id: Mapped[UUID | None]
    n: Mapped[int] = mapped_column(SmallInteger)
