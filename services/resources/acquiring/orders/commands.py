"""Drafting, checking, asking for money, cancelling; every step counts the order's need anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update

from services.resources.acquiring.contracts import commands as contracts
from services.resources.acquiring.desiderata import commands as desiderata
from services.resources.acquiring.desiderata import queries as wanted
from services.resources.acquiring.desiderata import rules as wish_rules
from services.resources.acquiring.desiderata.model import TitleState
from services.resources.acquiring.desiderata.rules import clean_isbn
from services.resources.acquiring.funds import queries as funds
from services.resources.acquiring.orders import queries, rules
from services.resources.acquiring.orders.model import Order, OrderLine, OrderState
from services.resources.acquiring.suppliers import queries as suppliers
from services.resources.cataloguing.records.rules import sort_title
from shared.database import uuid7
from shared.events.resources import OrderParked
from shared.i18n import N_
from shared.refusals import Invalid, NotFound, Reason
from shared.states import NotFromHere, step
from shared.work import Work


@dataclass(slots=True)
class NewLine:
    """A title to be ordered; price in hundredths of the order's currency."""

    title: str
    list_minor: int
    copies: int = 1
    author: str = ""
    publisher: str = ""
    year: str = ""
    isbn: str = ""
    subject: str = ""
    fund: str = ""
    discount: float | None = None
    desideratum: str = ""


async def settle_terms(work: Work, order: Order) -> None:
    """A new order takes its supplier's terms; the budget line is one that runs."""
    supplier, fund = await suppliers.paid_from(work.session, order.supplier, order.fund)
    order.supplier, order.supplier_name, order.fund, order.currency = supplier.no, supplier.name, fund.no, supplier.currency
    order.contract = await contracts.name_on(work, order.contract, supplier.no)
    order.rate = order.rate if order.rate > 0 else supplier.rate
    rules.add_up(order, await queries.lines_of(work.session, order.no))


async def _draft(work: Work, number: str) -> Order:
    work.actor.require(*rules.BUYERS)
    order = await work.lock(Order, Order.no == number, what=number)
    if OrderState(order.state) is not OrderState.draft:
        raise rules.NoDraft(number=number)
    work.follow(order.correlation)
    return order


async def add_lines(work: Work, number: str, new: Sequence[NewLine]) -> list[OrderLine]:
    """Titles typed or picked, checked for duplicates at once; one statement for all of them."""
    order = await _draft(work, number)
    last = int(await work.session.scalar(select(func.max(OrderLine.place)).where(OrderLine.order_no == number)) or 0)
    if last + len(new) > rules.LARGEST:
        raise rules.TooLong(largest=rules.LARGEST)
    supplier = await suppliers.named(work.session, order.supplier)
    lines = []
    for place, one in enumerate(new, last + 1):
        fund = await funds.named(work.session, one.fund) if one.fund and one.fund != order.fund else None
        if one.fund and one.fund != order.fund and fund is None:
            raise Invalid({"fund": N_("没有这项执行中的经费")})
        lines.append(OrderLine(
            id=uuid7(), order_no=number, place=place, desideratum=one.desideratum, title=one.title.strip(),
            sort_title=sort_title(one.title), author=one.author.strip(), publisher=one.publisher.strip(), year=one.year.strip(),
            isbn=clean_isbn(one.isbn), subject=one.subject.strip().upper(), list_minor=one.list_minor, copies=one.copies,
            discount=one.discount or (supplier.discount if supplier else 100.0), fund=fund.no if fund else order.fund,
        ))
    await queries.mark_duplicates(work.session, lines)
    work.refuse_on("uq_order_line_desideratum", rules.AlreadyPicked())
    work.session.add_all(lines)
    await work.flush()
    await _count(work, order)
    return lines


