"""A title that should come, and how far it is."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.i18n import N_
from shared.states import Choice
from shared.web.register import Case, Searchable


class TitleState(Choice):
    """How far a wanted title is."""

    wanted = "wanted", N_("待订购"), "warning"
    ordered = "ordered", N_("已订购"), "info"
    received = "received", N_("已到馆"), "info"
    catalogued = "catalogued", N_("已编目"), "info"
    on_shelf = "on_shelf", N_("已上架"), "success"
    cancelled = "cancelled", N_("不再购"), "secondary"


class Origin(Choice):
    """Where the wish came from."""

    suggestion = "suggestion", N_("读者荐购"), "success"
    selection = "selection", N_("选书单"), "info"
    on_site = "on_site", N_("现场采购"), "info"
    demand = "demand", N_("借阅需求"), "warning"
    replacement = "replacement", N_("补缺"), "warning"
    librarian = "librarian", N_("馆员提出"), "secondary"


class Desideratum(Searchable, Case, Base):
    """`origin_no` is the case that asked (a suggestion, a list), `order_no` the order that took it; money in fen."""

    __tablename__ = "desideratum"
    __search__ = ("no", "title", "author", "publisher", "isbn", "origin_no", "order_no")
    __table_args__ = (
        Index("ix_desideratum_isbn", "isbn"),
        Index("ix_desideratum_origin_no", "origin_no"),
        Index("ix_desideratum_order_no", "order_no"),
        CheckConstraint("copies > 0", name="copies"),
    )

    title: Mapped[str]
    author: Mapped[str] = mapped_column(default="")
    publisher: Mapped[str] = mapped_column(default="")
    year: Mapped[str] = mapped_column(default="")
    # 13 digits, or what was given when it is no valid number.
    isbn: Mapped[str] = mapped_column(default="")
    price_cents: Mapped[int] = mapped_column(default=0)
    copies: Mapped[int] = mapped_column(default=1)
    note: Mapped[str] = mapped_column(default="")
    origin: Mapped[Origin]
    origin_no: Mapped[str] = mapped_column(default="")
    order_no: Mapped[str] = mapped_column(default="")
    instance_id: Mapped[UUID | None] = mapped_column(ForeignKey("instance.id"), index=True)
    cancel_reason: Mapped[str] = mapped_column(default="")
    moved_at: Mapped[datetime | None]
