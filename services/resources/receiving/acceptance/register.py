"""Deliveries (each accepted one a line of the summary register), and the register of possessions."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel

from services.resources.acquiring.orders.queries import suggest_orders
from services.resources.cataloguing.items.queries import named_places
from services.resources.collections.losses.queries import places
from services.resources.receiving.acceptance import commands, rules
from services.resources.receiving.acceptance.model import Acceptance, AcceptanceState, Accession
from services.resources.receiving.acceptance.queries import page_of
from shared.i18n import N_
from shared.web.register import Action, Col, F, Filter, Panel, Register
from shared.work import Work

SERVES = ("RES-ACQ-01",)


class AcceptanceForm(BaseModel):
    """Which order came, and where its books will stand."""

    order_no: str = F(N_("订单"), min_length=3, max_length=40, source=suggest_orders)
    delivery_note: str = F(N_("送货单号"), "", max_length=60)
    arrived_on: date = F(N_("到货日期"))
    parcels: int = F(N_("包数"), 1, ge=1, le=999)
    location: str = F(N_("馆藏地"), "", max_length=40, source=places, help=N_("空为按布局规则逐册分配"))
    note: str = F(N_("说明"), "", max_length=500, rows=3, span=12)


async def _open(work: Work, record: Acceptance, _form: Any) -> None:
    await commands.open_delivery(work, record)


async def _accept(work: Work, record: Acceptance, _form: Any) -> None:
    await commands.accept(work, record)


async def _cancel(work: Work, record: Acceptance, _form: Any) -> None:
    await commands.cancel(work, record)


acceptances = Register(
    "acceptances", Acceptance, dept="resources", title=N_("验收"), icon="package", area=N_("采访"), serves=SERVES, number=rules.NUMBERS,
    help=N_("到货逐种清点，订购人之外的人验收；已验收的即总括登记"), life=rules.LIFE, state=AcceptanceState, form=AcceptanceForm,
    read=rules.READERS, create=rules.ACCEPTORS, on_create=_open, on_edit=_open, attach=True,
    title_of=lambda record: f"{record.order_no} {record.supplier_name}", search=("no", "order_no", "supplier_name", "delivery_note"),
    filters={"arrived_on": Filter(N_("到货日期"), kind="dates")},
    columns=[
        Col("no", N_("验收单"), "ref"), Col("order_no", N_("订单"), "link", link=lambda r: f"/resources/orders/{r.order_no}"),
        Col("supplier_name", N_("书商")), Col("arrived_on"), Col("titles", N_("种数"), "num"), Col("copies", N_("册数"), "num"),
        Col("value", N_("码洋"), "money"), Col("net", N_("实洋"), "money"), Col("differences", N_("差异"), "num"),
        Col("accession_from", N_("财产号起")), Col("accession_to", N_("财产号止")), Col("state"),
        Col("delivery_note", detail_only=True), Col("parcels", detail_only=True), Col("location", names=named_places, detail_only=True),
        Col("accepted_by", N_("验收人"), "person", detail_only=True), Col("accepted_at", N_("验收时间"), "moment", detail_only=True),
        Col("created_by", N_("登记人"), "person", detail_only=True), Col("note", detail_only=True),
    ],
    actions=[
        Action("accept", N_("验收完成"), rules.ACCEPTORS, icon="circle-check", tone="success", do=_accept, batch=False, row=False,
               confirm=N_("完好的册数将登录财产并进入加工，确定？")),
        Action("cancel", N_("作废"), rules.ACCEPTORS, icon="x", tone="danger", do=_cancel, batch=False, row=False,
               confirm=N_("清点结果将不算数，确定作废？")),
    ],
    panels=[Panel(N_("清点"), "acceptance/panel.html", page_of)],
)

accessions = Register(
    "accessions", Accession, dept="resources", title=N_("财产登记"), icon="list-numbers", area=N_("采访"), serves=SERVES, tells=False,
    help=N_("个别登记：每册一个财产号，连续不断"), read=rules.READERS, sort="-no", title_of=lambda one: one.title,
    search=("no", "title", "isbn", "order_no", "acceptance", "barcode"), filters={"entered_on": Filter(N_("登录日期"), kind="dates")},
    columns=[
        Col("no", N_("财产号"), "ref"), Col("title", N_("题名")), Col("isbn", N_("ISBN")), Col("price", N_("码洋"), "money"),
        Col("net", N_("实洋"), "money"), Col("barcode", N_("条码"), "link", link=lambda one: f"/resources/items/{one.barcode}" if one.barcode else ""),
        Col("entered_on", N_("登录日期"), "date"), Col("location", N_("馆藏地"), names=named_places),
        Col("order_no", N_("订单"), "link", link=lambda one: f"/resources/orders/{one.order_no}", detail_only=True),
        Col("acceptance", N_("验收单"), "link", link=lambda one: f"/resources/acceptances/{one.acceptance}", detail_only=True),
        Col("created_by", N_("验收人"), "person", detail_only=True),
    ],
)
REGISTERS = (acceptances, accessions)
