"""The registers of orders and of claims."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel

from services.resources.acquiring.contracts import commands as contracts
from services.resources.acquiring.contracts.queries import suggest as suggest_contracts
from services.resources.acquiring.funds.queries import suggest as suggest_funds
from services.resources.acquiring.orders import commands, rules
from services.resources.acquiring.orders.model import (
    Carrier,
    Claim,
    ClaimState,
    Order,
    OrderState,
)
from services.resources.acquiring.orders.queries import late, page_of
from services.resources.acquiring.suppliers.queries import suggest as suggest_suppliers
from shared.i18n import N_
from shared.web.register import Action, Col, F, Filter, Panel, Register
from shared.work import Work

SERVES = ("RES-ACQ-01",)


class OrderForm(BaseModel):
    """From whom, from which money; titles follow on the order's page."""

    supplier: str = F(N_("书商"), min_length=2, max_length=80, source=suggest_suppliers)
    fund: str = F(N_("经费"), min_length=2, max_length=60, source=suggest_funds, help=N_("各书目默认用这项经费，可逐条另定"))
    carrier: Carrier = F(N_("文献类型"), Carrier.book)
    rate: float = F(N_("汇率"), 0.0, ge=0, le=1000, help=N_("填 0 按书商登记的汇率"))
    due_on: date | None = F(N_("应到日期"), None, help=N_("不填则发订后 90 天，外文 180 天"))
    contract: str = F(N_("合同"), "", max_length=40, source=suggest_contracts, help=N_("按已批准的采购合同下单的填写"))
    note: str = F(N_("说明"), "", max_length=500, rows=3, span=12)


class Checking(BaseModel):
    """Why duplicates are bought, if there are any."""

    again_reason: str = F(N_("加购理由"), "", max_length=300, rows=2, span=12, help=N_("有重复书目时必填"))


class Cancelling(BaseModel):
    """Why it will not come."""

    cancel_reason: str = F(N_("退订理由"), min_length=2, max_length=300, rows=2, span=12)


class Sending(BaseModel):
    """When the supplier was asked."""

    sent_on: date = F(N_("催缺日期"))


class Answering(BaseModel):
    """What the supplier said."""

    answer: str = F(N_("书商答复"), min_length=2, max_length=300, rows=2, span=12)


async def _settle(work: Work, order: Order, _form: Any) -> None:
    await commands.settle_terms(work, order)


async def _check(work: Work, order: Order, _form: Any) -> None:
    await commands.check(work, order)


async def _approve(work: Work, order: Order, _form: Any) -> None:
    order.approved_by = work.actor.id


async def _place(work: Work, order: Order, _form: Any) -> None:
    await contracts.take(work, order)
    await commands.place(work, order)


async def _revise(_work: Work, order: Order, _form: Any) -> None:
    order.checked_by = order.approved_by = order.refusal = ""


async def _cancel(work: Work, order: Order, form: Cancelling) -> None:
    await commands.cancel(work, order, form.cancel_reason)


async def _again(_work: Work, claim: Claim, _form: Any) -> None:
    claim.round += 1


