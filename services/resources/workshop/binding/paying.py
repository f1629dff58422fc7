"""What a binder costs: held at the office when the order leaves, corrected when a set comes back unbound, paid on the binder's invoice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select

from services.resources.workshop.binding import queries, rules
from services.resources.workshop.binding.model import (
    BindingOrder,
    BindingSet,
    BoundBook,
    Funding,
    OrderState,
)
from shared.i18n import N_
from shared.refusals import Invalid
from shared.states import step
from shared.work import Work

D = OrderState


def reckon(order: BindingOrder, bound: Iterable[BindingSet | BoundBook]) -> None:
    """How many volumes, and what they cost together."""
    found = list(bound)
    order.volumes, order.sum_cents = len(found), sum(one.price_cents for one in found)


def ask(work: Work, order: BindingOrder) -> None:
    """The order has left: the office is asked to hold what it costs."""
    if rules.payable(order):
        order.revision, order.funding, order.refusal = order.revision + 1, Funding.asked, ""
        work.emit(rules.placed(order), correlation=order.correlation)


async def less(work: Work, number: str, reason: str) -> None:
    """A set or book of an order that has left will not be bound: what it costs less is free again."""
    await work.session.flush()
    order = await queries.order_of(work.session, number, lock=True) if number else None
    if order is None or order.state != D.out:
        return
    before = order.volumes
    reckon(order, await queries.all_on(work.session, order.no))
    if order.funding == Funding.refused and order.sum_cents:
        ask(work, order)
    elif order.revision:
        order.revision += 1
        if not order.sum_cents:
            order.funding, order.refusal = Funding.none, ""
        work.emit(rules.lowered(order, before - order.volumes, reason), correlation=order.correlation)


async def bill(work: Work, order: BindingOrder) -> None:
    """提请付款: by somebody who did not judge the volumes; what differs is explained."""
    checkers = {one.checked_by for one in await queries.all_on(work.session, order.no)}
    if work.actor.id in checkers:
        raise rules.CheckerApplies(number=order.no)
    if order.funding != Funding.held:
        raise rules.NotFunded(number=order.no, reason=order.refusal or Funding(order.funding).text)
    if order.invoiced_on is not None and order.invoiced_on > work.today:
        raise Invalid({"invoiced_on": N_("开票日期不能晚于今天")})
    if order.billed_cents != order.sum_cents and len(order.difference_reason.strip()) < 2:
        raise rules.NotAsAgreed(billed=f"{order.billed_cents / 100:,.2f}", due=f"{order.sum_cents / 100:,.2f}")
    order.attempt, order.return_reason = order.attempt + 1, ""
    work.emit(rules.billed(order), correlation=order.correlation)


async def _order(work: Work, number: str) -> BindingOrder | None:
    return await work.session.scalar(
        select(BindingOrder).where(BindingOrder.no == number).with_for_update().execution_options(populate_existing=True)
    )


async def funded(work: Work, number: str, revision: int, *, held: bool, reason: str = "") -> None:
    """The office answered. What came back meanwhile asked nothing new, so an earlier question's answer stands."""
    order = await _order(work, number)
    if order is not None and 0 < revision <= order.revision and order.funding in (Funding.asked, Funding.refused):
        order.funding, order.refusal = (Funding.held, "") if held else (Funding.refused, reason)


async def ask_again(work: Work, budget: str) -> None:
    """There is more money on a line: what waited for it asks once more."""
    waiting = await work.session.scalars(
        select(BindingOrder).where(BindingOrder.fund == budget, BindingOrder.funding == Funding.refused).order_by(BindingOrder.no)
        .with_for_update().execution_options(populate_existing=True)
    )
    for order in waiting.all():
        ask(work, order)


async def answered(work: Work, number: str, verb: str, attempt: int) -> BindingOrder | None:
    """The order this is about, a step on; a second word and one about an earlier asking change nothing."""
    order = await _order(work, number)
    if order is None or (D(order.state), verb) not in rules.ORDER_LIFE or attempt not in (0, order.attempt):
        return None
    order.state = step(rules.ORDER_LIFE, D(order.state), verb)
    return order


async def paid(work: Work, number: str, voucher: str, paid_on: date, attempt: int) -> BindingOrder | None:
    """The binder has the money."""
    if order := await answered(work, number, "pay", attempt):
        order.voucher, order.paid_on, order.reversal = voucher, paid_on, ""
    return order


async def sent_back(work: Work, number: str, reason: str, attempt: int) -> BindingOrder | None:
    """The office returned it: to be asked for anew."""
    if order := await answered(work, number, "return", attempt):
        order.return_reason = reason
    return order


async def undone(work: Work, number: str, voucher: str, reason: str, attempt: int) -> BindingOrder | None:
    """The payment was reversed. Not a step of an order's life but its undoing, so no row of ORDER_LIFE."""
    order = await _order(work, number)
    if order is None or order.state != D.paid or attempt != order.attempt:
        return None
    order.state, order.paid_on, order.reversal, order.return_reason = D.closed, None, voucher, reason
    return order
