"""Who we buy from."""

from __future__ import annotations

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.i18n import N_
from shared.states import Choice
from shared.web.register import Searchable, Thing


class SupplierKind(Choice):
    """What they sell."""

    bookseller = "bookseller", N_("馆配商"), "info"
    publisher = "publisher", N_("出版社"), "info"
    importer = "importer", N_("进出口公司"), "primary"
    periodicals = "periodicals", N_("报刊发行"), "secondary"
    platform = "platform", N_("数据库商"), "secondary"


class Currency(Choice):
    """What prices are in; rates are yuan for one."""

    cny = "CNY", N_("人民币"), "secondary"
    usd = "USD", N_("美元"), "secondary"
    eur = "EUR", N_("欧元"), "secondary"
    gbp = "GBP", N_("英镑"), "secondary"
    hkd = "HKD", N_("港元"), "secondary"


class Supplier(Searchable, Thing, Base):
    """`discount` in per cent of the list price (78 pays 78 of 100); `rate` is the usual one, kept anew with each order."""

    __tablename__ = "supplier"
    __search__ = ("no", "name", "contact", "phone")
    __table_args__ = (
        CheckConstraint("discount > 0 AND discount <= 150", name="discount"),
        CheckConstraint("rate > 0", name="rate"),
    )

    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[SupplierKind]
    currency: Mapped[Currency] = mapped_column(default=Currency.cny)
    rate: Mapped[float] = mapped_column(default=1.0)
    discount: Mapped[float] = mapped_column(default=100.0)
    contact: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    account: Mapped[str] = mapped_column(default="")
    tax_no: Mapped[str] = mapped_column(default="")
    active: Mapped[bool] = mapped_column(default=True)
    note: Mapped[str] = mapped_column(default="")
