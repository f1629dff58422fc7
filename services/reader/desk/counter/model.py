"""A sitting at the counter and the lines it leaves."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice


class Mode(Choice):
    """What a scanned book is meant for."""

    lend = "lend", N_("借书"), "accent"
    take_back = "return", N_("还书"), "info"
    renew = "renew", N_("续借"), "success"
    delegate = "delegate", N_("代借"), "accent"
    use = "use", N_("阅览"), "info"


class Outcome(Choice):
    """What a scan came to."""

    lent = "lent", N_("借出"), "success"
    returned = "returned", N_("归还"), "success"
    not_lent = "not_lent", N_("未借，已理清"), "info"
    kept = "kept", N_("已被预约"), "warning"
    renewed = "renewed", N_("续借"), "success"
    used = "used", N_("馆内阅览"), "info"
    foreign = "foreign", N_("他馆图书，放入转运箱"), "info"
    refused = "refused", N_("不能办理"), "danger"
    undone = "undone", N_("已撤销"), "secondary"


class Sitting(Base):
    """One desk in front of one librarian; `round` counts the patrons served at it."""

    __tablename__ = "sitting"
    __audit__ = False
    __table_args__ = (Index("ix_sitting_operator", "operator"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    operator: Mapped[str]
    round: Mapped[int] = mapped_column(default=1)
    patron_id: Mapped[UUID | None] = mapped_column(default=None)
    # The card of whoever fetches books for the patron, with their consent.
    delegate: Mapped[str] = mapped_column(default="")
    # Whose loan was just returned: shown, but not borrowing.
    seen_id: Mapped[UUID | None] = mapped_column(default=None)
    started_at: Mapped[datetime]


class Line(Base):
    """One scan as the librarian sees it; `facts` fill the words when it is shown."""

    __tablename__ = "sitting_line"
    __audit__ = False
    __table_args__ = (
        Index("ix_sitting_line_round", "sitting_id", "round", "turn"), Index("ix_sitting_line_at", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    turn: Mapped[int] = mapped_column(BigInteger, Identity())
    sitting_id: Mapped[UUID] = mapped_column(ForeignKey("sitting.id", ondelete="CASCADE"))
    round: Mapped[int]
    at: Mapped[datetime]
    mode: Mapped[Mode]
    outcome: Mapped[Outcome]
    code: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    call_number: Mapped[str] = mapped_column(default="")
    location: Mapped[str] = mapped_column(default="")
    card: Mapped[str] = mapped_column(default="")
    loan_id: Mapped[UUID | None] = mapped_column(default=None)
    due_on: Mapped[date | None] = mapped_column(default=None)
    fine_fen: Mapped[int] = mapped_column(default=0)
    slip: Mapped[str] = mapped_column(default="")
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
