"""A supplier's list and its rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.acquiring.checking.rules import Verdict
from services.resources.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice


class ListState(Choice):
    """How far a list is."""

    draft = "draft", N_("核对列"), "secondary"
    choosing = "choosing", N_("选书中"), "info"
    review = "review", N_("待确认"), "warning"
    confirmed = "confirmed", N_("已确认"), "success"
    pooled = "pooled", N_("已转按需采购"), "accent"
    discarded = "discarded", N_("已作废"), "secondary"


class Decision(Choice):
    """What becomes of a row."""

    open = "open", N_("未定"), "secondary"
    take = "take", N_("要"), "success"
    leave = "leave", N_("不要"), "danger"
    expert = "expert", N_("问专家"), "warning"


class SelectionList(Base):
    """`mapping` says which column is what (field → index), `heads` what the columns are called; empty for MARC."""

    __tablename__ = "selection_list"
    __table_args__ = (Index("ix_selection_list_at", text("created_at DESC")),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    no: Mapped[str] = mapped_column(unique=True)
    state: Mapped[ListState] = mapped_column(default=ListState.draft)
    supplier: Mapped[str] = mapped_column(default="")
    file_name: Mapped[str]
    heads: Mapped[list[str]] = mapped_column(default=list)
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict)
    total: Mapped[int] = mapped_column(default=0)
    taken: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(default="")
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    submitted_by: Mapped[str] = mapped_column(default="")
    submitted_at: Mapped[datetime | None]
    confirmed_by: Mapped[str] = mapped_column(default="")
    confirmed_at: Mapped[datetime | None]
    correlation: Mapped[UUID]


class SelectionRow(Base):
    """A title offered; `cells` as they came, `known` what was found of it, `error` why it cannot be taken or looks odd."""

    __tablename__ = "selection_row"
    __audit__ = False
    __table_args__ = (
        Index("uq_selection_row_number", "list_id", "number", unique=True),
        Index("ix_selection_row_decision", "list_id", "decision", "number"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    list_id: Mapped[UUID] = mapped_column(ForeignKey("selection_list.id"))
    number: Mapped[int]
    cells: Mapped[list[str]] = mapped_column(default=list)
    title: Mapped[str] = mapped_column(default="")
    author: Mapped[str] = mapped_column(default="")
    publisher: Mapped[str] = mapped_column(default="")
    year: Mapped[str] = mapped_column(default="")
    isbn: Mapped[str] = mapped_column(default="")
    price_cents: Mapped[int] = mapped_column(default=0)
    subject: Mapped[str] = mapped_column(default="")
    key: Mapped[str] = mapped_column(default="")
    error: Mapped[str] = mapped_column(default="")
    same_row: Mapped[int] = mapped_column(default=0)
    verdict: Mapped[Verdict] = mapped_column(default=Verdict.new)
    known: Mapped[dict[str, Any]] = mapped_column(default=dict)
    decision: Mapped[Decision] = mapped_column(default=Decision.open)
    copies: Mapped[int] = mapped_column(default=1)
    note: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[str] = mapped_column(default="")
    title_no: Mapped[str] = mapped_column(default="")
