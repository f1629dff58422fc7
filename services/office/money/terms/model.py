"""The report of a term, and why its lines deviate."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.office.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice
from shared.web.register.case import Case, Searchable


class TermState(Choice):
    """How a report stands."""

    prepared = "prepared", N_("待审核"), "warning"
    audited = "audited", N_("待上报"), "info"
    handed = "handed", N_("已上报"), "success"


class TermReport(Searchable, Case, Base):
    """`term` as the calendar writes it: 2026-2027-1 from September, -2 from February."""

    __tablename__ = "term_report"
    __search__ = ("no", "term")
    __table_args__ = (UniqueConstraint("term"), CheckConstraint("audited_by = '' OR audited_by <> created_by", name="audited"))

    term: Mapped[str]
    risks: Mapped[str] = mapped_column(default="")
    proposals: Mapped[str] = mapped_column(default="")
    audited_by: Mapped[str] = mapped_column(default="")
    handed_on: Mapped[date | None]
    handed_to: Mapped[str] = mapped_column(default="")


class Deviation(Base):
    """Why a fund was spent otherwise than planned."""

    __tablename__ = "term_deviation"
    __table_args__ = (UniqueConstraint("report", "fund"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    report: Mapped[str]
    fund: Mapped[str]
    explanation: Mapped[str]
    by: Mapped[str]
