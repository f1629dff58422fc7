"""What the home page counts: facts per day, evidence per duty, obligations due."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from gateway.database import Base


class DailyCount(Base):
    """How often a fact was stated on one day of the library."""

    __tablename__ = "daily_count"
    __audit__ = False

    name: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    n: Mapped[int]


class DutyCredit(Base):
    """How much evidence a person's work of one month left for one duty, by department that saw it."""

    __tablename__ = "duty_credit"
    __audit__ = False

    person_id: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    duty: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int]
    last_at: Mapped[datetime]


class Obligation(Base):
    """A duty with a cadence that is due from a person for a period."""

    __tablename__ = "obligation"
    __audit__ = False
    __table_args__ = (Index("ix_obligation_holder", "holder", "due_on"),)

    key: Mapped[str] = mapped_column(primary_key=True)
    duty: Mapped[str]
    holder: Mapped[str]
    period: Mapped[str]
    due_on: Mapped[date]
    url: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="open")
    state_label: Mapped[str] = mapped_column(default="")
    evidence: Mapped[int] = mapped_column(default=0)
    moved_at: Mapped[datetime]
