"""A patron: person, card, and the counters a desk reads at every scan."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
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


class Source(Choice):
    """Who issues the card: ourselves, or the university's card centre."""

    own = "own", N_("本馆证"), "accent"
    campus = "campus", N_("校园卡"), "info"


class Document(Choice):
    """Which paper was seen when somebody proved who they are."""

    id_card = "id_card", N_("身份证"), "secondary"
    student_card = "student_card", N_("学生证"), "secondary"
    work_card = "work_card", N_("工作证"), "secondary"
    passport = "passport", N_("护照"), "secondary"


class Patron(Base):
    """`open_loans`, `holds_*`, `debt_fen`, `deposit_fen` are kept by the database (see services/reader/database.py)."""

    __tablename__ = "patron"
    __table_args__ = (
        Index("ix_patron_initials", "initials", postgresql_ops={"initials": "text_pattern_ops"}),
        Index("ix_patron_name", "name", postgresql_ops={"name": "text_pattern_ops"}),
        Index("ix_patron_owing", "debt_fen", postgresql_where=text("debt_fen > 0")),
        # Money held for somebody is never left behind on a closed card.
        CheckConstraint("deposit_fen >= 0 AND (deposit_fen = 0 OR state <> 'closed')", name="deposit"),
    )
    # How to reach somebody is read at the desk and by themselves, never in the audit trail.
    __audit_hide__ = ("email", "phone")

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
    # The number on the chip answers beside the printed one; both are unique among all numbers ever.
    chip: Mapped[str | None] = mapped_column(unique=True, default=None)
    source: Mapped[Source] = mapped_column(default=Source.own)
    email: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    # What a lost card comes back to: a suspension does not end by losing the card.
    lost_from: Mapped[CardState | None] = mapped_column(default=None)
    # Whether the patron wants to see what they have returned, and keep it past the usual days.
    keeps_history: Mapped[bool] = mapped_column(default=False)
    notes: Mapped[int] = mapped_column(default=0)

    open_loans: Mapped[int] = mapped_column(default=0)
    holds_waiting: Mapped[int] = mapped_column(default=0)
    holds_ready: Mapped[int] = mapped_column(default=0)
    debt_fen: Mapped[int] = mapped_column(default=0)
    # Money held for the reader of a union card; neither income nor debt.
    deposit_fen: Mapped[int] = mapped_column(default=0)


class CardNumber(Base):
    """Every number anybody ever had; a dead one is never given again and still says whose it was.

    Rows are written by the database whenever a patron's card or chip changes.
    """

    __tablename__ = "card_number"
    __audit__ = False

    number: Mapped[str] = mapped_column(primary_key=True)
    patron_id: Mapped[UUID] = mapped_column(ForeignKey("patron.id"), index=True)
    chip: Mapped[bool]
    issued_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)


class IdentityCheck(Base):
    """Somebody proved who they are: kind of paper and its last four signs, never the whole number."""

    __tablename__ = "identity_check"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    patron_id: Mapped[UUID] = mapped_column(ForeignKey("patron.id"), index=True)
    card: Mapped[str]
    purpose: Mapped[str]
    document: Mapped[Document]
    last4: Mapped[str]
    checked_by: Mapped[str]
    at: Mapped[datetime]


class Note(Base):
    """A remark the desk sees when the patron stands there, until a day or until somebody ends it."""

    __tablename__ = "patron_note"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    patron_id: Mapped[UUID] = mapped_column(ForeignKey("patron.id"), index=True)
    text: Mapped[str]
    urgent: Mapped[bool] = mapped_column(default=False)
    until: Mapped[date | None] = mapped_column(default=None)
    written_by: Mapped[str]
    written_at: Mapped[datetime]
    ended_by: Mapped[str] = mapped_column(default="")
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
