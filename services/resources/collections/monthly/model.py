"""The rows every change of the stock leaves, and the months made of them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, SmallInteger
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.i18n import N_
from shared.states import Choice
from shared.web.register import Case, Searchable


class Kind(Choice):
    """Why the stock of a place changed."""

    added = "added", N_("新增"), "success"
    moved_in = "moved_in", N_("调入"), "info"
    recovered = "recovered", N_("找回"), "success"
    moved_out = "moved_out", N_("调出"), "info"
    withdrawn = "withdrawn", N_("剔除"), "secondary"
    lost = "lost", N_("丢失注销"), "danger"
    corrected = "corrected", N_("更正"), "warning"


class Source(Choice):
    """How an item came to us."""

    bought = "bought", N_("购入"), "info"
    compensation = "compensation", N_("赔书"), "secondary"
    donated = "donated", N_("捐赠"), "accent"
    other = "other", N_("其他（含原有馆藏）"), "secondary"


class Grouping(Choice):
    """By what a table of a month is broken down."""

    cell = "cell", N_("馆藏地 × 类 × 文种"), "info"
    location = "location", N_("按馆藏地"), "info"
    clc = "clc", N_("按中图法大类"), "info"
    language = "language", N_("按文种"), "info"
    source = "source", N_("按来源"), "info"
    all = "all", N_("全馆"), "info"


class MonthState(Choice):
    """How far a month is."""

    draft = "draft", N_("编制中"), "warning"
    submitted = "submitted", N_("待审核"), "info"
    closed = "closed", N_("已上报"), "success"


class Move(Base):
    """One change: an item came into a cell (+1), left it (-1), or is worth something else (0). Append-only."""

    __tablename__ = "holding_move"
    __audit__ = False
    __table_args__ = (
        # Rows come in the order of their days: a month is a few pages of a small index.
        Index("ix_holding_move_day", "day", postgresql_using="brin"),
        Index("ix_holding_move_instance", "instance_id", "item_id"),
        Index("ix_holding_move_cell", "location", "clc", "day"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    day: Mapped[date]
    kind: Mapped[Kind]
    item_id: Mapped[UUID]
    instance_id: Mapped[UUID]
    location: Mapped[str]
    clc: Mapped[str]
    language: Mapped[str]
    source: Mapped[Source]
    copies: Mapped[int] = mapped_column(SmallInteger)
    value_cents: Mapped[int]


class HoldingsMonth(Searchable, Case, Base):
    """A month's report; `period` is `2026-11`. Figures are of the whole house, values in fen."""

    __tablename__ = "holdings_month"
    __search__ = ("no", "period")
    __table_args__ = (Index("uq_holdings_month_period", "period", unique=True),)

    period: Mapped[str]
    month: Mapped[date]
    titles: Mapped[int] = mapped_column(default=0)
    copies: Mapped[int] = mapped_column(default=0)
    value_cents: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)
    removed: Mapped[int] = mapped_column(default=0)
    # Cells in which the sum and the items themselves disagree.
    differences: Mapped[int] = mapped_column(default=0)
    computed_at: Mapped[datetime | None]
    explanation: Mapped[str] = mapped_column(default="")
    submitted_by: Mapped[str] = mapped_column(default="")
    submitted_at: Mapped[datetime | None]
    closed_by: Mapped[str] = mapped_column(default="")
    handed_in_on: Mapped[date | None]


class Line(Base):
    """One line of one table: nine figures each in the order of `rules.COLUMNS`, and what the items say at the end."""

    __tablename__ = "holdings_line"
    __audit__ = False

    month_id: Mapped[UUID] = mapped_column(ForeignKey("holdings_month.id"), primary_key=True)
    grouping: Mapped[Grouping] = mapped_column(primary_key=True)
    location: Mapped[str] = mapped_column(primary_key=True, default="")
    clc: Mapped[str] = mapped_column(primary_key=True, default="")
    language: Mapped[str] = mapped_column(primary_key=True, default="")
    source: Mapped[str] = mapped_column(primary_key=True, default="")
    titles: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    copies: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    value: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    # Titles, copies and value by the items themselves; None where the table is not held against them.
    actual: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))
