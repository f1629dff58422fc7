"""The register of subscriptions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from services.resources.acquiring.contracts import commands as contracts
from services.resources.acquiring.contracts.queries import suggest as suggest_contracts
from services.resources.acquiring.funds.queries import named as fund_named
from services.resources.acquiring.funds.queries import suggest as suggest_funds
from services.resources.acquiring.orders import commands as ordering
from services.resources.acquiring.orders.commands import NewLine
from services.resources.acquiring.orders.model import Carrier
from services.resources.acquiring.orders.queries import order_of
from services.resources.acquiring.orders.register import orders
from services.resources.acquiring.orders.rules import SENT
from services.resources.acquiring.subscriptions import queries, rules
from services.resources.acquiring.subscriptions.model import (
    SerialKind,
    Source,
    Subscription,
    SubscriptionState,
)
from services.resources.acquiring.suppliers.queries import named, suggest
from shared.events.resources import SerialUnsubscribed
from shared.i18n import N_
from shared.refusals import Invalid
from shared.web.register import Action, Col, F, Filter, Money, Register
from shared.work import Work


class SubscriptionForm(BaseModel):
    """What comes, from whom, for how long."""

    title: str = F(N_("刊名"), min_length=1, max_length=160, span=12)
    title_en: str = F(N_("英文刊名"), "", max_length=200, span=12)
    kind: SerialKind = F(N_("类型"))
    source: Source = F(N_("来源"), Source.paid)
    issn: str = F("ISSN", "", max_length=9)
    cn: str = F(N_("国内统一刊号"), "", max_length=20)
    post_code: str = F(N_("邮发代号"), "", max_length=12)
    foreign: bool = F(N_("外文或境外"), default=False)
    supplier: str = F(N_("供货商"), "", max_length=80, source=suggest, help=N_("催缺函寄给谁"))
    fund: str = F(N_("经费"), "", max_length=60, source=suggest_funds, help=N_("订购的必填"))
    copies: int = F(N_("份数"), 1, ge=1, le=99)
    price_minor: Money = F(N_("每份全期价"), 0, ge=0, help=N_("按供货商的币种"))
    from_on: date = F(N_("起订日期"))
    to_on: date = F(N_("止订日期"))
    contract: str = F(N_("合同"), "", max_length=40, source=suggest_contracts, help=N_("按已批准的采购合同订购的填写"))
    note: str = F(N_("说明"), "", max_length=500, rows=2, span=12)


class Reason(BaseModel):
    """Why."""

    reason: str = F(N_("理由"), min_length=2, max_length=300, rows=2, span=12)


class Stopping(BaseModel):
    """Its last day and why."""

    to_on: date = F(N_("停订日期"), help=N_("这一天之后出版的不再来"))
    reason: str = F(N_("理由"), min_length=2, max_length=300, rows=2, span=12)


async def _settle(work: Work, one: Subscription, _form: Any) -> None:
    wrong = {}
    supplier = await named(work.session, one.supplier) if one.supplier else None
    fund = await fund_named(work.session, one.fund) if one.fund else None
    if one.supplier and supplier is None:
        wrong["supplier"] = N_("没有这家书商，或已停用")
    if one.source == Source.paid and supplier is None:
        wrong.setdefault("supplier", N_("订购的要写明供货商"))
    if one.source == Source.paid and fund is None:
        wrong["fund"] = N_("没有这项执行中的经费")
    if one.issn and not rules.issn(one.issn):
        wrong["issn"] = N_("ISSN 不对，请核对校验位")
    if one.to_on < one.from_on:
        wrong["to_on"] = N_("止期不能早于起期")
    if wrong:
        raise Invalid(wrong)
    one.contract = await contracts.name_on(work, one.contract, supplier.no if supplier else "")
    one.issn = rules.issn(one.issn)
    one.fund = fund.no if fund else ""
    one.supplier, one.supplier_name = (supplier.no, supplier.name) if supplier else ("", "")


async def _approve(work: Work, one: Subscription, _form: Any) -> None:
    one.approved_by = work.actor.id


async def _revise(_work: Work, one: Subscription, _form: Any) -> None:
    one.approved_by = ""


async def _order(work: Work, one: Subscription, _form: Any) -> None:
    if one.order_no:
        raise rules.OrderedAlready(order=one.order_no)
    made = await orders.open(
        work, supplier=one.supplier, fund=one.fund, carrier=Carrier.periodical, contract=one.contract, note=f"{one.no} {one.title} {one.from_on} – {one.to_on}"
    )
    await ordering.add_lines(work, made.no, [
        NewLine(one.title, one.price_minor, one.copies, year=str(one.from_on.year), isbn=one.issn.replace("-", "")),
    ])
    one.order_no = made.no


async def _start(work: Work, one: Subscription, _form: Any) -> None:
    if one.source == Source.paid:
        if not one.order_no:
            raise rules.NoOrder
        if (await order_of(work.session, one.order_no)).state not in SENT:
            raise rules.OrderFirst(order=one.order_no)
    work.emit(rules.subscribed(one), correlation=one.correlation)


async def _stop(work: Work, one: Subscription, form: Stopping) -> None:
    if form.to_on < one.from_on:
        raise Invalid({"to_on": N_("止期不能早于起期")})
    work.emit(
        SerialUnsubscribed(number=one.no, title=one.title, to_on=form.to_on, reason=form.reason), correlation=one.correlation
    )


async def _renew(work: Work, one: Subscription, _form: Any) -> None:
    if known := await queries.next_of(work.session, one.no):
        raise rules.RenewedAlready(number=known)
    start, end = rules.next_term(one.from_on, one.to_on)
    await subscriptions.open(
        work, title=one.title, title_en=one.title_en, kind=one.kind, source=one.source, issn=one.issn, cn=one.cn,
        post_code=one.post_code, foreign=one.foreign, supplier=one.supplier, fund=one.fund, copies=one.copies,
        price_minor=f"{one.price_minor / 100:.2f}", from_on=start, to_on=end, renews=one.no, correlation=one.correlation,
    )


subscriptions = Register(
    "subscriptions", Subscription, dept="resources", title=N_("报刊订购"), icon="news", area=N_("采访"), serves=("RES-ACQ-01",),
    number=rules.NUMBERS, help=N_("批准、下单、生效后阅览室自动列出应到；到期前续订"), life=rules.LIFE, state=SubscriptionState,
    form=SubscriptionForm, read=rules.LOOKERS, create=rules.BUYERS, edit=rules.BUYERS, on_create=_settle, on_edit=_settle, attach=True,
    title_of=lambda one: one.title, search=("no", "title", "issn", "supplier_name", "order_no"),
    due=lambda one: one.to_on if one.state == SubscriptionState.running else None,
    filters={"kind": N_("类型"), "source": N_("来源"), "to_on": Filter(N_("止订日期"), kind="dates")},
    columns=[
        Col("no", N_("编号"), "ref"), Col("title"), Col("kind"), Col("copies", kind="num"), Col("supplier_name", N_("供货商")),
        Col("from_on", kind="date"), Col("to_on", kind="date"), Col("state"), Col("title_en", detail_only=True),
        Col("issn", "ISSN", detail_only=True), Col("cn", detail_only=True), Col("post_code", detail_only=True),
        Col("source", detail_only=True), Col("foreign", detail_only=True), Col("price_minor", N_("每份全期价"), "money", detail_only=True),
        Col("order_no", N_("订单"), "link", link=lambda one: f"/resources/orders/{one.order_no}" if one.order_no else "", detail_only=True),
        Col("contract", N_("合同"), "link", link=lambda one: f"/resources/contracts/{one.contract}" if one.contract else "", detail_only=True),
        Col("renews", N_("续订自"), "link", link=lambda one: f"/resources/subscriptions/{one.renews}" if one.renews else "", detail_only=True),
        Col("approved_by", N_("审批"), "person", detail_only=True), Col("reason", N_("停订理由"), detail_only=True), Col("note", detail_only=True),
    ],
    actions=[
        Action("approve", N_("批准"), rules.APPROVERS, icon="signature", tone="success", do=_approve, separate=("created_by",)),
        Action("revise", N_("退回修改"), (*rules.BUYERS, *rules.APPROVERS), icon="arrow-back-up", do=_revise, batch=False, row=False,
               when=lambda one: not one.order_no),
        Action("order", N_("生成订单"), rules.BUYERS, icon="shopping-cart", tone="info", do=_order,
               when=lambda one: one.source == Source.paid and not one.order_no),
        Action("start", N_("生效，通知阅览室"), rules.BUYERS, icon="player-play", tone="primary", do=_start),
        Action("renew", N_("续订下一期"), rules.BUYERS, icon="refresh", tone="info", do=_renew),
        Action("stop", N_("停订"), rules.BUYERS, icon="player-stop", tone="danger", ask=Stopping, do=_stop, note="reason", batch=False, row=False),
        Action("cancel", N_("撤销"), rules.BUYERS, icon="x", tone="danger", ask=Reason, note="reason", batch=False, row=False),
        Action("end", N_("到期"), icon="calendar-check", serves=()),
    ],
)


async def end_due(work: Work, _due: datetime) -> None:
    """For the schedule: what ran out has ended."""
    for number in await queries.over(work.session, work.today):
        await subscriptions.move(work, number, "end")
