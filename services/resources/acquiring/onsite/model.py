"""An event, who is invited, what was picked."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice
from shared.web.register import Case, Searchable


class EventState(Choice):
    """How far an event is."""

    preparing = "preparing", N_("筹备"), "secondary"
    open = "open", N_("选书中"), "success"
    checking = "checking", N_("核对中"), "warning"
    settled = "settled", N_("已转待购"), "info"
    cancelled = "cancelled", N_("已取消"), "secondary"


class Answer(Choice):
    """What a pick was answered."""

    picked = "picked", N_("已选"), "success"
    held = "held", N_("馆藏已有"), "secondary"
    coming = "coming", N_("已在采购"), "secondary"
    taken = "taken", N_("他人已选"), "secondary"
    barred = "barred", N_("不在选书范围"), "danger"
    over = "over", N_("超出个人额度"), "danger"
    withdrawn = "withdrawn", N_("已放回"), "secondary"
    dropped = "dropped", N_("核对不购"), "danger"


class OnSite(Searchable, Case, Base):
    """`budget_cents` is what each person may pick for; `barred` are words of titles that are not bought, one a line."""

    __tablename__ = "on_site"
    __search__ = ("no", "title", "place")

    title: Mapped[str]
    place: Mapped[str] = mapped_column(default="")
    held_on: Mapped[date]
    budget_cents: Mapped[int] = mapped_column(default=0)
    barred: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    wanted: Mapped[int] = mapped_column(default=0)
    settled_by: Mapped[str] = mapped_column(default="")
    settled_at: Mapped[datetime | None]


class Invitation(Base):
    """Who may pick: a reader's card or a staff number."""

    __tablename__ = "on_site_invitation"
    __table_args__ = (UniqueConstraint("event_id", "person"), Index("ix_on_site_invitation_person", "person"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("on_site.id"))
    person: Mapped[str]


class Pick(Base):
    """One ISBN scanned by one person and what it was answered; picked at `picked_at`, which may lie before it arrived."""

    __tablename__ = "on_site_pick"
    __audit__ = False
    __table_args__ = (
        # A book is picked once, whoever's phone was quicker.
        Index("uq_on_site_pick", "event_id", "isbn", unique=True, postgresql_where=text("answer = 'picked'")),
        Index("ix_on_site_pick_person", "event_id", "person", "picked_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("on_site.id"))
    person: Mapped[str]
    isbn: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    author: Mapped[str] = mapped_column(default="")
    price_cents: Mapped[int] = mapped_column(default=0)
    answer: Mapped[Answer]
    said: Mapped[str] = mapped_column(default="")
    title_no: Mapped[str] = mapped_column(default="")
    picked_at: Mapped[datetime]
    at: Mapped[datetime]
