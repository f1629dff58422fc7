"""Pairs of records that look alike, merges, what is on loan, and from how many items on a second person decides."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice


class Verdict(Choice):
    """What people think of a pair."""

    open = "open", N_("待处理"), "warning"
    distinct = "distinct", N_("不是重复"), "secondary"
    merged = "merged", N_("已合并"), "success"


class MergeState(Choice):
    """Where a merge stands."""

    proposed = "proposed", N_("待复核"), "warning"
    done = "done", N_("已合并"), "success"
    declined = "declined", N_("不合并"), "secondary"
    undone = "undone", N_("已撤销合并"), "danger"


class Likeness(Base):
    """Two records that look alike, the smaller id first. A pair somebody said no to is never proposed again.

    `score` is 1 to 100; `reasons` are codes of `rules.REASONS`; `group_id` is the smallest record of those that hang together.
    """

    __tablename__ = "likeness"
    __table_args__ = (
        UniqueConstraint("a_id", "b_id", name="uq_likeness_pair"),
        CheckConstraint("a_id < b_id", name="order"),
        Index("ix_likeness_open", "group_id", postgresql_where=text("verdict = 'open'")),
        Index("ix_likeness_decided", "verdict", "decided_at"),
        Index("ix_likeness_b", "b_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    a_id: Mapped[UUID] = mapped_column(ForeignKey("instance.id"))
    b_id: Mapped[UUID] = mapped_column(ForeignKey("instance.id"))
    score: Mapped[int]
    reasons: Mapped[list[str]]
    group_id: Mapped[UUID]
    verdict: Mapped[Verdict] = mapped_column(default=Verdict.open)
    seen_at: Mapped[datetime]
    decided_by: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(default="")


class Merge(Base):
    """One record becoming part of another.

    `marc` is what the survivor is to say, `before` what it said; `moved` names by table what followed, so that it finds back.
    `written` is the number of the version the merge wrote, 0 when it changed no word.
    """

    __tablename__ = "merge"
    __table_args__ = (
        # A record goes into one other at a time.
        Index("uq_merge_gone", "gone_id", unique=True, postgresql_where=text("state IN ('proposed', 'done')")),
        Index("ix_merge_into", "into_id"),
        Index("ix_merge_state", "state", "asked_at"),
        CheckConstraint("checked_by <> asked_by", name="two_people"),
    )
    __audit_hide__ = ("marc", "before", "moved")

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    no: Mapped[str] = mapped_column(unique=True)
    into_id: Mapped[UUID] = mapped_column(ForeignKey("instance.id"))
    gone_id: Mapped[UUID] = mapped_column(ForeignKey("instance.id"))
    into_revision: Mapped[int]
    gone_revision: Mapped[int]
    marc: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    before: Mapped[dict[str, Any]] = mapped_column(default=dict, deferred=True)
    moved: Mapped[dict[str, Any]] = mapped_column(default=dict, deferred=True)
    was_state: Mapped[str] = mapped_column(default="")
    written: Mapped[int] = mapped_column(default=0)
    items: Mapped[int] = mapped_column(default=0)
    on_loan: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(default="")
    state: Mapped[MergeState]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    checked_by: Mapped[str] = mapped_column(default="")
    checked_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(default="")
    undone_by: Mapped[str] = mapped_column(default="")
    undone_at: Mapped[datetime | None]


class MergeSettings(Base):
    """One row: up to how many items one person merges alone, and the last search for duplicates."""

    __tablename__ = "merge_settings"

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    most_items: Mapped[int] = mapped_column(default=5)
    looked_at: Mapped[datetime | None]
