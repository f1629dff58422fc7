"""Tickets of the scanning and printing workshop, and what a page costs since when."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.i18n import N_
from shared.states import Choice
from shared.web.register import Case, Searchable, Thing


class TicketState(Choice):
    """How far a ticket is."""

    asked = "asked", N_("待核权利"), "warning"
    cleared = "cleared", N_("待报价"), "info"
    quoted = "quoted", N_("待同意报价"), "warning"
    agreed = "agreed", N_("已受理"), "info"
    working = "working", N_("加工中"), "primary"
    checking = "checking", N_("待质检"), "warning"
    ready = "ready", N_("待交付"), "accent"
    handed = "handed", N_("已交付"), "info"
    closed = "closed", N_("已结案"), "success"
    refused = "refused", N_("不予复制"), "danger"
    cancelled = "cancelled", N_("已取消"), "secondary"


class JobKind(Choice):
    """What is made."""

    scan = "scan", N_("扫描数字化"), "info"
    print = "print", N_("按需打印"), "primary"
    booklet = "booklet", N_("个性化成册"), "accent"


class Source(Choice):
    """Where the work comes from."""

    own = "own", N_("本馆纸本馆藏"), "info"
    eresource = "eresource", N_("已购数字资源"), "primary"
    brought = "brought", N_("自带资料"), "secondary"


class Purpose(Choice):
    """What for."""

    keep = "keep", N_("保存版本"), "info"
    display = "display", N_("馆内陈列"), "info"
    online = "online", N_("馆舍内网上阅览"), "primary"
    study = "study", N_("个人学习研究"), "success"
    publish = "publish", N_("馆舍外公开"), "warning"


class Ticket(Searchable, Case, Base):
    """`pages` are to be copied out of `work_pages`; `died_year` and `published_year` tell whether the term of protection is over."""

    __tablename__ = "digitisation_ticket"
    __search__ = ("no", "title", "barcode", "asked_for", "charged_to")
    __table_args__ = (
        CheckConstraint("pages > 0 AND copies > 0 AND pages <= work_pages", name="pages"),
        CheckConstraint("pages_done >= 0 AND pages_done <= pages", name="done"),
        CheckConstraint("checked_by = '' OR checked_by <> operator", name="two"),
        # One bench at a time.
        Index(
            "uq_digitisation_ticket_item", "barcode", unique=True,
            postgresql_where=text("barcode <> '' AND state IN ('working', 'checking')"),
        ),
    )

    kind: Mapped[JobKind]
    source: Mapped[Source]
    purpose: Mapped[Purpose]
    title: Mapped[str]
    barcode: Mapped[str] = mapped_column(default="")
    work_pages: Mapped[int]
    pages: Mapped[int]
    chapters: Mapped[int] = mapped_column(default=0)
    copies: Mapped[int] = mapped_column(default=1)
    colour: Mapped[bool] = mapped_column(default=False)
    scarce: Mapped[bool] = mapped_column(default=False)
    licence: Mapped[str] = mapped_column(default="")
    permission: Mapped[str] = mapped_column(default="")
    died_year: Mapped[int | None]
    published_year: Mapped[int | None]
    asked_for: Mapped[str]
    charged_to: Mapped[str] = mapped_column(default="")
    due_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(default="")
    basis: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    price_cents: Mapped[int] = mapped_column(default=0)
    priced_on: Mapped[date | None]
    agreed_how: Mapped[str] = mapped_column(default="")
    operator: Mapped[str] = mapped_column(default="")
    machine: Mapped[str] = mapped_column(default="")
    dpi: Mapped[int] = mapped_column(default=0)
    pages_done: Mapped[int] = mapped_column(default=0)
    master: Mapped[str] = mapped_column(default="")
    access: Mapped[str] = mapped_column(default="")
    checksum: Mapped[str] = mapped_column(default="")
    minutes: Mapped[int] = mapped_column(default=0)
    sampled: Mapped[int] = mapped_column(default=0)
    checked_by: Mapped[str] = mapped_column(default="")
    round: Mapped[int] = mapped_column(default=1)
    finished_at: Mapped[datetime | None] = mapped_column(index=True)
    handed_to: Mapped[str] = mapped_column(default="")
    handed_at: Mapped[datetime | None]


class PagePrice(Thing, Base):
    """What a ticket and a page of it cost from a day on; the newest price that has begun counts."""

    __tablename__ = "page_price"
    __table_args__ = (
        UniqueConstraint("kind", "colour", "from_on"),
        CheckConstraint("base_cents >= 0 AND page_cents >= 0", name="price"),
    )

    kind: Mapped[JobKind]
    colour: Mapped[bool] = mapped_column(default=False)
    from_on: Mapped[date]
    base_cents: Mapped[int] = mapped_column(default=0)
    page_cents: Mapped[int]
    note: Mapped[str] = mapped_column(default="")
