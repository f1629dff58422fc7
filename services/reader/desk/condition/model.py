"""Damage slips and the inspections that close or reopen them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice


class DamageKind(Choice):
    """What is wrong with the book."""

    spine = "spine", N_("书脊开裂"), "warning"
    torn = "torn", N_("书页撕裂"), "warning"
    missing_pages = "missing_pages", N_("缺页"), "danger"
    loose = "loose", N_("脱页散页"), "warning"
    cover = "cover", N_("封面破损"), "warning"
    water = "water", N_("水渍"), "danger"
    mould = "mould", N_("霉变"), "danger"
    scribble = "scribble", N_("涂画批注"), "info"
    tag = "label", N_("书标条码脱损"), "info"
    other = "other", N_("其他"), "secondary"


class Grade(Choice):
    """How bad it is; decides who mends it."""

    light = "light", N_("轻度"), "info"
    medium = "medium", N_("中度"), "warning"
    heavy = "heavy", N_("重度"), "danger"


class SlipState(Choice):
    """Where the damage stands, and with it who has the book."""

    to_mend = "to_mend", N_("待前台修补"), "warning"
    mending = "mending", N_("前台修补中"), "warning"
    to_workshop = "to_workshop", N_("待工场修补"), "warning"
    in_repair = "in_repair", N_("工场修补中"), "info"
    re_inspection = "re_inspection", N_("待回验"), "info"
    passed = "passed", N_("修复归架"), "success"
    withdrawn = "withdrawn", N_("已撤回"), "secondary"
    irreparable = "irreparable", N_("无法修补"), "danger"
    weeded = "weeded", N_("已剔除"), "secondary"


class InspectionState(Choice):
    """Whether the re-inspection is done and how it ended."""

    waiting = "waiting", N_("待回验"), "warning"
    passed = "passed", N_("合格"), "success"
    failed = "failed", N_("不合格"), "danger"


OPEN = ("to_mend", "mending", "to_workshop", "in_repair", "re_inspection", "irreparable")


class Slip(Base):
    """A damage slip; `number` is what people write on the book's note."""

    __tablename__ = "damage_slip"
    __table_args__ = (
        Index(
            "uq_slip_open", "item_id", unique=True,
            postgresql_where=text("state NOT IN ('passed', 'withdrawn', 'weeded')"),
        ),
        Index("ix_slip_state", "state", "reported_at"),
        Index("ix_slip_item", "item_id", "reported_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    number: Mapped[str] = mapped_column(unique=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    barcode: Mapped[str]
    title: Mapped[str]
    call_number: Mapped[str] = mapped_column(default="")
    location: Mapped[str] = mapped_column(default="")
    kind: Mapped[DamageKind]
    grade: Mapped[Grade]
    note: Mapped[str] = mapped_column(default="")
    photo: Mapped[str] = mapped_column(default="")
    photo_type: Mapped[str] = mapped_column(default="")
    state: Mapped[SlipState]
    loan_id: Mapped[UUID | None] = mapped_column(default=None)
    job: Mapped[str] = mapped_column(default="")
    correlation: Mapped[UUID]
    reported_by: Mapped[str]
    reported_at: Mapped[datetime]
    mended_by: Mapped[str] = mapped_column(default="")
    mended_at: Mapped[datetime | None] = mapped_column(default=None)
    minutes: Mapped[int] = mapped_column(default=0)
    material: Mapped[str] = mapped_column(default="")
    fails: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str] = mapped_column(default="")
    moved_at: Mapped[datetime]
    # When each stage began: the stage clock people see.
    stages: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Inspection(Base):
    """One re-inspection of one slip; a failed one is followed by another after the next repair."""

    __tablename__ = "inspection"
    __table_args__ = (
        Index(
            "uq_inspection_waiting", "slip_id", unique=True, postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_inspection_state", "state", "opened_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    slip_id: Mapped[UUID] = mapped_column(ForeignKey("damage_slip.id"))
    slip: Mapped[str]
    barcode: Mapped[str]
    title: Mapped[str]
    call_number: Mapped[str] = mapped_column(default="")
    round: Mapped[int] = mapped_column(default=1)
    state: Mapped[InspectionState] = mapped_column(default=InspectionState.waiting)
    mended_by: Mapped[str] = mapped_column(default="")
    mended_note: Mapped[str] = mapped_column(default="")
    opened_at: Mapped[datetime]
    decided_by: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    checklist: Mapped[list[str]] = mapped_column(default=list)
    note: Mapped[str] = mapped_column(default="")
