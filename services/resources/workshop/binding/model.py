"""Sets to be bound, and the orders by which they go to a binder."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.i18n import N_
from shared.states import Choice
from shared.web.register import Case, Searchable


class SetState(Choice):
    """Where a set is."""

    awaited = "awaited", N_("待点收"), "warning"
    received = "received", N_("已点收"), "info"
    binding = "binding", N_("装订中"), "primary"
    checking = "checking", N_("装回待验"), "warning"
    accepted = "accepted", N_("合格待入藏"), "accent"
    bound = "bound", N_("已入藏"), "success"
    sent_back = "sent_back", N_("退回途中"), "danger"
    returned = "returned", N_("已退回"), "secondary"
    taken_back = "taken_back", N_("阅览室自行收回"), "secondary"


class Style(Choice):
    """How it is bound."""

    cloth = "cloth", N_("布面精装"), "primary"
    half = "half", N_("纸面布脊"), "info"
    paper = "paper", N_("平装"), "secondary"


class Defect(Choice):
    """What is wrong with a volume."""

    order = "order", N_("次序颠倒"), "danger"
    missing = "missing", N_("缺页缺期"), "danger"
    spine = "spine", N_("书脊文字有误"), "danger"
    cover = "cover", N_("封面颜色或装帧不符"), "warning"
    cut = "cut", N_("裁切伤字"), "danger"
    other = "other", N_("其他"), "warning"


class BindingSet(Searchable, Case, Base):
    """One bundle in one batch of the reading rooms; `barcode` is the volume's own once it is an item."""

    __tablename__ = "binding_set"
    __search__ = ("no", "bundle", "batch", "title", "barcode", "order_no")
    __table_args__ = (
        Index("uq_binding_set_bundle", "batch", "bundle", unique=True),
        Index("ix_binding_set_order", "order_no", postgresql_where=text("order_no <> ''")),
        Index("ix_binding_set_title", "title_no", "from_on"),
        CheckConstraint("price_cents >= 0", name="price"),
        CheckConstraint("state <> 'bound' OR barcode <> ''", name="bound"),
    )

    bundle: Mapped[str]
    batch: Mapped[str]
    title_no: Mapped[str]
    title: Mapped[str]
    label: Mapped[str]
    from_on: Mapped[date]
    to_on: Mapped[date]
    present: Mapped[int]
    issues: Mapped[list[str]] = mapped_column(default=list)
    gaps: Mapped[list[str]] = mapped_column(default=list)
    issn: Mapped[str] = mapped_column(default="")
    subscription: Mapped[str] = mapped_column(default="")
    spine: Mapped[str] = mapped_column(default="")
    colour: Mapped[str] = mapped_column(default="")
    style: Mapped[Style] = mapped_column(default=Style.cloth)
    counted: Mapped[int] = mapped_column(default=0)
    received_at: Mapped[datetime | None]
    received_by: Mapped[str] = mapped_column(default="")
    order_no: Mapped[str] = mapped_column(default="")
    # Charged once, when the order leaves; what is done again costs nothing more.
    price_cents: Mapped[int] = mapped_column(default=0)
    round: Mapped[int] = mapped_column(default=1)
    defect: Mapped[str] = mapped_column(default="")
    remark: Mapped[str] = mapped_column(default="")
    back_on: Mapped[date | None]
    checked_at: Mapped[datetime | None]
    checked_by: Mapped[str] = mapped_column(default="")
    record: Mapped[str] = mapped_column(default="")
    barcode: Mapped[str] = mapped_column(default="")
    call_number: Mapped[str] = mapped_column(default="")
    location: Mapped[str] = mapped_column(default="")
    value_cents: Mapped[int] = mapped_column(default=0)
    bound_at: Mapped[datetime | None] = mapped_column(index=True)


