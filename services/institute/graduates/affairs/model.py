"""A student who leaves."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.institute.database import Base
from shared.i18n import N_
from shared.states import Choice
from shared.web.register import Case, Searchable


class LeavingKind(Choice):
    """Why the student leaves."""

    graduation = "graduation", N_("毕业"), "success"
    transfer = "transfer", N_("转学"), "info"
    withdrawal = "withdrawal", N_("退学"), "warning"
    suspension = "suspension", N_("休学"), "warning"
    other = "other", N_("其他"), "secondary"


class LeavingState(Choice):
    """Where the leaving stands."""

    waiting = "waiting", N_("待图书馆清理"), "warning"
    cleared = "cleared", N_("图书馆已清"), "success"
    revoked = "revoked", N_("清理被撤回"), "danger"
    left = "left", N_("已离校"), "secondary"
    withdrawn = "withdrawn", N_("已撤销"), "secondary"


class Leaving(Searchable, Case, Base):
    """One student and the day; one open case per card."""

    __tablename__ = "student_leaving"
    __search__ = ("no", "card", "name")
    __table_args__ = (
        Index("uq_student_leaving_card", "card", unique=True,
              postgresql_where=text("state IN ('waiting', 'cleared', 'revoked')")),
    )

    card: Mapped[str]
    name: Mapped[str]
    kind: Mapped[LeavingKind]
    leaving_on: Mapped[date]
    clearance: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
