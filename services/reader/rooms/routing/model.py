"""A list, its versions with their stations, and the slips that go round."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice


class Who(Choice):
    """What stands at a station."""

    staff = "staff", N_("馆员"), "accent"
    patron = "patron", N_("读者"), "info"
    place = "place", N_("部门、办公室"), "secondary"


class SlipState(Choice):
    """Where a slip is."""

    running = "running", N_("传阅中"), "primary"
    returning = "returning", N_("传毕待收回"), "warning"
    back = "back", N_("已收回"), "success"
    lost = "lost", N_("传阅中遗失"), "danger"
    void = "void", N_("已作废"), "secondary"


class StepState(Choice):
    """What became of a station."""

    waiting = "waiting", N_("待传"), "secondary"
    coming = "coming", N_("送往中"), "warning"
    received = "received", N_("在此阅"), "primary"
    passed = "passed", N_("已传出"), "success"
    skipped = "skipped", N_("跳过"), "secondary"


class Absence(Choice):
    """Why a station is passed over."""

    left = "left", N_("已离馆、离校"), "secondary"
    away = "away", N_("出差、休假"), "secondary"
    card = "card", N_("读者证已停用"), "secondary"
    recalled = "recalled", N_("提前收回"), "secondary"
    other = "other", N_("其他"), "secondary"


class RoutingList(Base):
    """`copy_no` is which copy of the title goes round; a copy has one list in force."""

    __tablename__ = "routing_list"
    __table_args__ = (
        CheckConstraint("copy_no > 0 AND days > 0", name="numbers"),
        Index("uq_routing_list_copy", "title_id", "copy_no", unique=True, postgresql_where=text("active")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    number: Mapped[str] = mapped_column(unique=True)
    title_id: Mapped[UUID] = mapped_column(ForeignKey("serial_title.id"))
    name: Mapped[str]
    copy_no: Mapped[int] = mapped_column(default=1)
    days: Mapped[int] = mapped_column(default=3)
    version: Mapped[int] = mapped_column(default=1)
    active: Mapped[bool] = mapped_column(default=True)
    made_at: Mapped[datetime]
    made_by: Mapped[str]


class RoutingVersion(Base):
    """One version of a list; `ended_at` is when another took its place or the list was stopped."""

    __tablename__ = "routing_version"
    __table_args__ = (UniqueConstraint("list_id", "version"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    list_id: Mapped[UUID] = mapped_column(ForeignKey("routing_list.id"))
    version: Mapped[int]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)


class RoutingStation(Base):
    """`who` is a staff or card number, `place` an office; without `days` the list's are meant.

    `away_until` is the last day on which nobody is there; an absence without it lasts.
    """

    __tablename__ = "routing_station"
    __table_args__ = (UniqueConstraint("version_id", "position"), Index("ix_routing_station_who", "who"))
    # Who reads what is read on the list itself, and forgotten with it.
    __audit_hide__ = ("who",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("routing_version.id"))
    position: Mapped[int]
    kind: Mapped[Who]
    who: Mapped[str] = mapped_column(default="")
    place: Mapped[str] = mapped_column(default="")
    days: Mapped[int | None] = mapped_column(default=None)
    note: Mapped[str] = mapped_column(default="")
    absence: Mapped[Absence | None] = mapped_column(default=None)
    away_until: Mapped[date | None] = mapped_column(default=None)


class RoutingSlip(Base):
    """One copy of an issue under way; `due_on` is when it should leave the station where it is."""

    __tablename__ = "routing_slip"
    __table_args__ = (
        Index("uq_routing_slip_copy", "issue_id", "copy_no", unique=True, postgresql_where=text("state NOT IN ('void', 'lost')")),
        Index("ix_routing_slip_open", "due_on", postgresql_where=text("state IN ('running', 'returning')")),
        Index("ix_routing_slip_ended", "ended_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    number: Mapped[str] = mapped_column(unique=True)
    issue_id: Mapped[UUID] = mapped_column(ForeignKey("serial_issue.id"))
    list_id: Mapped[UUID] = mapped_column(ForeignKey("routing_list.id"))
    version: Mapped[int]
    copy_no: Mapped[int]
    state: Mapped[SlipState] = mapped_column(default=SlipState.running)
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    due_on: Mapped[date | None] = mapped_column(default=None)
    told_on: Mapped[date | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_by: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")


class RoutingStep(Base):
    """A station as it was when the slip was made; `…_by` is empty where the station itself did it."""

    __tablename__ = "routing_step"
    __table_args__ = (UniqueConstraint("slip_id", "position"), Index("ix_routing_step_who", "who"))
    __audit_hide__ = ("who",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    slip_id: Mapped[UUID] = mapped_column(ForeignKey("routing_slip.id"))
    position: Mapped[int]
    kind: Mapped[Who]
    who: Mapped[str] = mapped_column(default="")
    place: Mapped[str] = mapped_column(default="")
    days: Mapped[int]
    note: Mapped[str] = mapped_column(default="")
    state: Mapped[StepState] = mapped_column(default=StepState.waiting)
    here_on: Mapped[date | None] = mapped_column(default=None)
    received_at: Mapped[datetime | None] = mapped_column(default=None)
    received_by: Mapped[str] = mapped_column(default="")
    passed_at: Mapped[datetime | None] = mapped_column(default=None)
    passed_by: Mapped[str] = mapped_column(default="")
    absence: Mapped[Absence | None] = mapped_column(default=None)
    reason: Mapped[str] = mapped_column(default="")
