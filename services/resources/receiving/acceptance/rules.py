"""What a delivery gives us, what differs, and who may say so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.resources.acquiring.orders.model import Order, OrderLine, OrderState
from services.resources.acquiring.orders.rules import live, net
from services.resources.receiving.acceptance.model import AcceptanceState, Count
from shared.i18n import N_
from shared.refusals import Refusal, SamePerson

ACCEPTORS = ("RES-ACQ", "RES-MGT", "head-resources")
READERS = ("RES", "OFF-FIN", "head", "director", "deputy", "auditor")
NUMBERS = "DH"
RECEIVABLE = (OrderState.placed, OrderState.part_arrived, OrderState.arrived)

S = AcceptanceState
LIFE: Mapping[tuple[AcceptanceState, str], AcceptanceState] = {
    (S.counting, "accept"): S.accepted,
    (S.counting, "cancel"): S.cancelled,
}


class OrdererAccepts(SamePerson):
    """Who ordered does not accept."""

    message = N_("订购人不能验收自己的订单：{order}")


class NotReceivable(Refusal):
    """Only what was sent to the supplier can arrive."""

    code = "acceptance.not-receivable"
    message = N_("订单 {order} 现在不能收货（{state}）")


class NothingCounted(Refusal):
    """An acceptance accepts something."""

    code = "acceptance.nothing-counted"
    message = N_("还没有清点任何一册")


class NotOnOrder(Refusal):
    """It is noted as having come by mistake."""

    code = "acceptance.not-on-order"
    message = N_("“{code}”不在订单 {order} 上，已记为误发")


class Impossible(Refusal):
    """Of what arrived, some is damaged or wrong, never more."""

    code = "acceptance.impossible"
    status = 422
    message = N_("破损与错发之和不能多于到货册数")


def check_acceptor(order: Order, person: str) -> None:
    """Not the one who drafted the order nor the one who sent it."""
    if person in (order.created_by, order.placed_by):
        raise OrdererAccepts(order=order.no)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one line: ours, more than ordered, and how many ways it differs."""

    taken: int
    extra: int
    differs: int


def outcome(line: OrderLine, count: Count) -> Outcome:
    """What is sound is ours as far as it was ordered; the rest goes back."""
    sound = count.arrived - count.damaged - count.wrong
    taken = max(min(sound, live(line) - line.accepted), 0)
    differs = (count.damaged > 0) + (count.wrong > 0) + (sound > taken) + (count.price_minor not in (None, line.list_minor))
    return Outcome(taken, sound - taken, differs)


def values(line: OrderLine, count: Count, taken: int, rate: float) -> list[tuple[int, int]]:
    """List value and net of each copy taken, in fen; the nets of a line add up to what it costs."""
    minor = line.list_minor if count.price_minor is None else count.price_minor
    whole = OrderLine(title=line.title, order_no=line.order_no, place=line.place, list_minor=minor, discount=100.0, fund=line.fund)
    priced = OrderLine(title=line.title, order_no=line.order_no, place=line.place, list_minor=minor, discount=line.discount, fund=line.fund)
    done = line.accepted
    return [
        (net(whole, n, rate) - net(whole, n - 1, rate), net(priced, n, rate) - net(priced, n - 1, rate))
        for n in range(done + 1, done + taken + 1)
    ]


def accession(serial: int) -> str:
    """The number a copy bears among our possessions."""
    return f"C{serial:08d}"
