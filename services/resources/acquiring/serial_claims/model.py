"""A claim of one missing issue."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.i18n import N_
from shared.states import Choice
from shared.web.register import Case, Searchable


class SerialClaimState(Choice):
    """How it stands."""

    open = "open", N_("待催"), "warning"
    claimed = "claimed", N_("已催"), "info"
    promised = "promised", N_("答复补寄"), "info"
    delivered = "delivered", N_("补到，转阅览室"), "primary"
    arrived = "arrived", N_("阅览室已记到"), "success"
    refused = "refused", N_("无法补到"), "danger"
    credited = "credited", N_("已退款"), "secondary"
    withdrawn = "withdrawn", N_("未出版，撤销"), "secondary"


class SerialClaim(Searchable, Case, Base):
    """`issue` and `title_no` are the reading room's; `round` counts the letters, `next_on` is the day of the next."""

    __tablename__ = "serial_claim"
    __search__ = ("no", "title", "label", "title_no", "supplier_name")
    __table_args__ = (
        # One claim of an issue runs at a time.
        Index(
            "uq_serial_claim_running", "issue", unique=True,
            postgresql_where=text("state IN ('open', 'claimed', 'promised', 'delivered')"),
        ),
        Index("ix_serial_claim_supplier", "supplier", postgresql_where=text("state IN ('open', 'claimed', 'promised')")),
        CheckConstraint("round >= 0 AND round <= 3", name="round"),
    )

    issue: Mapped[str]
    title_no: Mapped[str]
    title: Mapped[str]
    label: Mapped[str]
    kind: Mapped[str] = mapped_column(default="journal")
    issn: Mapped[str] = mapped_column(default="")
    issued_on: Mapped[date]
    due_on: Mapped[date]
    copies: Mapped[int] = mapped_column(default=1)
    subscription: Mapped[str] = mapped_column(default="")
    supplier: Mapped[str] = mapped_column(default="")
    supplier_name: Mapped[str] = mapped_column(default="")
    round: Mapped[int] = mapped_column(default=0)
    sent_on: Mapped[date | None]
    next_on: Mapped[date | None]
    promised_on: Mapped[date | None]
    answer: Mapped[str] = mapped_column(default="")
    credit_cents: Mapped[int] = mapped_column(default=0)
