"""Posts held, for a time, as one's own or for somebody else."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.office.database import Base
from shared.database import uuid7

# Both dates are included; a holding that was ended before it began is an empty range.
DAYS = "daterange(valid_from, valid_to + 1)"


class Holding(Base):
    """A person holds a post between two dates; a stand-in holds it for `stand_in_for`."""

    __tablename__ = "holding"
    __table_args__ = (
        ExcludeConstraint(
            (text("staff_no"), "="), (text("post"), "="), (text(DAYS), "&&"),
            where=text("stand_in_for = ''"), using="gist", name="ex_holding_once",
        ),
        Index("ix_holding_post", "post", "valid_from"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    staff_no: Mapped[str] = mapped_column(index=True)
    post: Mapped[str]
    subposts: Mapped[list[str]] = mapped_column(default=list)
    rank: Mapped[str] = mapped_column(default="")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    stand_in_for: Mapped[str] = mapped_column(default="", index=True)
    reason: Mapped[str] = mapped_column(default="")
    given_by: Mapped[str]
    given_at: Mapped[datetime]
    ended_by: Mapped[str] = mapped_column(default="")

    def covers(self, on: date) -> bool:
        """Whether the post is held on that day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


class Place(Base):
    """A place inside a post (sub-post) that a holding takes; an exclusive one has one holder at a time."""

    __tablename__ = "holding_place"
    __table_args__ = (
        ExcludeConstraint(
            (text("post"), "="), (text("subpost"), "="), (text(DAYS), "&&"),
            where=text("exclusive"), using="gist", name="ex_holding_place_exclusive",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    holding_id: Mapped[UUID] = mapped_column(ForeignKey("holding.id"), index=True)
    staff_no: Mapped[str]
    post: Mapped[str]
    subpost: Mapped[str]
    exclusive: Mapped[bool]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