orders = Register(
    "orders", Order, dept="resources", title=N_("采购订单"), icon="shopping-cart", area=N_("采访"), serves=SERVES, number=rules.NUMBERS,
    help=N_("选书、查重、审批、占用经费后发订，直到验收付款"), life=rules.LIFE, state=OrderState, form=OrderForm, read=rules.READERS,
    create=rules.BUYERS, edit=rules.BUYERS, on_create=_settle, on_edit=_settle, holders=rules.holders, due=lambda order: order.due_on,
    attach=True, title_of=lambda order: order.supplier_name, search=("no", "supplier_name", "note", "fund", "contract"),
    filters={"carrier": N_("文献类型"), "created_at": Filter(N_("下单日期"), kind="dates")},
    columns=[
        Col("no", N_("订单"), "ref"), Col("supplier_name", N_("书商")), Col("carrier"), Col("titles", N_("种数"), "num"),
        Col("copies", N_("册数"), "num"), Col("net_total", N_("实洋"), "money"), Col("due_on", N_("应到日期"), "date"), Col("state"),
        Col("fund", N_("经费"), "link", link=lambda order: f"/office/budgets/{order.fund}", detail_only=True),
        Col("contract", N_("合同"), "link", link=lambda order: f"/resources/contracts/{order.contract}" if order.contract else "", detail_only=True),
        Col("currency", N_("币种"), detail_only=True), Col("rate", N_("汇率"), detail_only=True),
        Col("created_by", N_("订购人"), "person", detail_only=True), Col("created_at", N_("下单时间"), detail_only=True),
        Col("checked_by", N_("查重"), "person", detail_only=True), Col("approved_by", N_("审批"), "person", detail_only=True),
        Col("placed_at", N_("发订时间"), "moment", detail_only=True), Col("again_reason", N_("加购理由"), detail_only=True),
        Col("refusal", N_("经费不足"), detail_only=True), Col("cancel_reason", N_("退订理由"), detail_only=True),
        Col("note", detail_only=True),
    ],
    actions=[
        Action("check", N_("查重"), rules.BUYERS, icon="checks", tone="info", ask=Checking, do=_check, note="again_reason"),
        Action("approve", N_("批准"), rules.APPROVERS, icon="signature", tone="success", do=_approve, separate=("created_by",)),
        Action("place", N_("申请经费并发订"), rules.BUYERS, icon="send", tone="primary", do=_place),
        Action("revise", N_("退回修改"), (*rules.BUYERS, *rules.APPROVERS), icon="arrow-back-up", do=_revise, batch=False, row=False),
        Action("cancel", N_("退订"), rules.BUYERS, icon="x", tone="danger", ask=Cancelling, do=_cancel, note="cancel_reason",
               batch=False, row=False),
        # Taken by what the office tells, and by acceptances, invoices and payments.
        Action("hold", N_("经费已占用，发订"), icon="lock-dollar", serves=()), Action("park", N_("经费不足，等待"), icon="clock", serves=()),
        Action("arrive", N_("到货"), icon="package", serves=()), Action("accept", N_("验收"), icon="circle-check", serves=()),
        Action("invoice", N_("提请付款"), icon="file-invoice", serves=()), Action("return", N_("发票退回"), icon="arrow-back-up", serves=()),
        Action("pay", N_("付清"), icon="cash", serves=()),
    ],
    panels=[Panel(N_("书目与经费"), "orders/panel.html", page_of)],
)

claims = Register(
    "order-claims", Claim, dept="resources", title=N_("催缺"), icon="bell-ringing", area=N_("采访"), serves=SERVES, number=rules.CLAIMS,
    help=N_("过了应到日期还没到齐的订单，每天自动列入"), life=rules.CLAIM_LIFE, state=ClaimState, read=rules.READERS,
    due=lambda claim: claim.due_on, title_of=lambda claim: f"{claim.order_no} {claim.supplier_name}",
    search=("no", "order_no", "supplier_name"),
    columns=[
        Col("no", N_("编号"), "ref"), Col("order_no", N_("订单"), "link", link=lambda claim: f"/resources/orders/{claim.order_no}"),
        Col("supplier_name", N_("书商")), Col("due_on", N_("应到日期"), "date"), Col("missing", N_("未到册数"), "num"),
        Col("round", N_("催缺次数"), "num"), Col("sent_on", N_("催缺日期"), "date"), Col("state"), Col("answer", N_("书商答复"), detail_only=True),
    ],
    actions=[
        Action("send", N_("已催"), rules.BUYERS, icon="send", tone="info", ask=Sending),
        Action("again", N_("再催"), rules.BUYERS, icon="send", ask=Sending, do=_again),
        Action("close", N_("了结"), rules.BUYERS, icon="circle-check", tone="success", ask=Answering, note="answer"),
    ],
)
REGISTERS = (orders, claims)


async def claim_late(work: Work, _due: Any) -> None:
    """For the schedule: every order whose term is over is asked for."""
    for order, missing in await late(work.session, work.today):
        if order.due_on is not None and missing > 0:
            await claims.open(
                work, order_no=order.no, supplier_name=order.supplier_name, due_on=order.due_on, missing=missing,
                correlation=order.correlation,
            )
