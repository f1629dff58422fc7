"""Which call numbers stand on which side of which rack."""

from __future__ import annotations

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.i18n import N_
from shared.states import Choice
from shared.web.register import Thing


class Side(Choice):
    """The side of a rack, as its end panel names it."""

    a = "A", N_("A 面"), "info"
    b = "B", N_("B 面"), "info"
    both = "", N_("两面"), "secondary"


class ShelfRange(Thing, Base):
    """A stretch of call numbers on one side of a rack; `low` and `high` are their keys, `high` exclusive."""

    __tablename__ = "shelf_range"
    __table_args__ = (Index("ix_shelf_range_keys", "location", "low"),)

    location: Mapped[str]
    # What resources call it, for people; they tell when it changes.
    location_name: Mapped[str] = mapped_column(default="")
    from_call: Mapped[str]
    to_call: Mapped[str]
    low: Mapped[str] = mapped_column(Text(collation="C"), default="")
    high: Mapped[str] = mapped_column(Text(collation="C"), default="")
    floor: Mapped[str]
    hall: Mapped[str]
    rack: Mapped[int]
    side: Mapped[Side] = mapped_column(default=Side.both)
    note: Mapped[str] = mapped_column(default="")
