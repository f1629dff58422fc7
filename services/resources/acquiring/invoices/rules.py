"""The three papers beside one another, and who may ask for payment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.resources.acquiring.invoices.model import InvoiceLine, InvoiceState
from services.resources.acquiring.orders.model import OrderLine
from services.resources.acquiring.orders.rules import live, net, share
from shared.events.resources import PaymentShare
from shared.i18n import N_
from shared.refusals import Refusal, SamePerson

BUYERS = ("RES-ACQ", "head-resources")
READERS = ("RES", "OFF-FIN", "head", "director", "deputy", "auditor")
NUMBERS = "FP"

S = InvoiceState
LIFE: Mapping[tuple[InvoiceState, str], InvoiceState] = {
    (S.draft, "submit"): S.submitted,
    (S.draft, "cancel"): S.cancelled,
    (S.returned, "submit"): S.submitted,
    (S.returned, "cancel"): S.cancelled,
    # The office answers.
    (S.submitted, "pay"): S.paid,
    (S.submitted, "return"): S.returned,
}


class AcceptorApplies(SamePerson):
    """Who said that the books are right does not ask for the money."""

    message = N_("验收人不能为同一订单申请付款：{order}")


class NothingToInvoice(Refusal):
    """Only accepted copies are paid."""

    code = "invoices.nothing-accepted"
    message = N_("订单 {order} 没有已验收而未开票的册数")


class LinesDisagree(Refusal):
    """The invoice says one sum; its lines must say the same."""

    code = "invoices.lines-disagree"
    message = N_("明细合计 {lines} 元，与发票金额 {amount} 元不符；请改明细，或把差额摊入明细")


class Unexplained(Refusal):
    """What differs from the order is explained before the office sees it."""

    code = "invoices.unexplained"
    message = N_("发票与订单、验收有差异，请填写差异说明")


class MoreThanAccepted(Refusal):
    """No more copies are paid than were accepted."""

    code = "invoices.more-than-accepted"
    message = N_("发票册数多于已验收而未开票的册数")


class TooEarly(Refusal):
    """Money in advance is for an order that was sent."""

    code = "invoices.too-early"
    message = N_("订单 {order} 已发订而未付清时才能预付")


class TooMuchAhead(Refusal):
    """No more in advance than is still to be paid."""

    code = "invoices.too-much-ahead"
    message = N_("订单 {order} 尚未付款 {left} 元，不能预付 {amount} 元")


@dataclass(frozen=True, slots=True)
class Match:
    """One line of the three-way match, money in fen."""

    line: OrderLine
    on_invoice: InvoiceLine
    ordered: int
    expected: int

    @property
    def difference(self) -> int:
        """What the supplier asks beyond the ordered price."""
        return self.on_invoice.amount - self.expected

    @property
    def too_many(self) -> bool:
        """More copies than are accepted and not on another invoice."""
        return self.on_invoice.copies > self.line.accepted - self.line.invoiced


def match(lines: Mapping[UUID, OrderLine], invoiced: Iterable[InvoiceLine], rate: float) -> list[Match]:
    """Order, acceptance and invoice, line by line."""
    found = []
    for one in invoiced:
        line = lines[one.line_id]
        found.append(Match(line, one, live(line), share(line, line.invoiced, one.copies, rate)))
    return sorted(found, key=lambda m: m.line.place)


def spread(amount: int, parts: Sequence[int]) -> list[int]:
    """An amount over lines in proportion to what they should cost; the last fen go to the largest remainders."""
    whole = sum(parts)
    if whole <= 0:
        return [amount if n == 0 else 0 for n in range(len(parts))]
    found = [amount * part // whole for part in parts]
    order = sorted(range(len(parts)), key=lambda n: (-(amount * parts[n] % whole), n))
    for n in order[:amount - sum(found)]:
        found[n] += 1
    return found


def release(line: OrderLine, copies: int, elsewhere: int, rate: float) -> int:
    """How much of what is held for a line these copies settle; the last ones settle all that is left."""
    if line.invoiced + copies >= live(line):
        return max(net(line, live(line), rate) - elsewhere, 0)
    return share(line, line.invoiced, copies, rate)


def shares(order_no: str, lines: Mapping[UUID, OrderLine], invoiced: Iterable[InvoiceLine]) -> tuple[PaymentShare, ...]:
    """What the office takes from which budget line."""
    found: dict[str, tuple[int, int]] = {}
    for one in invoiced:
        amount, free = found.get(lines[one.line_id].fund, (0, 0))
        found[lines[one.line_id].fund] = (amount + one.amount, free + one.release)
    return tuple(
        PaymentShare(order=order_no, budget=fund, amount_cents=amount, release_cents=free) for fund, (amount, free) in sorted(found.items())
    )


def ahead(order_no: str, needs: Mapping[str, int], amount: int) -> tuple[PaymentShare, ...]:
    """A prepayment over the budget lines of an order in proportion to what they still need; it settles as much of what is held."""
    parts = spread(amount, list(needs.values()))
    return tuple(
        PaymentShare(order=order_no, budget=budget, amount_cents=part, release_cents=part)
        for budget, part in zip(needs, parts, strict=True) if part
    )


def settled(asked: Iterable[PaymentShare], ahead: Mapping[str, int]) -> tuple[tuple[PaymentShare, ...], dict[str, int]]:
    """What is left to pay when prepayments are taken off line by line, and how much was taken off each."""
    left, taken = [], {}
    for one in asked:
        off = min(one.amount_cents, max(ahead.get(one.budget, 0), 0))
        if off:
            taken[one.budget] = off
        left.append(one.model_copy(update={
            "amount_cents": one.amount_cents - off, "release_cents": max(one.release_cents - off, 0),
        }))
    return tuple(left), taken
