"""A work order: one record from the report to the reporter's confirmation."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.tech.database import Base
from shared.i18n import N_
from shared.states import Choice
from shared.web.register import Case, Searchable


class Kind(Choice):
    """What does not work; decides which posts are asked first."""

    computer = "computer", N_("电脑与打印机"), "info"
    network = "network", N_("网络与系统"), "info"
    equipment = "equipment", N_("充消磁、复印等设备"), "info"
    power = "power", N_("供电照明"), "warning"
    water = "water", N_("给排水"), "warning"
    fire = "fire", N_("消防与安全"), "danger"
    air = "air", N_("空调通风"), "secondary"
    furniture = "furniture", N_("家具门窗"), "secondary"
    other = "other", N_("其他"), "secondary"


class Priority(Choice):
    """How fast an answer and a solution are promised."""

    P1 = "P1", N_("P1 服务中断"), "danger"
    P2 = "P2", N_("P2 影响使用"), "warning"
    P3 = "P3", N_("P3 一般"), "secondary"


class OrderState(Choice):
    """Where the order stands."""

    reported = "reported", N_("待受理"), "warning"
    working = "working", N_("处理中"), "info"
    waiting = "waiting", N_("待配件/外协"), "secondary"
    resolved = "resolved", N_("待确认"), "info"
    confirmed = "confirmed", N_("已关闭"), "success"
    voided = "voided", N_("已作废"), "secondary"


class WorkOrder(Searchable, Case, Base):
    """A fault and what is done about it."""

    __tablename__ = "work_order"
    __search__ = ("no", "place", "title", "note")
    __table_args__ = (
        Index("ix_work_order_open", "state", "created_at"),
        Index("ix_work_order_reporter", "reporter", "created_at"),
        Index("uq_work_order_source", "source_ref", unique=True, postgresql_where=text("source_ref <> ''")),
    )

    place: Mapped[str]
    kind: Mapped[Kind] = mapped_column(default=Kind.other)
    title: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    priority: Mapped[Priority] = mapped_column(default=None)
    reporter: Mapped[str] = mapped_column(default="")
    reporter_dept: Mapped[str] = mapped_column(default="")
    owner: Mapped[str] = mapped_column(default="")
    respond_by: Mapped[datetime | None]
    solve_by: Mapped[datetime | None]
    responded_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    paused_minutes: Mapped[int] = mapped_column(default=0)
    solution: Mapped[str] = mapped_column(default="")
    rating: Mapped[int | None]
    reopened: Mapped[int] = mapped_column(default=0)
    source_ref: Mapped[str] = mapped_column(default="")
