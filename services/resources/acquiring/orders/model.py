"""Orders, their lines, and claims of what is late."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.acquiring.suppliers.model import Currency
from services.resources.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice
from shared.web.register import Case, Searchable


class OrderState(Choice):
    """How far an order is."""

    draft = "draft", N_("草稿"), "secondary"
    checked = "checked", N_("已查重，待批"), "warning"
    approved = "approved", N_("已批准，待发订"), "info"
    asked = "asked", N_("申请经费中"), "info"
    parked = "parked", N_("等待经费"), "danger"
    placed = "placed", N_("已发订"), "primary"
    part_arrived = "part_arrived", N_("部分到货"), "primary"
    arrived = "arrived", N_("已到货，待验收"), "warning"
    accepted = "accepted", N_("已验收"), "info"
    invoiced = "invoiced", N_("已提请付款"), "info"
    closed = "closed", N_("已付款，结案"), "success"
    cancelled = "cancelled", N_("已退订"), "secondary"


class Carrier(Choice):
    """What kind of thing is ordered."""

    book = "book", N_("图书"), "info"
    periodical = "periodical", N_("报刊"), "info"
    eresource = "eresource", N_("数字资源"), "primary"
    audiovisual = "audiovisual", N_("音像"), "secondary"


class ClaimState(Choice):
    """How a claim stands."""

    open = "open", N_("待催"), "warning"
    sent = "sent", N_("已催"), "info"
    closed = "closed", N_("已了结"), "success"


class Order(Searchable, Case, Base):
    """`revision` counts what was said of its need; sums in fen over what was not cancelled."""

    __tablename__ = "purchase_order"
    __search__ = ("no", "supplier_name", "note", "fund", "contract")
    __table_args__ = (
        CheckConstraint("approved_by = '' OR approved_by <> created_by", name="approved"),
        CheckConstraint("rate > 0", name="rate"),
    )

    supplier: Mapped[str]
    supplier_name: Mapped[str] = mapped_column(default="")
    carrier: Mapped[Carrier] = mapped_column(default=Carrier.book)
    # The budget line that lines take unless they name another.
    fund: Mapped[str]
    currency: Mapped[Currency] = mapped_column(default=Currency.cny)
    rate: Mapped[float] = mapped_column(default=1.0)
    due_on: Mapped[date | None]
    # The contract it is bought under; whose number is resource development's.
    contract: Mapped[str] = mapped_column(default="", index=True)
    note: Mapped[str] = mapped_column(default="")
    revision: Mapped[int] = mapped_column(default=0)
    titles: Mapped[int] = mapped_column(default=0)
    copies: Mapped[int] = mapped_column(default=0)
    list_total: Mapped[int] = mapped_column(default=0)
    net_total: Mapped[int] = mapped_column(default=0)
    again_reason: Mapped[str] = mapped_column(default="")
    checked_by: Mapped[str] = mapped_column(default="")
    approved_by: Mapped[str] = mapped_column(default="")
    placed_by: Mapped[str] = mapped_column(default="")
    placed_at: Mapped[datetime | None]
    refusal: Mapped[str] = mapped_column(default="")
    cancel_reason: Mapped[str] = mapped_column(default="")


class OrderLine(Base):
    """A title of an order. `list_minor` is the price of one copy in hundredths of the order's currency; copies count up."""

    __tablename__ = "order_line"
    __table_args__ = (
        Index("ix_order_line_order", "order_no", "place"),
        Index("ix_order_line_isbn", "isbn"),
        Index("ix_order_line_title", "sort_title"),
        # A wanted title is ordered once at a time.
        Index(
            "uq_order_line_desideratum", "desideratum", unique=True,
            postgresql_where=text("desideratum <> '' AND cancelled < copies"),
        ),
        CheckConstraint("copies > 0 AND cancelled >= 0 AND cancelled <= copies", name="copies"),
        CheckConstraint("accepted <= copies - cancelled", name="accepted"),
        CheckConstraint("invoiced <= accepted AND paid <= invoiced AND paid >= 0", name="paid"),
        CheckConstraint("list_minor >= 0", name="price"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    order_no: Mapped[str] = mapped_column(ForeignKey("purchase_order.no", ondelete="CASCADE"))
    place: Mapped[int]
    desideratum: Mapped[str] = mapped_column(default="")
    title: Mapped[str]
    sort_title: Mapped[str] = mapped_column(default="")
    author: Mapped[str] = mapped_column(default="")
    publisher: Mapped[str] = mapped_column(default="")
    year: Mapped[str] = mapped_column(default="")
    isbn: Mapped[str] = mapped_column(default="")
    subject: Mapped[str] = mapped_column(default="")
    list_minor: Mapped[int]
    copies: Mapped[int] = mapped_column(default=1)
    discount: Mapped[float] = mapped_column(default=100.0)
    fund: Mapped[str]
    # Counted off: of `copies`, these came, are ours, will not come, are on invoices, are paid.
    arrived: Mapped[int] = mapped_column(default=0)
    accepted: Mapped[int] = mapped_column(default=0)
    cancelled: Mapped[int] = mapped_column(default=0)
    invoiced: Mapped[int] = mapped_column(default=0)
    paid: Mapped[int] = mapped_column(default=0)
    # What the check found: our record, its copies, another order.
    held: Mapped[str] = mapped_column(default="")
    held_copies: Mapped[int] = mapped_column(default=0)
    also_on: Mapped[str] = mapped_column(default="")
    instance_id: Mapped[UUID | None]


class Claim(Searchable, Case, Base):
    """A late order, asked for at its supplier's."""

    __tablename__ = "order_claim"
    __search__ = ("no", "order_no", "supplier_name")
    __table_args__ = (
        # One claim of an order runs at a time.
        Index("uq_order_claim_open", "order_no", unique=True, postgresql_where=text("state <> 'closed'")),
    )

    order_no: Mapped[str] = mapped_column(index=True)
    supplier_name: Mapped[str] = mapped_column(default="")
    due_on: Mapped[date]
    missing: Mapped[int]
    round: Mapped[int] = mapped_column(default=1)
    sent_on: Mapped[date | None]
    answer: Mapped[str] = mapped_column(default="")
