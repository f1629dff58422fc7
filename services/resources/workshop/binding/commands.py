"""What a step does besides moving the set or the order; the registers call these at every door."""

from __future__ import annotations

from typing import Any

from services.resources.acquiring.funds import queries as funds
from services.resources.cataloguing.items import queries as items
from services.resources.cataloguing.items.commands import add_item
from services.resources.cataloguing.items.model import Item
from services.resources.cataloguing.records.queries import by_key
from services.resources.workshop.binding import paying, queries, rules
from services.resources.workshop.binding.model import (
    BindingOrder,
    BindingSet,
    BoundBook,
    OrderState,
    Way,
)
from shared.events.resources import BindingCompleted, BindingReceived, BindingSentBack
from shared.i18n import N_
from shared.refusals import Invalid, NotFound
from shared.work import Work


def _about(one: BindingSet) -> dict[str, str]:
    return {
        "number": one.no, "bundle": one.bundle, "batch": one.batch, "title_number": one.title_no, "title": one.title, "label": one.label,
    }


async def count_in(work: Work, one: BindingSet, _form: Any) -> None:
    """点收: as many issues as the slip says, else it is not taken over."""
    if one.counted != one.present:
        raise rules.CountDiffers(bundle=one.bundle, present=one.present, counted=one.counted)
    one.received_at, one.received_by = work.now, work.actor.id
    work.emit(BindingReceived(**_about(one), counted=one.counted), correlation=one.correlation)


async def send_back(work: Work, one: BindingSet, form: Any) -> None:
    """退回: the issues go back to the rooms, which confirm when they have them; nothing is charged for what was not bound."""
    left, one.remark, one.order_no, one.price_cents = one.order_no, form.remark, "", 0
    await paying.less(work, left, form.remark)
    work.emit(BindingSentBack(**_about(one), reason=form.remark), correlation=one.correlation)


async def assign(work: Work, one: BindingSet | BoundBook, form: Any) -> None:
    """列入装订单: an order that has not left; another one than before is a change of mind."""
    number = form.order.strip().upper().split(" ")[0]
    try:
        order = await queries.order_of(work.session, number, lock=True)
    except NotFound:
        raise rules.NoSuchOrder(number=number) from None
    if order.state != OrderState.draft:
        raise rules.NoSuchOrder(number=number)
    one.order_no = order.no


async def take_in(work: Work, one: BindingSet | BoundBook, _form: Any) -> None:
    """装回: it lies here again and is looked at next."""
    one.back_on = work.today


async def accept(work: Work, one: BindingSet | BoundBook, form: Any) -> None:
    """验收合格: order, pages and spine were looked at."""
    if not (form.order_right and form.pages_right and form.spine_right):
        raise rules.NotPassed
    one.checked_at, one.checked_by, one.defect = work.now, work.actor.id, ""


async def redo(work: Work, one: BindingSet | BoundBook, form: Any) -> None:
    """返工: it goes back to the same binder, and is not paid for again."""
    one.round, one.back_on, one.remark = one.round + 1, None, form.remark
    one.checked_at, one.checked_by = work.now, work.actor.id


async def enter(work: Work, one: BindingSet, form: Any) -> None:
    """入藏: the volume is an item of the serial's record; one that was done again is that item already."""
    known = await items.by_barcode(work.session, one.barcode) if one.barcode else await _new_item(work, one, form)
    if known is None:
        raise NotFound(one.barcode)
    one.bound_at = work.now
    work.emit(BindingCompleted(
        **_about(one), item_id=str(known.id), barcode=known.barcode, instance_id=str(known.instance_id), call_number=known.call_number,
        location=known.location, value_cents=known.price_cents, round=one.round,
    ), correlation=one.correlation)


async def _new_item(work: Work, one: BindingSet, form: Any) -> Item:
    number = form.record_no.strip().upper().split(" ")[0] or await queries.record_of(work.session, one)
    if not number:
        raise rules.NoRecord(title=one.title)
    if not form.place.strip():
        raise Invalid({"place": N_("请填写馆藏地")})
    record = await by_key(work.session, number)
    call = form.call.strip() or rules.call_number(record.call_number, one.from_on, one.to_on)
    if not call:
        raise rules.NoCallNumber(record=record.number)
    barcode = form.volume_barcode.strip() or await items.next_barcode(work.session, "serial")
    worth = form.worth
    if worth is None:
        worth = rules.value(await queries.year_price(work.session, one), one.from_on, one.to_on, one.price_cents)
    item = await add_item(
        work, number=record.number, barcode=barcode, location=form.place.strip(), call_number=call, price_cents=worth,
        volume=one.label, in_process=True,
    )
    one.record, one.barcode, one.call_number = record.number, item.barcode, item.call_number
    one.location, one.value_cents = item.location, item.price_cents
    return item


async def settle_order(work: Work, order: BindingOrder, _form: Any) -> None:
    """Who binds is said; our own workshop needs no name."""
    wrong = {}
    if order.way == Way.outside and not order.binder.strip():
        wrong["binder"] = N_("外送的要写明装订厂")
    if order.due_on is not None and order.due_on < work.today:
        wrong["due_on"] = N_("应回日期不能早于今天")
    fund = await funds.named(work.session, order.fund) if order.fund.strip() else None
    if order.fund.strip() and fund is None:
        wrong["fund"] = N_("没有这项执行中的经费")
    if wrong:
        raise Invalid(wrong)
    order.binder, order.fund = order.binder.strip(), fund.no if fund else ""


async def cancel_order(work: Work, order: BindingOrder, _form: Any) -> None:
    """What stood on it waits for another."""
    for one in await queries.sets_on(work.session, order.no, lock=True):
        one.order_no = ""
    for book in await queries.books_on(work.session, order.no, lock=True):
        book.order_no = ""


async def close_order(work: Work, order: BindingOrder, _form: Any) -> None:
    """结清: nothing of it is away; the sum is of what was bound."""
    if n := await queries.away(work.session, order.no):
        raise rules.StillAway(number=order.no, n=n)
    paying.reckon(order, await queries.all_on(work.session, order.no))
