"""Rules of the layout, and copies that were put elsewhere."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice
from shared.web.register import Searchable, Thing


class Kind(Choice):
    """For which material a rule holds; the values are those of records."""

    any = "", N_("不限"), "secondary"
    book = "book", N_("图书"), "info"
    serial = "serial", N_("期刊"), "info"
    map = "map", N_("地图"), "info"
    score = "score", N_("乐谱"), "info"
    audio = "audio", N_("录音"), "info"
    video = "video", N_("录像"), "info"
    image = "image", N_("图片"), "info"
    electronic = "electronic", N_("电子资源"), "info"
    mixed = "mixed", N_("综合资料"), "info"


class LayoutRule(Searchable, Thing, Base):
    """Class marks from `clc_from` to all that begin with `clc_to`; empty fields match everything.

    The first `sample_copies` of a title go to `sample_location`, the rest to `location`.
    """

    __tablename__ = "layout_rule"
    __search__ = ("no", "location", "sample_location", "note")
    __table_args__ = (
        CheckConstraint("sample_copies >= 0", name="sample"),
        CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name="valid"),
    )

    clc_from: Mapped[str] = mapped_column(default="")
    clc_to: Mapped[str] = mapped_column(default="")
    material: Mapped[Kind] = mapped_column(default=Kind.any)
    language: Mapped[str] = mapped_column(default="")
    location: Mapped[str]
    sample_location: Mapped[str] = mapped_column(default="")
    sample_copies: Mapped[int] = mapped_column(default=0)
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    note: Mapped[str] = mapped_column(default="")


class LayoutException(Base):
    """A copy that was put where no rule would have put it, and why."""

    __tablename__ = "layout_exception"
    __table_args__ = (Index("ix_layout_exception_at", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    barcode: Mapped[str]
    title: Mapped[str]
    rule: Mapped[str]
    proposed: Mapped[str]
    chosen: Mapped[str]
    reason: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]
