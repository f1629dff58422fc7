"""Days that differ from the ordinary week."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from services.office.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice


class DayKind(Choice):
    """What a date is in the library's calendar; `holiday` is one of the statutory days."""

    workday = "workday", N_("工作日"), "success"
    rest = "rest", N_("休息日"), "secondary"
    holiday = "holiday", N_("法定节假日"), "danger"
    vacation = "vacation", N_("寒暑假"), "info"


class CalendarDay(Base):
    """A date whose kind was set; every other date follows its weekday."""

    __tablename__ = "calendar_day"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    on: Mapped[date] = mapped_column(unique=True)
    kind: Mapped[DayKind]
    note: Mapped[str] = mapped_column(default="")
    set_by: Mapped[str] = mapped_column(default="")
