"""A task of one person."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from services.office.database import Base
from shared.i18n import N_
from shared.states import Choice
from shared.web.register.case import Case, Searchable


class TaskState(Choice):
    """How a task stands between its giver and its assignee."""

    given = "given", N_("已派发"), "warning"
    queried = "queried", N_("有疑问"), "warning"
    accepted = "accepted", N_("已接受"), "info"
    in_progress = "in_progress", N_("办理中"), "info"
    reported = "reported", N_("已汇报"), "primary"
    returned = "returned", N_("退回重办"), "warning"
    confirmed = "confirmed", N_("已确认"), "success"
    closed = "closed", N_("已结"), "success"
    declined = "declined", N_("已婉拒"), "danger"
    cancelled = "cancelled", N_("已取消"), "secondary"


class Urgency(Choice):
    """How soon the task must be taken up."""

    normal = "normal", N_("一般"), "secondary"
    urgent = "urgent", N_("紧急"), "warning"
    same_day = "same_day", N_("当日办结"), "danger"


class Task(Searchable, Case, Base):
    """What a leader (`created_by`) wants done, by whom and until when."""

    __tablename__ = "task"
    __search__ = ("no", "title", "content", "assignee", "source")
    __table_args__ = (Index("ix_task_assignee", "assignee", "state"),)

    title: Mapped[str]
    content: Mapped[str] = mapped_column(default="")
    assignee: Mapped[str]
    group_no: Mapped[str] = mapped_column(default="", index=True)
    urgency: Mapped[Urgency] = mapped_column(default=Urgency.normal)
    due_on: Mapped[date]
    source: Mapped[str] = mapped_column(default="")
    question: Mapped[str] = mapped_column(default="")
    answer: Mapped[str] = mapped_column(default="")
    decline_reason: Mapped[str] = mapped_column(default="")
    report: Mapped[str] = mapped_column(default="")
    off_hours_minutes: Mapped[int] = mapped_column(default=0)
    remark: Mapped[str] = mapped_column(default="")
    reported_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
