"""Prices, needs, duplicates, how far an order is, and who does what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from services.resources.acquiring.orders.model import ClaimState, Order, OrderLine, OrderState
from services.resources.acquiring.suppliers.model import Currency
from shared.events.resources import FundSum, OrderCancelled, OrderPlaced
from shared.i18n import N_
from shared.refusals import Refusal
from shared.states import Life

BUYERS = ("RES-ACQ", "head-resources")
APPROVERS = ("head-resources", "deputy", "director")
READERS = ("RES", "OFF-FIN", "head", "director", "deputy", "auditor")
NUMBERS, CLAIMS = "CG", "CQ"
LARGEST = 2000
# A term without a word of the supplier's, then it is late (Chinese books, foreign ones), then a month between claims.
DOMESTIC_DAYS, FOREIGN_DAYS, CLAIM_DAYS = 90, 180, 30

S = OrderState
LIFE: Life[OrderState] = {
    (S.draft, "check"): S.checked,
    (S.checked, "approve"): S.approved,
    (S.checked, "revise"): S.draft,
    (S.approved, "place"): S.asked,
    (S.approved, "revise"): S.draft,
    # The office answers.
    (S.asked, "hold"): S.placed,
    (S.asked, "park"): S.parked,
    (S.parked, "hold"): S.placed,
    (S.parked, "place"): S.asked,
    (S.parked, "revise"): S.draft,
    # Acceptances, cancelled copies, invoices and payments move it from here on.
    (S.placed, "arrive"): S.part_arrived,
    (S.part_arrived, "arrive"): S.arrived,
    (S.arrived, "accept"): S.accepted,
    (S.accepted, "invoice"): S.invoiced,
    (S.invoiced, "pay"): S.closed,
    (S.invoiced, "return"): S.accepted,
    # Until something arrived it may be given up.
    (S.draft, "cancel"): S.cancelled,
    (S.checked, "cancel"): S.cancelled,
    (S.approved, "cancel"): S.cancelled,
    (S.asked, "cancel"): S.cancelled,
    (S.parked, "cancel"): S.cancelled,
    (S.placed, "cancel"): S.cancelled,
}
SENT = (S.placed, S.part_arrived, S.arrived, S.accepted, S.invoiced, S.closed)
OPEN = (S.checked, S.approved, S.asked, S.parked, S.placed, S.part_arrived, S.arrived, S.accepted, S.invoiced)
AWAITED = (S.placed, S.part_arrived)
CLAIM_LIFE: Life[ClaimState] = {
    (ClaimState.open, "send"): ClaimState.sent,
    (ClaimState.sent, "again"): ClaimState.sent,
    (ClaimState.open, "close"): ClaimState.closed,
    (ClaimState.sent, "close"): ClaimState.closed,
}


class Unfinished(Refusal):
    """An order goes on when every line has what it needs."""

    code = "orders.unfinished"
    message = N_("订单还不能查重")


class Duplicates(Refusal):
    """What we have or expect is bought again only for a reason."""

    code = "orders.duplicates"
    message = N_("{count} 种与馆藏或在途订单重复；确需加购请填写理由，否则删去")


class NoDraft(Refusal):
    """Lines change in drafts only; what was sent is cancelled, and ordered anew."""

    code = "orders.no-draft"
    message = N_("{number} 已不是草稿，书目不能再改；可退订后另订")


class AlreadyPicked(Refusal):
    """Somebody else put the title on an order a moment ago."""

    code = "orders.already-picked"
    message = N_("所选书目中有的已在别的订单里，请刷新后再选")


class TooLong(Refusal):
    """One order is one list a person can check."""

    code = "orders.too-long"
    message = N_("一张订单最多 {largest} 种")


class NothingOpen(Refusal):
    """Copies that came are returned, not cancelled."""

    code = "orders.nothing-open"
    message = N_("《{title}》没有可退订的册数")


def net(line: OrderLine, copies: int, rate: float) -> int:
    """What copies of a line cost us in fen: list price times copies, discount and rate, rounded once, half up."""
    gross = Decimal(line.list_minor) * copies * Decimal(str(line.discount)) / 100 * Decimal(str(rate))
    return int(gross.quantize(Decimal(1), ROUND_HALF_UP))


def live(line: OrderLine) -> int:
    """Copies that should come or have come."""
    return line.copies - line.cancelled


def share(line: OrderLine, before: int, copies: int, rate: float) -> int:
    """The part of a line's need that its next copies settle; the parts of a line add up to the whole."""
    return net(line, before + copies, rate) - net(line, before, rate)


def needs(lines: Iterable[OrderLine], rate: float) -> tuple[FundSum, ...]:
    """The whole need of an order by budget line."""
    found: dict[str, int] = {}
    for line in lines:
        found[line.fund] = found.get(line.fund, 0) + net(line, live(line), rate)
    return tuple(FundSum(budget=no, amount_cents=sum_) for no, sum_ in sorted(found.items()) if sum_)


def add_up(order: Order, lines: Iterable[OrderLine]) -> None:
    """The sums an order carries for its lists."""
    rows = list(lines)
    order.titles = sum(live(line) > 0 for line in rows)
    order.copies = sum(live(line) for line in rows)
    order.list_total = sum(line.list_minor * live(line) for line in rows)
    order.net_total = sum(net(line, live(line), order.rate) for line in rows)


def progress(state: OrderState, lines: Iterable[OrderLine]) -> OrderState:
    """How far an order that was sent is, from the counts of its lines."""
    rows = [line for line in lines if live(line)]
    if state not in SENT:
        return state
    if not rows:
        return S.cancelled
    for field, reached in (("paid", S.closed), ("invoiced", S.invoiced), ("accepted", S.accepted), ("arrived", S.arrived)):
        if all(getattr(line, field) >= live(line) for line in rows):
            return reached
    return S.part_arrived if any(line.arrived for line in rows) else S.placed


def due_on(sent: date, currency: Currency) -> date:
    """When what was ordered today is late."""
    return sent + timedelta(days=DOMESTIC_DAYS if currency == Currency.cny else FOREIGN_DAYS)


def placed(order: Order, lines: Iterable[OrderLine]) -> OrderPlaced:
    """The question to the office."""
    return OrderPlaced(
        number=order.no, revision=order.revision, supplier=order.supplier_name, sums=needs(lines, order.rate),
        titles=order.titles, copies=order.copies,
    )


def cancelled(
    order: Order, lines: Iterable[OrderLine], *, copies: int, reason: str, titles: Iterable[str], whole: bool
) -> OrderCancelled:
    """What an order still needs after a part of it, or all, will not come."""
    return OrderCancelled(
        number=order.no, revision=order.revision, supplier=order.supplier_name, sums=needs(lines, order.rate), whole=whole,
        copies=copies, reason=reason, titles=tuple(titles),
    )


def holders(order: Order) -> tuple[str, ...]:
    """Who must act next; what is on its way waits for nobody here."""
    waits: Mapping[OrderState, tuple[str, ...]] = {
        S.draft: BUYERS[:1], S.checked: APPROVERS[:1], S.approved: BUYERS[:1], S.parked: BUYERS[:1],
        S.arrived: ("RES-ACQ", "RES-MGT"), S.accepted: BUYERS[:1],
    }
    return waits.get(OrderState(order.state), ())