async def pick(work: Work, number: str, numbers: Sequence[str]) -> list[OrderLine]:
    """Put wanted titles on the order."""
    found = await wanted.by_numbers(work.session, numbers)
    return await add_lines(work, number, [
        NewLine(
            title=wish.title, list_minor=wish.price_cents, copies=wish.copies, author=wish.author, publisher=wish.publisher,
            year=wish.year, isbn=wish.isbn, desideratum=wish.no,
        )
        for no in dict.fromkeys(numbers) if (wish := found.get(no)) is not None and wish.state == TitleState.wanted
    ])


async def price(work: Work, number: str, line_id: UUID, *, list_minor: int, copies: int) -> None:
    """Correct a line of a draft."""
    order = await _draft(work, number)
    line = (await queries.lines_by_id(work.session, [line_id], lock=True)).get(line_id)
    if line is None or line.order_no != number:
        raise NotFound(line_id)
    line.list_minor, line.copies = list_minor, copies
    await _count(work, order)


async def take_off(work: Work, number: str, line_id: UUID) -> None:
    """A title leaves the draft."""
    order = await _draft(work, number)
    await work.session.execute(delete(OrderLine).where(OrderLine.order_no == number, OrderLine.id == line_id))
    await _count(work, order)


async def _count(work: Work, order: Order) -> Sequence[OrderLine]:
    await work.session.flush()
    lines = await queries.lines_of(work.session, order.no)
    rules.add_up(order, lines)
    return lines


async def check(work: Work, order: Order) -> None:
    """Duplicates against holdings and orders, prices, funds: all reasons at once."""
    lines = await queries.lines_of(work.session, order.no, lock=True)
    running = {one.no for one in await funds.lines(work.session)}
    why = []
    if not lines:
        why.append(Reason("empty", N_("订单上还没有书目")))
    if unpriced := sum(not line.list_minor for line in lines):
        why.append(Reason("price", N_("{n} 种没有单价"), params={"n": unpriced}))
    if closed := sorted({line.fund for line in lines} - running):
        why.append(Reason("fund", N_("经费 {funds} 不在执行中"), params={"funds": "、".join(closed)}))
    if why:
        raise rules.Unfinished(why)
    count = await queries.mark_duplicates(work.session, lines)
    if count and len(order.again_reason.strip()) < 2:
        raise rules.Duplicates(count=count)
    order.checked_by = work.actor.id
    rules.add_up(order, lines)


async def place(work: Work, order: Order) -> None:
    """Ask the office for the money; the order leaves the house when it is held."""
    lines = await _count(work, order)
    order.revision, order.placed_by, order.refusal = order.revision + 1, work.actor.id, ""
    work.emit(rules.placed(order, lines), correlation=order.correlation)


async def _answered(work: Work, number: str, revision: int) -> Order | None:
    """The order, locked, if this answers its last question."""
    order = await work.session.scalar(
        select(Order).where(Order.no == number).with_for_update().execution_options(populate_existing=True)
    )
    return order if order is not None and order.revision == revision else None


async def hold(work: Work, number: str, revision: int) -> Order | None:
    """The money is there: the order is sent, and whoever wanted a title hears it."""
    order = await _answered(work, number, revision)
    if order is None or (OrderState(order.state), "hold") not in rules.LIFE:
        return None
    order.state = step(rules.LIFE, OrderState(order.state), "hold")
    order.placed_at, order.refusal = work.now, ""
    order.due_on = order.due_on or rules.due_on(work.today, order.currency)
    lines = await queries.lines_of(work.session, number)
    await desiderata.move_all(work, [line.desideratum for line in lines if line.desideratum], "order", order_no=number)
    return order


