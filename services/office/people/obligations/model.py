"""What is due from whom, for which period."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from services.office.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice


class ObligationState(Choice):
    """How an obligation stands; amber is due soon, red was missed."""

    open = "open", N_("待办"), "info"
    amber = "amber", N_("将到期"), "warning"
    red = "red", N_("逾期未办"), "danger"
    met = "met", N_("已完成"), "success"
    explained = "explained", N_("已说明"), "secondary"
    passed = "passed", N_("已交顶班"), "secondary"
    void = "void", N_("作废"), "secondary"


class Obligation(Base):
    """One duty, one person, one period; `on_behalf_of` names the absent holder of a stand-in's."""

    __tablename__ = "obligation"
    __table_args__ = (
        Index("ix_obligation_holder", "holder", "due_on"),
        Index("ix_obligation_state", "state", "due_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    key: Mapped[str] = mapped_column(unique=True)
    duty: Mapped[str] = mapped_column(index=True)
    post: Mapped[str]
    department: Mapped[str]
    holder: Mapped[str]
    on_behalf_of: Mapped[str] = mapped_column(default="")
    cadence: Mapped[str]
    period: Mapped[str]
    starts_on: Mapped[date]
    due_on: Mapped[date]
    minutes_needed: Mapped[int] = mapped_column(default=0)
    minutes_done: Mapped[int] = mapped_column(default=0)
    evidence_count: Mapped[int] = mapped_column(default=0)
    state: Mapped[ObligationState] = mapped_column(default=ObligationState.open)
    opened_at: Mapped[datetime]
    met_at: Mapped[datetime | None]
    link: Mapped[str] = mapped_column(default="")
    explanation: Mapped[str] = mapped_column(default="")
    explained_by: Mapped[str] = mapped_column(default="")
    explained_at: Mapped[datetime | None]


class RollMark(Base):
    """The last day whose obligations were opened; its one row is locked by whoever opens more."""

    __tablename__ = "obligation_roll"
    __audit__ = False

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_on: Mapped[date]
