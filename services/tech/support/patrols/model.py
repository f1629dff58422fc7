"""Routes with their points, rounds with their stamps, and the day of a person on patrol."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.tech.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice
from shared.web.register import Case


class RoundState(Choice):
    """A round is walked, then closed the same day."""

    walking = "walking", N_("巡视中"), "info"
    closed = "closed", N_("已完成"), "success"
    abandoned = "abandoned", N_("未完成"), "danger"


class DayState(Choice):
    """What a day's minutes amount to."""

    open = "open", N_("进行中"), "info"
    met = "met", N_("达标"), "success"
    missed = "missed", N_("不足"), "danger"
    explained = "explained", N_("已说明"), "secondary"


class Route(Base):
    """A way through the building."""

    __tablename__ = "patrol_route"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_en: Mapped[str] = mapped_column(default="")
    active: Mapped[bool] = mapped_column(default=True)


class Point(Base):
    """A place on a route and what to look at there."""

    __tablename__ = "patrol_point"
    __table_args__ = (UniqueConstraint("route_id", "position"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    route_id: Mapped[UUID] = mapped_column(ForeignKey("patrol_route.id"), index=True)
    position: Mapped[int]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_en: Mapped[str] = mapped_column(default="")
    look_at: Mapped[str] = mapped_column(default="")
    look_at_en: Mapped[str] = mapped_column(default="")
    kind: Mapped[str] = mapped_column(default="other")


class Round(Base):
    """One walk over a route by one person."""

    __tablename__ = "patrol_round"
    __table_args__ = (
        Index("ix_patrol_round_walker_on", "walker", "on_day"),
        # One open round per person, whatever two phones do.
        Index("uq_patrol_round_open", "walker", unique=True, postgresql_where=text("state = 'walking'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    no: Mapped[str] = mapped_column(unique=True)
    route_id: Mapped[UUID] = mapped_column(ForeignKey("patrol_route.id"))
    walker: Mapped[str]
    on_day: Mapped[date]
    state: Mapped[RoundState] = mapped_column(default=RoundState.walking)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    minutes: Mapped[int] = mapped_column(default=0)
    anomalies: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(default="")
    correlation: Mapped[UUID]


class Stamp(Base):
    """A point was reached."""

    __tablename__ = "patrol_stamp"
    __table_args__ = (UniqueConstraint("round_id", "point_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    round_id: Mapped[UUID] = mapped_column(ForeignKey("patrol_round.id"), index=True)
    point_id: Mapped[UUID] = mapped_column(ForeignKey("patrol_point.id"))
    walked_at: Mapped[datetime]
    received_at: Mapped[datetime]
    ok: Mapped[bool] = mapped_column(default=True)
    note: Mapped[str] = mapped_column(default="")
    photo: Mapped[str] = mapped_column(default="")
    order_no: Mapped[str] = mapped_column(default="")


class Day(Case, Base):
    """The minutes a person owes and walked on one day; its number is date and person."""

    __tablename__ = "patrol_day"
    __table_args__ = (UniqueConstraint("walker", "on_day"), Index("ix_patrol_day_state", "state", "on_day"))

    walker: Mapped[str]
    on_day: Mapped[date]
    required: Mapped[int] = mapped_column(default=120)
    minutes: Mapped[int] = mapped_column(default=0)
    explanation: Mapped[str] = mapped_column(default="")
    explained_by: Mapped[str] = mapped_column(default="")


class Watch(Base):
    """Who is on patrol duty, on which weekdays; fed by posts, changed by the head."""

    __tablename__ = "patrol_watch"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    holding_id: Mapped[str] = mapped_column(unique=True)
    walker: Mapped[str] = mapped_column(index=True)
    post: Mapped[str]
    weekdays: Mapped[str] = mapped_column(default="12345")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