class BookState(Choice):
    """Where a single book is."""

    here = "here", N_("已取来待装"), "info"
    binding = "binding", N_("装订中"), "primary"
    checking = "checking", N_("装回待验"), "warning"
    done = "done", N_("已装好送还"), "success"
    returned = "returned", N_("未装送还"), "secondary"


class BoundBook(Searchable, Case, Base):
    """One item bound anew by itself: fetched from the desk, back to the desk; it stays the item it is."""

    __tablename__ = "binding_book"
    __search__ = ("no", "barcode", "title", "order_no")
    __table_args__ = (
        Index("uq_binding_book_open", "barcode", unique=True, postgresql_where=text("state IN ('here', 'binding', 'checking')")),
        Index("ix_binding_book_order", "order_no", postgresql_where=text("order_no <> ''")),
        CheckConstraint("price_cents >= 0", name="price"),
    )

    barcode: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    call_number: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    spine: Mapped[str] = mapped_column(default="")
    style: Mapped[Style] = mapped_column(default=Style.cloth)
    order_no: Mapped[str] = mapped_column(default="")
    price_cents: Mapped[int] = mapped_column(default=0)
    round: Mapped[int] = mapped_column(default=1)
    defect: Mapped[str] = mapped_column(default="")
    remark: Mapped[str] = mapped_column(default="")
    back_on: Mapped[date | None]
    checked_at: Mapped[datetime | None]
    checked_by: Mapped[str] = mapped_column(default="")


class OrderState(Choice):
    """How far an order is."""

    draft = "draft", N_("编制中"), "secondary"
    out = "out", N_("已送出"), "primary"
    closed = "closed", N_("已结清"), "success"
    billed = "billed", N_("已提请付款"), "info"
    paid = "paid", N_("已付款"), "success"
    cancelled = "cancelled", N_("已撤销"), "secondary"


class Way(Choice):
    """Who binds."""

    own = "own", N_("本馆工场"), "info"
    outside = "outside", N_("外送装订厂"), "primary"


class Funding(Choice):
    """Whether the office holds the money of an order."""

    none = "none", N_("不占用经费"), "secondary"
    asked = "asked", N_("申请经费中"), "info"
    held = "held", N_("经费已占用"), "success"
    refused = "refused", N_("经费不足"), "danger"


class BindingOrder(Searchable, Case, Base):
    """What goes to one binder together; money in fen.

    `revision` counts what the office was told of its need, `attempt` how often it was asked to pay; `funding` is how the office answered.
    """

    __tablename__ = "binding_order"
    __search__ = ("no", "binder", "note")
    __table_args__ = (
        CheckConstraint("unit_cents >= 0", name="price"),
        CheckConstraint("billed_cents >= 0", name="billed"),
        Index("uq_binding_order_invoice_no", "invoice_no", unique=True, postgresql_where=text("invoice_no <> ''")),
    )

    way: Mapped[Way]
    binder: Mapped[str] = mapped_column(default="")
    unit_cents: Mapped[int] = mapped_column(default=0)
    due_on: Mapped[date | None]
    sent_on: Mapped[date | None]
    volumes: Mapped[int] = mapped_column(default=0)
    sum_cents: Mapped[int] = mapped_column(default=0)
    fund: Mapped[str] = mapped_column(default="")
    revision: Mapped[int] = mapped_column(default=0)
    funding: Mapped[Funding] = mapped_column(default=Funding.none)
    refusal: Mapped[str] = mapped_column(default="")
    invoice_no: Mapped[str] = mapped_column(default="")
    invoiced_on: Mapped[date | None]
    billed_cents: Mapped[int] = mapped_column(default=0)
    difference_reason: Mapped[str] = mapped_column(default="")
    attempt: Mapped[int] = mapped_column(default=0)
    voucher: Mapped[str] = mapped_column(default="")
    paid_on: Mapped[date | None]
    # The contra voucher that undid the last payment.
    reversal: Mapped[str] = mapped_column(default="")
    return_reason: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
