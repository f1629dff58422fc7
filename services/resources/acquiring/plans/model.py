"""Lines of the plan."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.acquiring.orders.model import Carrier
from services.resources.database import Base
from shared.i18n import N_
from shared.states import Choice
from shared.web.register import Case, Searchable


class PlanState(Choice):
    """How a line of the plan stands."""

    draft = "draft", N_("编制中"), "warning"
    approved = "approved", N_("已批准"), "success"


class PlanLine(Searchable, Case, Base):
    """What is to be bought in a year; `subject` is the beginning of a class mark, empty for all; amount in fen."""

    __tablename__ = "plan_line"
    __search__ = ("no", "subject", "fund", "fund_name")
    __table_args__ = (
        UniqueConstraint("year", "fund", "carrier", "subject"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("approved_by = '' OR approved_by <> created_by", name="approved"),
    )

    year: Mapped[int]
    fund: Mapped[str]
    fund_name: Mapped[str] = mapped_column(default="")
    carrier: Mapped[Carrier]
    subject: Mapped[str] = mapped_column(default="")
    titles: Mapped[int] = mapped_column(default=0)
    copies: Mapped[int] = mapped_column(default=0)
    amount: Mapped[int]
    basis: Mapped[str] = mapped_column(default="")
    approved_by: Mapped[str] = mapped_column(default="")
