"""A repair job and where it stands."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.i18n import N_
from shared.states import Choice
from shared.web.register import Case, Searchable


class RepairState(Choice):
    """Who has the item and what is to be done."""

    waiting = "waiting", N_("待修补"), "warning"
    in_work = "in_work", N_("修补中"), "info"
    re_inspection = "re_inspection", N_("待回验"), "info"
    closed = "closed", N_("已结案"), "success"
    irreparable = "irreparable", N_("无法修补"), "danger"
    cancelled = "cancelled", N_("已撤销"), "secondary"


class Repair(Searchable, Case, Base):
    """One job; `slip` is the damage slip it answers."""

    __tablename__ = "repair"
    __search__ = ("no", "slip", "barcode", "title")
    __table_args__ = (
        Index("ix_repair_queue", "state", "queue"),
        Index("ix_repair_barcode", "barcode", "created_at"),
    )

    slip: Mapped[str] = mapped_column(unique=True)
    barcode: Mapped[str]
    title: Mapped[str]
    call_number: Mapped[str] = mapped_column(default="")
    location: Mapped[str] = mapped_column(default="")
    kind: Mapped[str] = mapped_column(default="")
    kind_label: Mapped[str] = mapped_column(default="")
    grade: Mapped[str] = mapped_column(default="")
    grade_label: Mapped[str] = mapped_column(default="")
    damage: Mapped[str] = mapped_column(default="")
    photo: Mapped[bool] = mapped_column(default=False)
    holds_waiting: Mapped[int] = mapped_column(default=0)
    # Those others wait for come first, then the oldest.
    queue: Mapped[str] = mapped_column(default="")
    target_on: Mapped[date]
    diagnosis: Mapped[str] = mapped_column(default="")
    operator: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    minutes: Mapped[int] = mapped_column(default=0)
    material: Mapped[str] = mapped_column(default="")
    cost_cents: Mapped[int] = mapped_column(default=0)
    # What earlier rounds took; a failed repair costs twice and should say so.
    minutes_before: Mapped[int] = mapped_column(default=0)
    cost_before: Mapped[int] = mapped_column(default=0)
    round: Mapped[int] = mapped_column(default=1)
    verdict: Mapped[str] = mapped_column(default="")
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
