"""A version of the lending rules, and its rows."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice


class SetState(Choice):
    """Where a version stands; an active one decides from its date on."""

    draft = "draft", N_("草案"), "info"
    active = "active", N_("生效"), "success"
    retired = "retired", N_("停用"), "secondary"


class RuleSet(Base):
    """A version. Its rows change only while it is a draft, so a process may keep a copy of the others."""

    __tablename__ = "rule_set"
    __table_args__ = (
        # On one day one version decides, whoever was quicker.
        Index("uq_rule_set_day", "effective_from", unique=True, postgresql_where=text("state = 'active'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    number: Mapped[str] = mapped_column(unique=True)
    state: Mapped[SetState] = mapped_column(default=SetState.draft)
    note: Mapped[str] = mapped_column(default="")
    effective_from: Mapped[date | None] = mapped_column(default=None)
    drafted_by: Mapped[str]
    drafted_at: Mapped[datetime]
    # Everybody who had a hand in the draft; none of them puts it in force.
    editors: Mapped[list[str]] = mapped_column(default=list)
    activated_by: Mapped[str] = mapped_column(default="")
    activated_at: Mapped[datetime | None] = mapped_column(default=None)
    retired_at: Mapped[datetime | None] = mapped_column(default=None)


class RuleRow(Base):
    """One rule: `*` fits anything; `given` holds only what the rule itself says (see values.py)."""

    __tablename__ = "rule_row"
    __table_args__ = (
        UniqueConstraint("set_id", "category", "kind", "location"),
        UniqueConstraint("set_id", "no"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    set_id: Mapped[UUID] = mapped_column(ForeignKey("rule_set.id"))
    no: Mapped[int]
    category: Mapped[str] = mapped_column(default="*")
    kind: Mapped[str] = mapped_column(default="*")
    location: Mapped[str] = mapped_column(default="*")
    given: Mapped[dict[str, Any]] = mapped_column(default=dict)
