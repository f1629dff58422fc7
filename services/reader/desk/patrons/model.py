"""A patron: person, card, and the counters a desk reads at every scan."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice


class Category(Choice):
    """Kinds of patrons; the loan rule hangs on it."""

    undergraduate = "undergraduate", N_("本科生"), "success"
    graduate = "graduate", N_("研究生"), "info"
    staff = "staff", N_("教职工"), "accent"
    retired = "retired", N_("离退休人员"), "accent"
    union = "union", N_("联合共享体读者"), "warning"
    visitor = "visitor", N_("临时读者"), "secondary"


class CardState(Choice):
    """What a card can do. `expired` is never stored: the calendar says it."""

    active = "active", N_("正常"), "success"
    loss_blocked = "loss_blocked", N_("挂失"), "danger"
    suspended = "suspended", N_("停借"), "warning"
    expired = "expired", N_("过期"), "secondary"
    closed = "closed", N_("注销"), "secondary"


class Patron(Base):
    """`open_loans`, `holds_*` and `debt_fen` are kept by the database (see services/reader/database.py)."""

    __tablename__ = "patron"
    __table_args__ = (
        Index("ix_patron_initials", "initials", postgresql_ops={"initials": "text_pattern_ops"}),
        Index("ix_patron_name", "name", postgresql_ops={"name": "text_pattern_ops"}),
        Index("ix_patron_owing", "debt_fen", postgresql_where=text("debt_fen > 0")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    card: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    initials: Mapped[str] = mapped_column(default="")
    category: Mapped[Category]
    college: Mapped[str] = mapped_column(default="")
    class_name: Mapped[str] = mapped_column(default="")
    state: Mapped[CardState] = mapped_column(default=CardState.active)
    state_reason: Mapped[str] = mapped_column(default="")
    suspended_until: Mapped[date | None] = mapped_column(default=None)
    valid_to: Mapped[date | None] = mapped_column(default=None)
    oriented: Mapped[bool] = mapped_column(default=True)
    no_shows: Mapped[int] = mapped_column(default=0)
    registered_at: Mapped[datetime]
    # Whether the patron wants to see what they have returned; without it nothing of it is shown.
    keep_history: Mapped[bool] = mapped_column(default=False)

    open_loans: Mapped[int] = mapped_column(default=0)
    holds_waiting: Mapped[int] = mapped_column(default=0)
    holds_ready: Mapped[int] = mapped_column(default=0)
    debt_fen: Mapped[int] = mapped_column(default=0)
