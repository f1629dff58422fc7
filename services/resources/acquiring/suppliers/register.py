"""The register of suppliers."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from services.resources.acquiring.desiderata.rules import BUYERS, READERS
from services.resources.acquiring.suppliers.model import Currency, Supplier, SupplierKind
from shared.i18n import N_
from shared.refusals import Invalid
from shared.web.register import Col, F, Register
from shared.work import Work


class SupplierForm(BaseModel):
    """Who they are and on what terms they sell."""

    name: str = F(N_("名称"), min_length=2, max_length=80)
    kind: SupplierKind = F(N_("类型"))
    currency: Currency = F(N_("币种"), Currency.cny)
    rate: float = F(N_("汇率"), 1.0, gt=0, le=1000, help=N_("一单位外币合人民币；人民币填 1"))
    discount: float = F(N_("折扣"), 100.0, gt=0, le=150, unit="%", help=N_("按码洋的百分之几结算，如 78"))
    contact: str = F(N_("联系人"), "", max_length=40)
    phone: str = F(N_("电话"), "", max_length=40)
    email: str = F(N_("电子邮件"), "", max_length=80)
    tax_no: str = F(N_("税号"), "", max_length=40)
    account: str = F(N_("开户行及账号"), "", max_length=120)
    address: str = F(N_("地址"), "", max_length=160, span=12)
    active: bool = F(N_("使用中"), True)
    note: str = F(N_("说明"), "", max_length=500, rows=3, span=12)


async def _check(_work: Work, supplier: Supplier, _form: Any) -> None:
    if supplier.currency == Currency.cny and supplier.rate != 1:
        raise Invalid({"rate": N_("人民币的汇率是 1")})


suppliers = Register(
    "suppliers", Supplier, dept="resources", title=N_("书商名录"), icon="building-store", area=N_("采访"), serves=("RES-ACQ-01",),
    help=N_("向谁买、什么折扣、什么币种"), number="GS", form=SupplierForm, read=READERS, create=BUYERS, edit=BUYERS, sort="no",
    on_create=_check, on_edit=_check, attach=True, title_of=lambda one: one.name, clashes={"uq_supplier_name": N_("已有同名的书商")},
    search=("no", "name", "contact", "phone"), filters={"kind": N_("类型")},
    columns=[
        Col("no", N_("编号"), "ref"), Col("name"), Col("kind"), Col("currency"), Col("discount", unit="%"), Col("contact", personal="name"), Col("active"),
        Col("rate", detail_only=True), Col("phone", detail_only=True, personal="phone"), Col("email", detail_only=True, personal="mail"), Col("tax_no", detail_only=True),
        Col("account", detail_only=True, personal="account"), Col("address", detail_only=True), Col("note", detail_only=True),
    ],
)
