"""The gateway's copy of staff, posts held and cards; written by handlers only."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from gateway.database import Base


class Person(Base):
    """A member of staff by staff number, or a patron by card; patrons come without a name."""

    __tablename__ = "person"
    __audit__ = False

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    name_en: Mapped[str] = mapped_column(default="")
    dept: Mapped[str] = mapped_column(default="")
    rank: Mapped[str] = mapped_column(default="")
    category: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="")
    left_on: Mapped[date | None]
    heard_at: Mapped[datetime]


class HeldPost(Base):
    """A post somebody holds, or stands in for, from one day to another, both included."""

    __tablename__ = "held_post"
    __audit__ = False
    __table_args__ = (Index("ix_held_post_post", "post", "valid_from"),)

    holding_id: Mapped[str] = mapped_column(primary_key=True)
    staff_no: Mapped[str] = mapped_column(index=True)
    post: Mapped[str]
    subposts: Mapped[list[str]] = mapped_column(default=list)
    rank: Mapped[str] = mapped_column(default="")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    stand_in_for: Mapped[str] = mapped_column(default="")
