"""A run that forgets: what is done, how far it is, the proof when it is through."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice


class RunState(Choice):
    """Whether a run is under way."""

    running = "running", N_("进行中"), "info"
    done = "done", N_("已完成"), "success"


class LinkCut(Base):
    """One run: how many loans returned before `until` lost their person; `patron_id` when somebody asked.

    `step` and `position` are where it stands: a run that broke off goes on there.
    """

    __tablename__ = "link_cut"
    __audit__ = False  # the row is the record of the run itself
    __table_args__ = (
        # One nightly run at a time, whoever begins it.
        Index(
            "uq_link_cut_running", "state", unique=True,
            postgresql_where=text("state = 'running' AND patron_id IS NULL"),
        ),
        Index("ix_link_cut_at", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    at: Mapped[datetime]
    until: Mapped[date]
    # What is younger than this the run before has seen already, where age alone decides.
    since: Mapped[date | None] = mapped_column(default=None)
    count: Mapped[int] = mapped_column(default=0)
    # Working notes of the counter that lost their card in the same run.
    lines: Mapped[int] = mapped_column(default=0)
    patron_id: Mapped[UUID | None] = mapped_column(ForeignKey("patron.id"), default=None)
    state: Mapped[RunState] = mapped_column(default=RunState.running)
    step: Mapped[str] = mapped_column(default="")
    # The last row of the log of facts that was looked at; the next run begins behind it.
    position: Mapped[int] = mapped_column(BigInteger, default=0)
    # Rows changed or deleted, by step.
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # The ledger before and after: rows and sum in fen, which forgetting never moves.
    money: Mapped[dict[str, Any]] = mapped_column(default=dict)
    finished_at: Mapped[datetime | None] = mapped_column(default=None)