async def park(work: Work, number: str, revision: int, reason: str) -> Order | None:
    """No money yet: the order waits, and so does whoever wanted its titles."""
    order = await _answered(work, number, revision)
    if order is None or (OrderState(order.state), "park") not in rules.LIFE:
        return None
    order.state, order.refusal = step(rules.LIFE, OrderState(order.state), "park"), reason
    lines = await queries.lines_of(work.session, number)
    wishes = await wanted.by_numbers(work.session, [line.desideratum for line in lines if line.desideratum])
    if revision == 1:  # whoever asked hears it once, however often the order asks again
        for wish in wishes.values():
            work.emit(wish_rules.progressed(wish, parked=True), correlation=wish.correlation)
    told = sorted({no for wish in wishes.values() for no in (wish.no, wish.origin_no) if no})
    work.emit(OrderParked(
        number=number, revision=revision, supplier=order.supplier_name, sums=rules.needs(lines, order.rate), reason=reason,
        waiting_for=tuple(told),
    ), correlation=order.correlation)
    return order


async def ask_again(work: Work, budgets: Sequence[str]) -> None:
    """There is more money: what waits for it asks once more, the oldest first."""
    for number in await queries.waiting_for(work.session, budgets):
        order = await work.lock(Order, Order.no == number, what=number)
        if OrderState(order.state) is OrderState.parked:
            order.state = step(rules.LIFE, OrderState.parked, "place")
            asked_by = order.placed_by
            await place(work, order)
            order.placed_by = asked_by


async def cancel(work: Work, order: Order, reason: str) -> None:
    """Nothing of it will come; its money is free and its titles are wanted again."""
    lines = await queries.lines_of(work.session, order.no, lock=True)
    copies = sum(rules.live(line) for line in lines)
    was = OrderState(order.state)
    await _cancel(work, order, lines, {line.id: rules.live(line) for line in lines}, reason, copies=copies, sent=was in rules.SENT)


async def cancel_copies(work: Work, number: str, line_id: UUID, *, copies: int, reason: str) -> None:
    """Some copies of a line will not come."""
    work.actor.require(*rules.BUYERS)
    order = await work.lock(Order, Order.no == number, what=number)
    lines = await queries.lines_of(work.session, number, lock=True)
    line = next((one for one in lines if one.id == line_id), None)
    if line is None:
        raise NotFound(line_id)
    if OrderState(order.state) not in (*rules.AWAITED, OrderState.arrived):
        raise NotFromHere(OrderState(order.state), "cancel")
    if len(reason.strip()) < 2:
        raise Invalid({"reason": N_("请写明退订理由")})
    if not 0 < copies <= rules.live(line) - max(line.arrived, line.accepted):
        raise rules.NothingOpen(title=line.title)
    await _cancel(work, order, lines, {line.id: copies}, reason.strip(), copies=copies, sent=True)
    order.state = rules.progress(OrderState(order.state), lines)
    await work.session.flush()


async def _cancel(
    work: Work, order: Order, lines: Sequence[OrderLine], gone: dict[UUID, int], reason: str, *, copies: int, sent: bool
) -> None:
    for line in lines:
        line.cancelled += gone.get(line.id, 0)
    free = [line.desideratum for line in lines if line.desideratum and gone.get(line.id) and not rules.live(line)]
    order.revision += 1
    order.cancel_reason = reason
    rules.add_up(order, lines)
    await work.session.flush()
    whole = not any(rules.live(line) for line in lines)
    work.emit(rules.cancelled(order, lines, copies=copies, reason=reason, titles=free, whole=whole), correlation=order.correlation)
    if sent and free:
        await desiderata.move_all(work, free, "release", order_no="", reason=reason)


async def follow_lines(work: Work, number: str) -> Order:
    """After an acceptance, an invoice or a payment: how far the order is now."""
    await work.session.flush()
    order = await work.lock(Order, Order.no == number, what=number)
    order.state = rules.progress(OrderState(order.state), await queries.lines_of(work.session, number, lock=True))
    return order


async def count_off(work: Work, counts: dict[UUID, int], column: Any) -> None:
    """Add to one of the counts of lines, in one order; the database refuses what is too much."""
    for key in sorted(counts):
        if counts[key]:
            await work.session.execute(update(OrderLine).where(OrderLine.id == key).values({column: column + counts[key]}))

