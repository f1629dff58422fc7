"""The register of binding orders: put together, sent with a list, closed when everything was judged."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel

from services.resources.acquiring.funds.queries import suggest as suggest_funds
from services.resources.workshop.binding import commands, paying, queries, rules
from services.resources.workshop.binding.books import books
from services.resources.workshop.binding.model import (
    BindingOrder,
    BookState,
    OrderState,
    SetState,
    Way,
)
from services.resources.workshop.binding.register import SERVES, sets
from shared.i18n import N_
from shared.states import step
from shared.web.register import Action, Col, F, Money, Panel, Register
from shared.web.register.moves import tell
from shared.work import Work


class OrderForm(BaseModel):
    """Who binds, for how much a volume, until when."""

    way: Way = F(N_("方式"), Way.own)
    binder: str = F(N_("装订厂"), "", max_length=60, help=N_("外送的必填"))
    unit_cents: Money = F(N_("每本价"), 0, ge=0, le=1_000_000)
    fund: str = F(N_("经费"), "", max_length=60, source=suggest_funds, help=N_("外送计价的必填，送出时请办公室占用"))
    due_on: date | None = F(N_("应回日期"), None)
    note: str = F(N_("说明"), "", max_length=300, rows=2, span=12)


async def _send(work: Work, order: BindingOrder, _form: Any) -> None:
    """Every set on it leaves; a volume done again at the reading room's wish was paid for before."""
    found = await queries.sets_on(work.session, order.no, lock=True)
    single = await queries.books_on(work.session, order.no, lock=True)
    if not found and not single:
        raise rules.NothingOnIt(number=order.no)
    for one in found:
        one.state = step(rules.LIFE, SetState(one.state), "send").value
        one.price_cents = rules.charge(order, one)
        await work.session.flush()
        tell(sets, work, one, "send", sets.verbs["send"].label, serves=())
    for book in single:
        book.state = step(rules.BOOK_LIFE, BookState(book.state), "send").value
        book.price_cents = rules.charge(order, book)
        await work.session.flush()
        tell(books, work, book, "send", books.verbs["send"].label, serves=())
    paying.reckon(order, [*found, *single])
    if order.way == Way.outside and order.sum_cents and not order.fund:
        raise rules.NoFund(number=order.no)
    order.sent_on = work.today
    paying.ask(work, order)


class Bill(BaseModel):
    """The binder's invoice, as the paper has it."""

    invoice_no: str = F(N_("发票号"), min_length=3, max_length=60)
    invoiced_on: date = F(N_("开票日期"))
    billed_cents: Money = F(N_("发票金额"), gt=0, le=100_000_000)
    difference_reason: str = F(N_("差异说明"), "", max_length=300, rows=2, span=12, help=N_("与按本数应付的不同时必填"))


async def _bill(work: Work, order: BindingOrder, _form: Any) -> None:
    await paying.bill(work, order)


orders = Register(
    "binding-orders", BindingOrder, dept="resources", title=N_("装订单"), icon="truck-delivery", area=N_("文印修补"), serves=SERVES, number=rules.ORDERS,
    help=N_("一次送一家：方式、每本价、应回日期；打印清单随货"), life=rules.ORDER_LIFE, state=OrderState, form=OrderForm, create=rules.WORKSHOP,
    edit=rules.WORKSHOP, read=rules.READERS, on_create=commands.settle_order, on_edit=commands.settle_order, holders=rules.order_holders,
    due=lambda order: order.due_on if order.state == OrderState.out else None, attach=True, search=("no", "binder", "note"),
    title_of=lambda order: order.binder or Way(order.way).text, filters={"way": N_("方式")},
    columns=[
        Col("no", N_("装订单"), "ref"), Col("way"), Col("binder"), Col("unit_cents", N_("每本价"), "money"), Col("volumes", N_("本数"), "num"),
        Col("sum_cents", N_("装订费合计"), "money"), Col("sent_on", N_("送出日期"), "date"), Col("due_on", N_("应回日期"), "date"), Col("state"),
        Col("fund", N_("经费"), "link", link=lambda order: f"/office/budgets/{order.fund}" if order.fund else "", detail_only=True),
        Col("funding", N_("经费占用"), detail_only=True), Col("refusal", N_("经费不足"), detail_only=True),
        Col("invoice_no", N_("发票号"), detail_only=True), Col("invoiced_on", N_("开票日期"), "date", detail_only=True),
        Col("billed_cents", N_("发票金额"), "money", detail_only=True), Col("difference_reason", N_("差异说明"), detail_only=True),
        Col("voucher", N_("付款凭证"), "link", link=lambda order: f"/office/vouchers/{order.voucher}" if order.voucher else "", detail_only=True),
        Col("paid_on", N_("付款日期"), "date", detail_only=True),
        Col("reversal", N_("冲销凭证"), "link", link=lambda order: f"/office/vouchers/{order.reversal}" if order.reversal else "", detail_only=True),
        Col("return_reason", N_("退回原因"), detail_only=True),
        Col("note", detail_only=True), Col("created_by", N_("编制人"), "person", detail_only=True),
    ],
    actions=[
        Action("send", N_("送出"), rules.WORKSHOP, icon="truck-delivery", tone="info", do=_send, batch=False,
               confirm=N_("单上的待装本全部送出，确定？")),
        Action("close", N_("结清"), rules.WORKSHOP, icon="circle-check", tone="success", do=commands.close_order, batch=False),
        Action("bill", N_("提请付款"), rules.BUYERS, icon="file-invoice", tone="primary", ask=Bill, do=_bill, note="invoice_no", batch=False, row=False,
               when=rules.payable, serves=("RES-ACQ-04",)),
        Action("pay", N_("付清"), icon="cash", serves=()), Action("return", N_("发票退回"), icon="arrow-back-up", serves=()),
        Action("cancel", N_("撤销"), rules.WORKSHOP, icon="x", tone="danger", do=commands.cancel_order, batch=False, row=False,
               confirm=N_("单上的待装本改回已点收，确定？")),
    ],
    clashes={"uq_binding_order_invoice_no": N_("这个发票号已经登记过")}, panels=[Panel(N_("单上的待装本"), "binding/on_order.html", queries.on_order)],
)
REGISTERS = (sets, orders, books)
