"""A subscription of one title for one term."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.i18n import N_
from shared.states import Choice
from shared.web.register import Case, Searchable


class SerialKind(Choice):
    """What it is."""

    newspaper = "newspaper", N_("报纸"), "info"
    magazine = "magazine", N_("杂志"), "primary"
    journal = "journal", N_("学术期刊"), "accent"


class Source(Choice):
    """How it comes to us."""

    paid = "paid", N_("订购"), "info"
    gift = "gift", N_("赠阅"), "secondary"
    exchange = "exchange", N_("交换"), "secondary"


class SubscriptionState(Choice):
    """How far it is."""

    draft = "draft", N_("草稿"), "secondary"
    approved = "approved", N_("已批准"), "info"
    running = "running", N_("在订"), "success"
    ended = "ended", N_("已到期"), "secondary"
    stopped = "stopped", N_("已停订"), "secondary"
    cancelled = "cancelled", N_("已撤销"), "secondary"


class Subscription(Searchable, Case, Base):
    """`price_minor` is one copy for the whole term in hundredths of the supplier's currency; `renews` is the term before."""

    __tablename__ = "subscription"
    __search__ = ("no", "title", "issn", "supplier_name", "order_no")
    __table_args__ = (
        CheckConstraint("to_on >= from_on", name="term"),
        CheckConstraint("copies > 0", name="copies"),
        CheckConstraint("approved_by = '' OR approved_by <> created_by", name="approved"),
    )

    title: Mapped[str]
    title_en: Mapped[str] = mapped_column(default="")
    kind: Mapped[SerialKind]
    foreign: Mapped[bool] = mapped_column(default=False)
    issn: Mapped[str] = mapped_column(default="")
    cn: Mapped[str] = mapped_column(default="")
    post_code: Mapped[str] = mapped_column(default="")
    source: Mapped[Source] = mapped_column(default=Source.paid)
    supplier: Mapped[str] = mapped_column(default="")
    supplier_name: Mapped[str] = mapped_column(default="")
    fund: Mapped[str] = mapped_column(default="")
    copies: Mapped[int] = mapped_column(default=1)
    price_minor: Mapped[int] = mapped_column(default=0)
    from_on: Mapped[date]
    to_on: Mapped[date]
    # The contract it is bought under.
    contract: Mapped[str] = mapped_column(default="", index=True)
    order_no: Mapped[str] = mapped_column(default="", index=True)
    renews: Mapped[str] = mapped_column(default="")
    approved_by: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
