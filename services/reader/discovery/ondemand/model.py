"""Titles on offer, and the digests of those who used them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.i18n import N_
from shared.states import Choice


class OfferState(Choice):
    """What a reader can do with it."""

    offered = "offered", N_("可按需采购"), "info"
    met = "met", N_("已达到购买条件"), "success"
    closed = "closed", N_("不再提供"), "secondary"


WORDS = "to_tsvector('simple'::regconfig, title || ' ' || author || ' ' || isbn)"


class OnDemandTitle(Base):
    """`secret` makes the digests of this title; it goes with them when the title is decided."""

    __tablename__ = "on_demand_title"
    __audit__ = False
    __table_args__ = (
        Index("ix_on_demand_title_words", text(WORDS), postgresql_using="gin"),
        Index("ix_on_demand_title_state", "state", "number"),
    )

    number: Mapped[str] = mapped_column(primary_key=True)
    pool: Mapped[str]
    title: Mapped[str]
    author: Mapped[str] = mapped_column(default="")
    publisher: Mapped[str] = mapped_column(default="")
    year: Mapped[str] = mapped_column(default="")
    isbn: Mapped[str] = mapped_column(default="")
    subject: Mapped[str] = mapped_column(default="")
    ends_on: Mapped[date]
    state: Mapped[OfferState] = mapped_column(default=OfferState.offered)
    outcome: Mapped[str] = mapped_column(default="")
    secret: Mapped[str] = mapped_column(default="")
    requests: Mapped[int] = mapped_column(default=0)
    teachers: Mapped[int] = mapped_column(default=0)


class OnDemandUse(Base):
    """One reader, once a title: `who` is a digest of the title's secret and the card."""

    __tablename__ = "on_demand_use"
    __audit__ = False

    number: Mapped[str] = mapped_column(ForeignKey("on_demand_title.number"), primary_key=True)
    who: Mapped[str] = mapped_column(primary_key=True)
    teacher: Mapped[bool]
    at: Mapped[datetime]
