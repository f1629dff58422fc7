"""The register of binding orders: put together, sent with a list, closed when everything was judged."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel

from services.resources.workshop.binding import commands, queries, rules
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
    commands.reckon(order, [*found, *single])
    order.sent_on = work.today


orders = Register(
    "binding-orders", BindingOrder, dept="resources", title=N_("装订单"), icon="truck-delivery", area=N_("文印修补"), serves=SERVES, number=rules.ORDERS,
    help=N_("一次送一家：方式、每本价、应回日期；打印清单随货"), life=rules.ORDER_LIFE, state=OrderState, form=OrderForm, create=rules.WORKSHOP,
    edit=rules.WORKSHOP, read=rules.READERS, on_create=commands.settle_order, on_edit=commands.settle_order, holders=rules.order_holders,
    due=lambda order: order.due_on if order.state == OrderState.out else None, attach=True, search=("no", "binder", "note"),
    title_of=lambda order: order.binder or Way(order.way).text, filters={"way": N_("方式")},
    columns=[
        Col("no", N_("装订单"), "ref"), Col("way"), Col("binder"), Col("unit_cents", N_("每本价"), "money"), Col("volumes", N_("本数"), "num"),
        Col("sum_cents", N_("装订费合计"), "money"), Col("sent_on", N_("送出日期"), "date"), Col("due_on", N_("应回日期"), "date"), Col("state"),
        Col("note", detail_only=True), Col("created_by", N_("编制人"), "person", detail_only=True),
    ],
    actions=[
        Action("send", N_("送出"), rules.WORKSHOP, icon="truck-delivery", tone="info", do=_send, batch=False,
               confirm=N_("单上的待装本全部送出，确定？")),
        Action("close", N_("结清"), rules.WORKSHOP, icon="circle-check", tone="success", do=commands.close_order, batch=False),
        Action("cancel", N_("撤销"), rules.WORKSHOP, icon="x", tone="danger", do=commands.cancel_order, batch=False, row=False,
               confirm=N_("单上的待装本改回已点收，确定？")),
    ],
    panels=[Panel(N_("单上的待装本"), "binding/on_order.html", queries.on_order)],
)
REGISTERS = (sets, orders, books)
