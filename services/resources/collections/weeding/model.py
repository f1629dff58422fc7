"""A line of the weeding register."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.i18n import N_
from shared.states import Choice
from shared.web.register import Case, Searchable


class WeedingState(Choice):
    """How far the decision is."""

    proposed = "proposed", N_("待专家审查"), "warning"
    reviewed = "reviewed", N_("待馆务会"), "warning"
    second = "second", N_("末册待复批"), "danger"
    approved = "approved", N_("待资产核销"), "info"
    withdrawn = "withdrawn", N_("已注销，待处置"), "info"
    disposed = "disposed", N_("已处置"), "secondary"
    kept = "kept", N_("决定保留"), "success"
    listed = "listed", N_("在批次，待取书"), "secondary"
    restored = "restored", N_("已恢复入藏"), "success"


class Reason(Choice):
    """Why an item should leave."""

    irreparable = "irreparable", N_("无法修补"), "danger"
    superseded = "superseded", N_("内容陈旧，已有新版"), "info"
    excess = "excess", N_("复本过多"), "secondary"
    zero_use = "zero_use", N_("多年无借阅"), "secondary"
    missing = "missing", N_("清点未见"), "warning"
    lost = "lost", N_("遗失未回"), "danger"
    ordered = "ordered", N_("上级要求下架"), "danger"
    proposed = "proposed", N_("读者服务部提名"), "info"


class View(Choice):
    """What the expert advises."""

    withdraw = "withdraw", N_("同意剔除"), "success"
    relocate = "relocate", N_("建议转密集书库"), "info"
    keep = "keep", N_("建议保留"), "warning"


class Way(Choice):
    """What becomes of the paper."""

    transfer = "transfer", N_("调拨其他馆"), "info"
    donate = "donate", N_("捐赠"), "info"
    sell = "sell", N_("变卖"), "secondary"
    pulp = "pulp", N_("化浆"), "secondary"


class WeedingLine(Searchable, Case, Base):
    """One item and what is decided about it."""

    __tablename__ = "weeding_line"
    __search__ = ("no", "barcode", "title", "call_number")
    __table_args__ = (
        Index("ix_weeding_line_state", "state", "created_at"),
        Index("ix_weeding_line_barcode", "barcode", "created_at"),
        Index("ix_weeding_line_list", "list_no", "state", postgresql_where=text("list_no <> ''")),
        Index("ix_weeding_line_withdrawn", "withdrawn_on", postgresql_where=text("withdrawn_on IS NOT NULL")),
        # An item stands on the register once, until it is kept or, before its disposal, taken back.
        Index(
            "uq_weeding_line_open", "barcode", unique=True, postgresql_where=text("state NOT IN ('kept', 'restored')"),
        ),
    )

    barcode: Mapped[str]
    # The batch (剔旧批次) the line was listed with; empty for one proposed by itself.
    list_no: Mapped[str] = mapped_column(default="")
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("instance.id"), index=True)
    title: Mapped[str]
    call_number: Mapped[str] = mapped_column(default="")
    location: Mapped[str] = mapped_column(default="")
    location_name: Mapped[str] = mapped_column(default="")
    price_cents: Mapped[int] = mapped_column(default=0)
    reason: Mapped[Reason]
    note: Mapped[str] = mapped_column(default="")
    source: Mapped[str] = mapped_column(default="")
    last_copy: Mapped[bool] = mapped_column(default=False)
    proposer: Mapped[str]
    view: Mapped[View | None]
    opinion: Mapped[str] = mapped_column(default="")
    expert: Mapped[str] = mapped_column(default="")
    meeting_no: Mapped[str] = mapped_column(default="")
    approver: Mapped[str] = mapped_column(default="")
    second_reason: Mapped[str] = mapped_column(default="")
    second_by: Mapped[str] = mapped_column(default="")
    asset_no: Mapped[str] = mapped_column(default="")
    withdrawn_on: Mapped[date | None]
    withdrawn_by: Mapped[str] = mapped_column(default="")
    way: Mapped[Way | None]
    proof: Mapped[str] = mapped_column(default="")
    keep_reason: Mapped[str] = mapped_column(default="")
    pulled_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
