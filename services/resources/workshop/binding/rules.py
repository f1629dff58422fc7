"""The lives of sets and orders, what is refused, and what a bound volume is worth."""

from __future__ import annotations

from datetime import date

from services.resources.cataloguing.items.rules import CATALOGUERS
from services.resources.workshop.binding.model import (
    BindingOrder,
    BindingSet,
    BookState,
    BoundBook,
    OrderState,
    SetState,
    Way,
)
from shared.events.resources import (
    FundSum,
    InvoiceSubmitted,
    OrderCancelled,
    OrderPlaced,
    PaymentShare,
)
from shared.i18n import N_
from shared.refusals import Refusal, SamePerson
from shared.states import Life

BUYERS = ("RES-ACQ", "head-resources")
SETS, ORDERS, BOOKS = "ZB", "ZD", "ZL"
WORKSHOP = ("RES-DIG",)
HANDS = CATALOGUERS
READERS = ("RES", "RDR-STK", "RDR-CIR", "RDR-LED", "head-resources", "head-reader", "director")

S, D = SetState, OrderState
LIFE: Life[SetState] = {
    (S.awaited, "count_in"): S.received,
    (S.awaited, "send_back"): S.sent_back,
    (S.received, "assign"): S.received,
    (S.received, "send"): S.binding,
    (S.received, "send_back"): S.sent_back,
    (S.binding, "take_in"): S.checking,
    # The binder found the set wanting.
    (S.binding, "send_back"): S.sent_back,
    (S.checking, "accept"): S.accepted,
    (S.checking, "redo"): S.binding,
    (S.checking, "send_back"): S.sent_back,
    (S.accepted, "enter"): S.bound,
    # What the reading room tells.
    (S.sent_back, "confirm"): S.returned,
    (S.awaited, "taken_back"): S.taken_back,
    (S.received, "taken_back"): S.taken_back,
    (S.binding, "taken_back"): S.taken_back,
    (S.checking, "taken_back"): S.taken_back,
    (S.accepted, "taken_back"): S.taken_back,
}
ORDER_LIFE: Life[OrderState] = {
    (D.draft, "send"): D.out,
    (D.draft, "cancel"): D.cancelled,
    (D.out, "close"): D.closed,
    (D.closed, "bill"): D.billed,
    # The office answers.
    (D.billed, "pay"): D.paid,
    (D.billed, "return"): D.closed,
}
# With the binder, or back and not yet judged.
AWAY = (S.binding, S.checking)
B = BookState
BOOK_LIFE: Life[BookState] = {
    (B.here, "assign"): B.here,
    (B.here, "send"): B.binding,
    (B.here, "give_back"): B.returned,
    (B.binding, "take_in"): B.checking,
    # The binder cannot do it.
    (B.binding, "give_back"): B.returned,
    (B.checking, "accept"): B.done,
    (B.checking, "redo"): B.binding,
}
BOOKS_AWAY = (B.binding, B.checking)


class CountDiffers(Refusal):
    """What lies there is not what the slip says; the bundle goes back, with the reason."""

    code = "binding.count-differs"
    message = N_("{bundle} 应有 {present} 期，实点 {counted} 期：请核对，仍不符则退回阅览室并写明差异")


class NotHere(Refusal):
    """The item is not where it could be fetched."""

    code = "binding.not-here"
    message = N_("{barcode} 现为“{state_label}”，不能取来装订")


class OutAlready(Refusal):
    """A book is bound once at a time."""

    code = "binding.out-already"
    message = N_("{barcode} 已在单书装订，不必再登记")


class NotPassed(Refusal):
    """A volume is accepted when everything was looked at and is right."""

    code = "binding.not-passed"
    status = 422
    message = N_("次序、缺页、书脊都核对无误才能验收合格；有问题请登记返工")


class NoSuchOrder(Refusal):
    """Sets are put on an order that has not left."""

    code = "binding.no-such-order"
    status = 422
    message = N_("没有编制中的装订单 {number}")


class NothingOnIt(Refusal):
    """An order without sets does not leave."""

    code = "binding.nothing-on-it"
    message = N_("装订单 {number} 上还没有待装本，请先在待装本里列入")


class StillAway(Refusal):
    """An order is closed when everything on it was judged."""

    code = "binding.still-away"
    message = N_("装订单 {number} 还有 {n} 本未装回或未验收")


class NoFund(Refusal):
    """What costs money says from which line."""

    code = "binding.no-fund"
    status = 422
    message = N_("装订单 {number} 有装订费，请先填写经费")


class CheckerApplies(SamePerson):
    """Who said that the volumes are right does not ask for the money."""

    message = N_("验收人不能为同一装订单申请付款：{number}")


