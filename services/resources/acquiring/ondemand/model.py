"""A pool, the versions of its rule, and its titles."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice


class PoolState(Choice):
    """Whether readers see it."""

    open = "open", N_("开放中"), "success"
    ended = "ended", N_("已截止"), "secondary"


class OfferState(Choice):
    """What became of a title."""

    offered = "offered", N_("可申购"), "info"
    review = "review", N_("待审批"), "warning"
    bought = "bought", N_("已列入采购"), "success"
    held = "held", N_("已有或已在采购"), "secondary"
    refused = "refused", N_("不购"), "danger"
    withdrawn = "withdrawn", N_("已撤出"), "secondary"
    ended = "ended", N_("到期未购"), "secondary"


class DemandPool(Base):
    """`list_no` is the selection list it was made of; `rule` the version in force."""

    __tablename__ = "demand_pool"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    no: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    supplier: Mapped[str] = mapped_column(default="")
    list_no: Mapped[str]
    state: Mapped[PoolState] = mapped_column(default=PoolState.open)
    ends_on: Mapped[date]
    rule: Mapped[int] = mapped_column(default=1)
    total: Mapped[int] = mapped_column(default=0)
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(default="")
    correlation: Mapped[UUID]


class PoolRule(Base):
    """`requests` different readers, or one `teacher`; caps in fen, 0 is none; `fund` a running budget line."""

    __tablename__ = "demand_rule"
    __table_args__ = (UniqueConstraint("pool_id", "version"), CheckConstraint("requests > 0 AND cap_cents >= 0 AND month_cents >= 0", name="numbers"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    pool_id: Mapped[UUID] = mapped_column(ForeignKey("demand_pool.id"))
    version: Mapped[int]
    requests: Mapped[int]
    teacher: Mapped[bool] = mapped_column(default=True)
    cap_cents: Mapped[int]
    month_cents: Mapped[int]
    fund: Mapped[str]
    made_by: Mapped[str]
    made_at: Mapped[datetime]


class PoolOffer(Base):
    """`requests` and `teachers` as the reader's department counted last; `wishes` the numbers of those who asked, no person."""

    __tablename__ = "demand_offer"
    __table_args__ = (
        Index("ix_demand_offer_pool", "pool_id", "state", "no"),
        Index("ix_demand_offer_bought", "pool_id", "decided_at", postgresql_where=text("state = 'bought'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    no: Mapped[str] = mapped_column(unique=True)
    pool_id: Mapped[UUID] = mapped_column(ForeignKey("demand_pool.id"))
    title: Mapped[str]
    author: Mapped[str] = mapped_column(default="")
    publisher: Mapped[str] = mapped_column(default="")
    year: Mapped[str] = mapped_column(default="")
    isbn: Mapped[str] = mapped_column(default="")
    subject: Mapped[str] = mapped_column(default="")
    price_cents: Mapped[int] = mapped_column(default=0)
    state: Mapped[OfferState] = mapped_column(default=OfferState.offered)
    requests: Mapped[int] = mapped_column(default=0)
    teachers: Mapped[int] = mapped_column(default=0)
    wishes: Mapped[list[str]] = mapped_column(default=list)
    title_no: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
