"""A campaign, what it expects, what was scanned, and who counted."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice
from shared.web.register import Case, Searchable


class StocktakeState(Choice):
    """How far a campaign is."""

    planned = "planned", N_("筹备"), "secondary"
    counting = "counting", N_("清点中"), "success"
    checking = "checking", N_("核对差异"), "warning"
    closed = "closed", N_("已结案"), "info"
    cancelled = "cancelled", N_("已取消"), "secondary"


class Result(Choice):
    """What became of a book that should stand there, or of a barcode that was scanned."""

    open = "open", N_("未扫到"), "secondary"
    found = "found", N_("在架"), "success"
    elsewhere = "elsewhere", N_("不在原位"), "warning"
    unexpected = "unexpected", N_("不应在架"), "danger"
    lent = "lent", N_("借出"), "info"
    away = "away", N_("在途或在办"), "info"
    seen = "seen", N_("期间经服务台"), "info"
    missing = "missing", N_("清点未见"), "danger"


class Why(Choice):
    """Why a scanned book is not simply in its place."""

    none = "", ""
    place = "place", N_("馆藏地不符"), "warning"
    span = "span", N_("索书号不在本次范围"), "warning"
    on_loan = "on_loan", N_("账上借出"), "danger"
    lost = "lost", N_("账上遗失"), "danger"
    withdrawn = "withdrawn", N_("账上已剔除"), "danger"
    workroom = "workroom", N_("还在加工交接"), "warning"
    unknown = "unknown", N_("馆藏中没有这个条码"), "danger"


class Settled(Choice):
    """How a difference was dealt with."""

    open = "", N_("待处理"), "warning"
    told = "told", N_("已标记未见，转服务台查找"), "info"
    put_back = "put_back", N_("已归位"), "success"
    moved = "moved", N_("已改藏到所在处"), "success"
    to_desk = "to_desk", N_("已交服务台"), "success"
    to_cataloguers = "to_cataloguers", N_("已交编目"), "success"
    found = "found", N_("后来找到"), "success"


class How(Choice):
    """By which way a barcode came."""

    scan = "scan", N_("逐册扫描"), "secondary"
    file = "file", N_("文件"), "secondary"
    later = "later", N_("离线补传"), "secondary"


class Stocktake(Searchable, Case, Base):
    """`places` are location codes; `key_from` and `key_to` bound the call numbers as they file, empty when unbounded."""

    __tablename__ = "stocktake"
    __search__ = ("no", "title", "place_names")

    title: Mapped[str]
    places: Mapped[list[str]] = mapped_column(default=list)
    # What these are called, for lists.
    place_names: Mapped[str] = mapped_column(default="")
    call_from: Mapped[str] = mapped_column(default="")
    call_to: Mapped[str] = mapped_column(default="")
    key_from: Mapped[str] = mapped_column(default="")
    key_to: Mapped[str] = mapped_column(default="")
    due_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(default="")
    expected: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime | None]
    opened_by: Mapped[str] = mapped_column(default="")
    checked_at: Mapped[datetime | None]
    checked_by: Mapped[str] = mapped_column(default="")
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str] = mapped_column(default="")
    explanation: Mapped[str] = mapped_column(default="")
    # The closure report as it stood: a row per location and one for all.
    report: Mapped[list[dict[str, Any]]] = mapped_column(default=list)


class Expected(Base):
    """A book that stood on the books in this place when counting opened."""

    __tablename__ = "stocktake_item"
    __audit__ = False
    __table_args__ = (
        Index("ix_stocktake_item_result", "stocktake_id", "result", "location", "shelf_key"),
        Index("ix_stocktake_item_item", "item_id"),
    )

    stocktake_id: Mapped[UUID] = mapped_column(ForeignKey("stocktake.id"), primary_key=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"), primary_key=True)
    location: Mapped[str]
    shelf_key: Mapped[str] = mapped_column(default="")
    result: Mapped[Result] = mapped_column(default=Result.open)
    settled: Mapped[Settled] = mapped_column(default=Settled.open)
    settled_by: Mapped[str] = mapped_column(default="")
    settled_at: Mapped[datetime | None]


class Scan(Base):
    """A barcode somebody saw, once however often it was scanned; the last place it was seen in counts."""

    __tablename__ = "stocktake_scan"
    __audit__ = False
    __table_args__ = (
        UniqueConstraint("stocktake_id", "barcode"),
        Index("ix_stocktake_scan_result", "stocktake_id", "result", "settled"),
        Index("ix_stocktake_scan_by", "stocktake_id", "by", "at"),
        Index("ix_stocktake_scan_item", "item_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    stocktake_id: Mapped[UUID] = mapped_column(ForeignKey("stocktake.id"))
    barcode: Mapped[str]
    item_id: Mapped[UUID | None] = mapped_column(ForeignKey("item.id"))
    place: Mapped[str]
    result: Mapped[Result]
    why: Mapped[Why] = mapped_column(default=Why.none)
    how: Mapped[How] = mapped_column(default=How.scan)
    times: Mapped[int] = mapped_column(default=1)
    by: Mapped[str]
    at: Mapped[datetime]
    settled: Mapped[Settled] = mapped_column(default=Settled.open)
    settled_by: Mapped[str] = mapped_column(default="")
    settled_at: Mapped[datetime | None]


class Counter(Base):
    """Who counted on which day; the first line of a day is what the duty is credited by."""

    __tablename__ = "stocktake_counter"
    __audit__ = False

    stocktake_id: Mapped[UUID] = mapped_column(ForeignKey("stocktake.id"), primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
