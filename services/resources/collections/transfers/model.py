"""A plan and its items."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice
from shared.web.register import Case, Searchable


class PlanState(Choice):
    """How far a plan is."""

    draft = "draft", N_("编制中"), "secondary"
    submitted = "submitted", N_("待审批"), "warning"
    approved = "approved", N_("已批准，待服务台取书"), "accent"
    moving = "moving", N_("调拨中"), "info"
    closed = "closed", N_("已收清"), "success"
    differed = "differed", N_("有差异结案"), "danger"
    cancelled = "cancelled", N_("已作废"), "secondary"


class LineState(Choice):
    """Where an item of a plan is."""

    listed = "listed", N_("待取"), "secondary"
    taken = "taken", N_("已列入调拨单"), "accent"
    sent = "sent", N_("调拨途中"), "info"
    received = "received", N_("已收到"), "success"
    refused = "refused", N_("服务台不能取"), "warning"
    unsent = "unsent", N_("未取到"), "warning"
    missing = "missing", N_("未到，查找中"), "danger"


class TransferPlan(Searchable, Case, Base):
    """Items for one location; `proposal` is the adjustment it came from."""

    __tablename__ = "transfer_plan"
    __search__ = ("no", "title", "location", "proposal")
    __table_args__ = (CheckConstraint("approved_by = '' OR approved_by NOT IN (created_by, submitted_by)", name="approved"),)

    title: Mapped[str]
    location: Mapped[str]
    location_name: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    proposal: Mapped[str] = mapped_column(default="", index=True)
    submitted_by: Mapped[str] = mapped_column(default="")
    approved_by: Mapped[str] = mapped_column(default="")
    approved_at: Mapped[datetime | None]
    sent_back: Mapped[str] = mapped_column(default="")
    copies: Mapped[int] = mapped_column(default=0)
    received: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None]


class PlanItem(Base):
    """An item of a plan as it stood when it was listed; `open` until it arrived or stays."""

    __tablename__ = "transfer_plan_item"
    __audit__ = False
    __table_args__ = (
        UniqueConstraint("plan", "item_id"),
        # An item is planned for one place at a time.
        Index("uq_transfer_plan_item_open", "item_id", unique=True, postgresql_where=text("open")),
        Index("ix_transfer_plan_item_list", "list_no", postgresql_where=text("list_no <> ''")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    plan: Mapped[str] = mapped_column(ForeignKey("transfer_plan.no"))
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    barcode: Mapped[str]
    title: Mapped[str]
    call_number: Mapped[str] = mapped_column(default="")
    shelf_key: Mapped[str] = mapped_column(default="")
    from_location: Mapped[str]
    state: Mapped[LineState] = mapped_column(default=LineState.listed)
    # The desk's list it is on, and why it could not be taken.
    list_no: Mapped[str] = mapped_column(default="")
    why: Mapped[str] = mapped_column(default="")
    open: Mapped[bool] = mapped_column(default=True)
    changed_at: Mapped[datetime | None]
