"""A commission from the form to the filed report."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.institute.database import Base
from shared.i18n import N_
from shared.states import Choice
from shared.web.register import Case, Searchable


class Purpose(Choice):
    """What the client needs the report for."""

    project = "project", N_("立项"), "info"
    result = "result", N_("成果鉴定"), "info"
    award = "award", N_("报奖"), "info"
    patent = "patent", N_("专利"), "info"
    product = "product", N_("新产品"), "info"


class Scope(Choice):
    """Where is searched; decides price and promised days."""

    domestic = "domestic", N_("国内"), "secondary"
    foreign = "foreign", N_("国内外"), "info"


class CommissionState(Choice):
    """Where the commission stands."""

    received = "received", N_("待受理"), "warning"
    accepted = "accepted", N_("已受理"), "info"
    assigned = "assigned", N_("已派发"), "info"
    searching = "searching", N_("检索中"), "info"
    reviewing = "reviewing", N_("待审核"), "warning"
    signed = "signed", N_("待交付"), "warning"
    delivered = "delivered", N_("已交付"), "success"
    filed = "filed", N_("已归档"), "success"
    refused = "refused", N_("不予受理"), "danger"
    cancelled = "cancelled", N_("已撤销"), "secondary"


class Commission(Searchable, Case, Base):
    """One project, one report (单一性)."""

    __tablename__ = "novelty_commission"
    __search__ = ("no", "title", "client", "unit")
    __table_args__ = (
        Index("ix_novelty_commission_state", "state", "due_on"),
        Index("uq_novelty_commission_receipt", "receipt", unique=True, postgresql_where=text("receipt <> ''")),
    )
    __audit_hide__ = ("contact",)

    client: Mapped[str]
    unit: Mapped[str]
    contact: Mapped[str]
    title: Mapped[str]
    title_en: Mapped[str] = mapped_column(default="")
    purpose: Mapped[Purpose]
    scope: Mapped[Scope]
    points: Mapped[str]
    key_technology: Mapped[str]
    urgent: Mapped[bool] = mapped_column(default=False)
    wanted_on: Mapped[date]
    due_on: Mapped[date | None]
    fee_cents: Mapped[int] = mapped_column(default=0)
    discount_cents: Mapped[int] = mapped_column(default=0)
    discount_reason: Mapped[str] = mapped_column(default="")
    discount_by: Mapped[str] = mapped_column(default="")
    paid_cents: Mapped[int] = mapped_column(default=0)
    paid_at: Mapped[datetime | None]
    receipt: Mapped[str] = mapped_column(default="")
    registered_by: Mapped[str] = mapped_column(default="")
    searcher: Mapped[str] = mapped_column(default="")
    reviewer: Mapped[str] = mapped_column(default="")
    databases: Mapped[str] = mapped_column(default="")
    strategy: Mapped[str] = mapped_column(default="")
    hits: Mapped[int | None]
    conclusion: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    returns: Mapped[int] = mapped_column(default=0)
    delivered_at: Mapped[datetime | None]
    copies: Mapped[int] = mapped_column(default=2)
