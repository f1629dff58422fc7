"""A batch, what its rule picked, and what the shelf proposed."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice
from shared.web.register import Case, Searchable


class BatchState(Choice):
    """How far a batch is."""

    draft = "draft", N_("拟定清单"), "secondary"
    pulling = "pulling", N_("待取书"), "info"
    viewing = "viewing", N_("专家审查"), "warning"
    meeting = "meeting", N_("待馆务会"), "warning"
    second = "second", N_("末册待复批"), "danger"
    asset = "asset", N_("待资产核销"), "info"
    writing = "writing", N_("注销中"), "info"
    withdrawn = "withdrawn", N_("已注销，待处置"), "accent"
    closed = "closed", N_("已结案"), "success"
    cancelled = "cancelled", N_("已作废"), "secondary"


class Ground(Choice):
    """A rule by which copies are picked; the first that fits is the reason of the line."""

    missing = "missing", N_("清点未见（两次或满一年）"), "warning"
    superseded = "superseded", N_("已有新版"), "info"
    excess = "excess", N_("复本过多"), "secondary"
    zero_use = "zero_use", N_("多年无借阅"), "secondary"
    proposed = "proposed", N_("读者服务部提名"), "info"
    irreparable = "irreparable", N_("无法修补（已在清册）"), "danger"


class Guard(Choice):
    """Why a copy that the rule named does not leave."""

    none = "", ""
    special = "special", N_("特藏、古籍、江大文库：只调拨，不剔旧"), "danger"
    listed = "listed", N_("已在剔旧清册"), "secondary"
    lent = "lent", N_("读者借出中"), "info"
    held = "held", N_("为预约读者保留"), "info"
    away = "away", N_("在途、在办或在工场"), "info"
    last_copy = "last_copy", N_("末册：须勾选“含末册”并经馆长复批"), "danger"
    by_hand = "by_hand", N_("人工排除"), "secondary"


class Batch(Searchable, Case, Base):
    """`places` are location codes, none means the whole house; `years` is n of "no use for n years"."""

    __tablename__ = "weeding_batch"
    __search__ = ("no", "title", "place_names")

    title: Mapped[str]
    grounds: Mapped[list[str]] = mapped_column(default=list)
    places: Mapped[list[str]] = mapped_column(default=list)
    place_names: Mapped[str] = mapped_column(default="")
    call_from: Mapped[str] = mapped_column(default="")
    call_to: Mapped[str] = mapped_column(default="")
    years: Mapped[int] = mapped_column(default=10)
    copies_kept: Mapped[int] = mapped_column(default=3)
    include_last: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(default="")
    built_at: Mapped[datetime | None]
    pull_by: Mapped[date | None]
    sent_at: Mapped[datetime | None]
    sent_by: Mapped[str] = mapped_column(default="")
    pulled_at: Mapped[datetime | None]
    viewed_by: Mapped[str] = mapped_column(default="")
    back_reason: Mapped[str] = mapped_column(default="")
    meeting_no: Mapped[str] = mapped_column(default="")
    approved_by: Mapped[str] = mapped_column(default="")
    second_reason: Mapped[str] = mapped_column(default="")
    second_by: Mapped[str] = mapped_column(default="")
    asset_no: Mapped[str] = mapped_column(default="")
    written_by: Mapped[str] = mapped_column(default="")
    way: Mapped[str] = mapped_column(default="")
    receiver: Mapped[str] = mapped_column(default="")
    proof: Mapped[str] = mapped_column(default="")
    proceeds_cents: Mapped[int] = mapped_column(default=0)
    disposed_by: Mapped[str] = mapped_column(default="")
    cancel_reason: Mapped[str] = mapped_column(default="")


class Pick(Base):
    """A copy that the rule named: listed unless a guard or a hand keeps it."""

    __tablename__ = "weeding_pick"
    __audit__ = False
    __table_args__ = (Index("ix_weeding_pick_guard", "batch_id", "guard", "location", "shelf_key"),)

    batch_id: Mapped[UUID] = mapped_column(ForeignKey("weeding_batch.id"), primary_key=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"), primary_key=True)
    location: Mapped[str] = mapped_column(default="")
    shelf_key: Mapped[str] = mapped_column(default="")
    ground: Mapped[Ground]
    # The rule in this copy's own figures: uses, the day of the last, copies of the title that stay.
    uses: Mapped[int] = mapped_column(default=0)
    last_on: Mapped[date | None]
    stay: Mapped[int] = mapped_column(default=0)
    detail: Mapped[str] = mapped_column(default="")
    guard: Mapped[Guard] = mapped_column(default=Guard.none)


class ShelfProposal(Base):
    """Somebody at the shelf thinks this item should leave; taken up by the next batch that asks for proposals."""

    __tablename__ = "weeding_proposal"
    __audit__ = False
    __table_args__ = (Index("uq_weeding_proposal_open", "item_id", unique=True, postgresql_where=text("batch = ''")),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    reason: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]
    batch: Mapped[str] = mapped_column(default="")