class NotFunded(Refusal):
    """What the office does not hold money for is not asked to be paid."""

    code = "binding.not-funded"
    message = N_("装订单 {number} 的经费尚未占用：{reason}")


class NotAsAgreed(Refusal):
    """An invoice that differs from the volumes at the agreed price is explained."""

    code = "binding.invoice-differs"
    status = 422
    message = N_("发票 {billed} 元，按本数应付 {due} 元，请填写差异说明")


class NoRecord(Refusal):
    """A volume is entered under the record of its serial."""

    code = "binding.no-record"
    status = 422
    message = N_("没有找到《{title}》的书目记录，请填写记录号；没有记录的先编目")


class NoCallNumber(Refusal):
    """A volume without a call number cannot be labelled."""

    code = "binding.no-call-number"
    status = 422
    message = N_("记录 {record} 没有索书号，请填写合订本的索书号")


def charge(order: BindingOrder, one: BindingSet | BoundBook) -> int:
    """What a set on an order costs: before it leaves what it will; a volume done again at the rooms' wish was paid for before."""
    if order.state != D.draft:
        return one.price_cents
    return 0 if isinstance(one, BindingSet) and one.barcode else order.unit_cents


def months(from_on: date, to_on: date) -> int:
    """How many calendar months a span touches."""
    return (to_on.year - from_on.year) * 12 + to_on.month - from_on.month + 1


def value(year_cents: int, from_on: date, to_on: date, binding_cents: int) -> int:
    """What a volume is worth: the year's price for the months it holds, and its binding; half a fen is a fen."""
    return (year_cents * months(from_on, to_on) * 2 + 12) // 24 + binding_cents


def call_number(of_record: str, from_on: date, to_on: date) -> str:
    """The record's call number with the year; a part of a year says which part, so that no two volumes share one."""
    if not of_record.strip():
        return ""
    year = str(from_on.year) if from_on.year == to_on.year else f"{from_on.year}-{to_on.year}"
    whole = (from_on.month, from_on.day, to_on.month, to_on.day) == (1, 1, 12, 31)
    part = "" if whole else f"({from_on.month})" if months(from_on, to_on) == 1 else f"({from_on.month}-{to_on.month})"
    return f"{of_record.strip()}:{year}{part}"


def holders(one: BindingSet) -> tuple[str, ...]:
    """Who must act next."""
    return {
        S.awaited: WORKSHOP, S.received: WORKSHOP, S.binding: WORKSHOP, S.checking: WORKSHOP, S.accepted: HANDS,
        S.sent_back: ("RDR-STK",),
    }.get(SetState(one.state), ())


def order_holders(order: BindingOrder) -> tuple[str, ...]:
    """The workshop, until it is settled; then whoever asks for payments, if a binder is to be paid."""
    if order.state in (D.draft, D.out):
        return WORKSHOP
    return BUYERS[:1] if order.state == D.closed and payable(order) else ()


def payable(order: BindingOrder) -> bool:
    """A binder asks for money."""
    return order.way == Way.outside and bool(order.fund) and order.sum_cents > 0


def needs(order: BindingOrder) -> tuple[FundSum, ...]:
    """What the order needs of its budget line in all."""
    return (FundSum(budget=order.fund, amount_cents=order.sum_cents),) if payable(order) else ()


def placed(order: BindingOrder) -> OrderPlaced:
    """The question to the office."""
    return OrderPlaced(
        number=order.no, revision=order.revision, supplier=order.binder, sums=needs(order), titles=order.volumes, copies=order.volumes,
        page=page_of(order),
    )


def lowered(order: BindingOrder, volumes: int, reason: str) -> OrderCancelled:
    """What it still needs when some volumes will not be bound."""
    return OrderCancelled(
        number=order.no, revision=order.revision, supplier=order.binder, sums=needs(order), whole=not order.volumes, copies=volumes,
        reason=reason, page=page_of(order),
    )


def billed(order: BindingOrder) -> InvoiceSubmitted:
    """The binder's invoice, handed to the office; it settles all that was held."""
    return InvoiceSubmitted(
        number=order.no, attempt=order.attempt, invoice_no=order.invoice_no, supplier=order.binder, amount_cents=order.billed_cents,
        shares=(PaymentShare(order=order.no, budget=order.fund, amount_cents=order.billed_cents, release_cents=order.sum_cents),),
        note=order.difference_reason, page=page_of(order),
    )


def page_of(order: BindingOrder) -> str:
    """Where the office finds it."""
    return f"/resources/binding-orders/{order.no}"
