"""A clearance case."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice


class ClearanceState(Choice):
    """Where the leaving stands on our side."""

    waiting = "waiting", N_("待清理"), "warning"
    granted = "granted", N_("已清"), "success"
    revoked = "revoked", N_("撤回待清"), "danger"
    closed = "closed", N_("已注销"), "secondary"
    cancelled = "cancelled", N_("已取消"), "secondary"


class LeavingKind(Choice):
    """Why somebody leaves."""

    graduation = "graduation", N_("毕业"), "success"
    transfer = "transfer", N_("转学"), "info"
    withdrawal = "withdrawal", N_("退学"), "warning"
    suspension = "suspension", N_("休学"), "warning"
    other = "other", N_("其他"), "secondary"


class Clearance(Base):
    """`student_case` is the institute's number; without it the card centre or the desk began."""

    __tablename__ = "clearance"
    __table_args__ = (
        # One open clearance per patron, whoever begins it.
        Index(
            "uq_clearance_open", "patron_id", unique=True,
            postgresql_where=text("state IN ('waiting', 'granted', 'revoked')"),
        ),
        Index("ix_clearance_state", "state", "leaving_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    number: Mapped[str] = mapped_column(unique=True)
    student_case: Mapped[str] = mapped_column(default="", index=True)
    patron_id: Mapped[UUID | None] = mapped_column(ForeignKey("patron.id"))
    card: Mapped[str]
    kind: Mapped[LeavingKind]
    leaving_on: Mapped[date]
    state: Mapped[ClearanceState] = mapped_column(default=ClearanceState.waiting)
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]
    granted_at: Mapped[datetime | None] = mapped_column(default=None)
    granted_by: Mapped[str] = mapped_column(default="")
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    reason: Mapped[str] = mapped_column(default="")
    correlation: Mapped[UUID]
