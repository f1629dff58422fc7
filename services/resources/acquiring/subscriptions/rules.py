"""How a subscription goes, and what is refused."""

from __future__ import annotations

import re
from datetime import date

from services.resources.acquiring.orders.rules import APPROVERS, BUYERS, READERS
from services.resources.acquiring.subscriptions.model import Subscription, SubscriptionState
from shared.events.resources import SerialSubscribed
from shared.i18n import N_
from shared.refusals import Refusal
from shared.states import Life

__all__ = ["APPROVERS", "BUYERS", "READERS"]
NUMBERS = "DK"
# Reading rooms look things up here, too.
LOOKERS = (*READERS, "RDR-CIR", "RDR-LED", "RDR-STK")

S = SubscriptionState
LIFE: Life[SubscriptionState] = {
    (S.draft, "approve"): S.approved,
    (S.draft, "cancel"): S.cancelled,
    (S.approved, "order"): S.approved,
    (S.approved, "start"): S.running,
    (S.approved, "revise"): S.draft,
    (S.approved, "cancel"): S.cancelled,
    (S.running, "renew"): S.running,
    (S.running, "stop"): S.stopped,
    (S.running, "end"): S.ended,
    (S.ended, "renew"): S.ended,
}


class OrderFirst(Refusal):
    """What is paid for begins when its order was sent."""

    code = "subscriptions.order-first"
    message = N_("订单 {order} 发订后才能生效")


class NoOrder(Refusal):
    """There is no order yet."""

    code = "subscriptions.no-order"
    message = N_("请先生成订单；赠阅、交换的不需要订单")


class OrderedAlready(Refusal):
    """One order is enough."""

    code = "subscriptions.ordered"
    message = N_("已有订单 {order}")


class RenewedAlready(Refusal):
    """The next term exists."""

    code = "subscriptions.renewed"
    message = N_("已续订，见 {number}")


def issn(text: str) -> str:
    """`1000-0135` of an ISSN with a right check sign (ISO 3297); empty otherwise."""
    plain = text.upper().replace("-", "").strip()
    if not re.fullmatch(r"\d{7}[\dX]", plain):
        return ""
    total = sum(int(digit) * weight for digit, weight in zip(plain[:7], range(8, 1, -1), strict=True))
    return f"{plain[:4]}-{plain[4:]}" if "0123456789X"[-total % 11] == plain[7] else ""


def next_term(start: date, end: date) -> tuple[date, date]:
    """The same term a year later."""

    def later(day: date) -> date:
        try:
            return day.replace(year=day.year + 1)
        except ValueError:
            return day.replace(year=day.year + 1, day=28)

    return later(start), later(end)


def subscribed(one: Subscription) -> SerialSubscribed:
    """What the reading rooms hear."""
    return SerialSubscribed(
        number=one.no, title=one.title, title_en=one.title_en, kind=one.kind.value, foreign=one.foreign, issn=one.issn, cn=one.cn,
        post_code=one.post_code, supplier=one.supplier_name, copies=one.copies, from_on=one.from_on, to_on=one.to_on, renews=one.renews,
    )
