"""A member of staff."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.office.database import Base
from shared.i18n import N_
from shared.states import Choice
from shared.web.register.case import Case, Searchable


class StaffState(Choice):
    """Whether somebody works here."""

    active = "active", N_("在职"), "success"
    left = "left", N_("已离馆"), "secondary"


class Employment(Choice):
    """On which footing somebody works here."""

    permanent = "permanent", N_("编制内"), "primary"
    contract = "contract", N_("编外聘用"), "info"
    retired = "retired", N_("离退休"), "secondary"


class Rank(Choice):
    """Rank of the professional title, in any series; it decides rank duties."""

    senior = "senior", N_("高级"), "primary"
    mid = "mid", N_("中级"), "info"
    junior = "junior", N_("初级及以下"), "secondary"


class Dept(Choice):
    """The department somebody belongs to; `library` is for those above the departments."""

    library = "library", N_("馆领导"), "primary"
    office = "office", N_("办公室"), "primary"
    resources = "resources", N_("资源建设部"), "primary"
    tech = "tech", N_("技术与后勤保障部"), "primary"
    reader = "reader", N_("读者服务部"), "primary"
    institute = "institute", N_("研究所"), "primary"


class Staff(Searchable, Case, Base):
    """A person who works here; `no` is the staff number of the university."""

    __tablename__ = "staff"
    __search__ = ("no", "name", "name_en", "title")
    __table_args__ = (
        Index("uq_staff_login", "login", unique=True, postgresql_where=text("login <> ''")),
    )

    name: Mapped[str]
    name_en: Mapped[str] = mapped_column(default="")
    dept: Mapped[Dept]
    employment: Mapped[Employment] = mapped_column(default=Employment.permanent)
    title: Mapped[str] = mapped_column(default="")
    rank: Mapped[Rank] = mapped_column(default=Rank.junior)
    login: Mapped[str] = mapped_column(default="")
    hired_on: Mapped[date]
    left_on: Mapped[date | None]
    destination: Mapped[str] = mapped_column(default="")
