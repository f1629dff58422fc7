"""A gift, its titles, and the copies made of them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice
from shared.web.register import Case, Searchable


class DonationState(Choice):
    """How far a gift is."""

    offered = "offered", N_("待审定"), "warning"
    decided = "decided", N_("已审定，待接收"), "info"
    received = "received", N_("已接收，加工中"), "accent"
    processed = "processed", N_("加工完毕"), "success"
    declined = "declined", N_("已谢绝"), "secondary"
    returned = "returned", N_("捐赠人撤回，已退还"), "secondary"


class Donor(Choice):
    """Who gives."""

    person = "person", N_("个人"), "info"
    unit = "unit", N_("单位"), "secondary"


class Verdict(Choice):
    """What becomes of a title."""

    open = "", N_("待定"), "warning"
    keep = "keep", N_("入藏"), "success"
    pass_on = "pass_on", N_("转赠"), "info"
    refuse = "refuse", N_("谢绝"), "danger"


class Rule(Choice):
    """By which rule."""

    none = "", ""
    wanted = "wanted", N_("本馆需要"), "success"
    duplicate = "duplicate", N_("复本已足"), "secondary"
    content = "content", N_("内容不合收藏范围"), "danger"
    copyright = "copyright", N_("版权不明或非正式出版"), "danger"
    condition = "condition", N_("品相不宜入藏"), "warning"


class Condition(Choice):
    """How the piece looks."""

    good = "good", N_("完好"), "success"
    worn = "worn", N_("有磨损"), "warning"
    poor = "poor", N_("破损、霉变或缺页"), "danger"


class Donation(Searchable, Case, Base):
    """`terms` are what the donor asks for, `shelf` the name of a shelf; `thanks_as` is published only with `thanks`."""

    __tablename__ = "donation"
    __search__ = ("no", "donor", "subject", "receipt_no", "certificate_no")
    __audit_hide__ = ("donor", "phone", "email", "address")

    subject: Mapped[str]
    donor: Mapped[str]
    kind: Mapped[Donor] = mapped_column(default=Donor.person)
    phone: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    offered_on: Mapped[date]
    terms: Mapped[str] = mapped_column(default="")
    shelf: Mapped[str] = mapped_column(default="")
    thanks: Mapped[bool] = mapped_column(default=False)
    thanks_as: Mapped[str] = mapped_column(default="")
    location: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[str] = mapped_column(default="")
    received_on: Mapped[date | None]
    received_by: Mapped[str] = mapped_column(default="")
    receipt_no: Mapped[str] = mapped_column(default="")
    certificate_due: Mapped[date | None]
    certificate_no: Mapped[str] = mapped_column(default="")
    certified_on: Mapped[date | None]
    thanked_on: Mapped[date | None]
    thanked_where: Mapped[str] = mapped_column(default="")
    returned_on: Mapped[date | None]
    return_no: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")


class DonationLine(Base):
    """A title of the offer; `price_cents` is the list price, or what it was valued at (`valued`)."""

    __tablename__ = "donation_line"
    __table_args__ = (Index("ix_donation_line_donation", "donation_id", "row"), Index("ix_donation_line_instance", "instance_id"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    donation_id: Mapped[UUID] = mapped_column(ForeignKey("donation.id"))
    row: Mapped[int]
    title: Mapped[str]
    author: Mapped[str] = mapped_column(default="")
    publisher: Mapped[str] = mapped_column(default="")
    year: Mapped[str] = mapped_column(default="")
    isbn: Mapped[str] = mapped_column(default="")
    copies: Mapped[int] = mapped_column(default=1)
    price_cents: Mapped[int] = mapped_column(default=0)
    valued: Mapped[bool] = mapped_column(default=False)
    condition: Mapped[Condition] = mapped_column(default=Condition.good)
    # What was found when it was looked up: copies held, and of which record.
    held: Mapped[int] = mapped_column(default=0)
    record: Mapped[str] = mapped_column(default="")
    found: Mapped[str] = mapped_column(default="")
    verdict: Mapped[Verdict] = mapped_column(default=Verdict.open)
    rule: Mapped[Rule] = mapped_column(default=Rule.none)
    instance_id: Mapped[UUID | None] = mapped_column(ForeignKey("instance.id"))


class DonatedItem(Base):
    """Which item came of which title: the source of the copy is the gift."""

    __tablename__ = "donated_item"
    __audit__ = False

    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"), primary_key=True)
    line_id: Mapped[UUID] = mapped_column(ForeignKey("donation_line.id"), index=True)
