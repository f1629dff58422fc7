"""Taking an invoice in, putting its lines right, handing it to the office, and hearing what became of it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import delete

from services.resources.acquiring.contracts import commands as contracts
from services.resources.acquiring.invoices import queries, rules
from services.resources.acquiring.invoices.model import (
    Invoice,
    InvoiceKind,
    InvoiceLine,
    InvoiceState,
    Prepaid,
)
from services.resources.acquiring.orders import commands as orders
from services.resources.acquiring.orders import queries as order_queries
from services.resources.acquiring.orders.model import Order, OrderLine, OrderState
from services.resources.acquiring.orders.rules import SENT, share
from services.resources.receiving.acceptance.queries import acceptors_of
from shared.events.resources import InvoiceSubmitted, PaymentShare
from shared.i18n import N_
from shared.refusals import Invalid, NotFound
from shared.states import NotFromHere, step
from shared.work import Work

OPEN = (InvoiceState.draft, InvoiceState.returned)


async def name_order(work: Work, invoice: Invoice) -> list[InvoiceLine]:
    """A new invoice takes what was accepted and stands on no other; the caller keeps the lines beside it."""
    order = await order_queries.order_of(work.session, invoice.order_no)
    invoice.order_no, invoice.supplier_name, invoice.correlation = order.no, order.supplier_name, order.correlation
    invoice.invoice_no, invoice.contract = invoice.invoice_no.strip(), await contracts.payable_on(work, invoice.contract, order)
    if invoice.kind == InvoiceKind.prepayment:
        if not invoice.contract:
            raise Invalid({"contract": N_("预付款须填写合同编号")})
        if order.state not in SENT or order.state == OrderState.closed:
            raise rules.TooEarly(order=order.no)
        return []
    lines = [
        InvoiceLine(invoice=invoice.no, line_id=line.id, copies=line.accepted - line.invoiced,
                    amount=share(line, line.invoiced, line.accepted - line.invoiced, order.rate))
        for line in await order_queries.lines_of(work.session, order.no) if line.accepted > line.invoiced
    ]
    if not lines:
        raise rules.NothingToInvoice(order=order.no)
    return lines


async def take_in(work: Work, invoice: Invoice) -> None:
    """登记发票."""
    lines = await name_order(work, invoice)
    work.session.add(invoice)
    await work.session.flush()
    work.session.add_all(lines)


async def _open(work: Work, number: str) -> Invoice:
    work.actor.require(*rules.BUYERS)
    invoice = await queries.invoice_of(work.session, number, lock=True)
    if invoice is None:
        raise NotFound(number)
    if InvoiceState(invoice.state) not in OPEN:
        raise NotFromHere(InvoiceState(invoice.state), "edit")
    work.follow(invoice.correlation)
    return invoice


async def correct(work: Work, number: str, line_id: UUID, *, copies: int, amount: int) -> None:
    """A line as the paper has it; no copies takes it off."""
    await _open(work, number)
    line = next((one for one in await queries.lines_of(work.session, number) if one.line_id == line_id), None)
    if line is None:
        raise NotFound(line_id)
    if copies:
        line.copies, line.amount = copies, amount
    else:
        await work.session.delete(line)
    await work.session.flush()


async def spread(work: Work, number: str) -> None:
    """把差额摊入明细: the paper has one sum only."""
    invoice = await _open(work, number)
    found, _lines = await queries.matched(work.session, invoice)
    for one, amount in zip(found, rules.spread(invoice.amount, [one.expected for one in found]), strict=True):
        one.on_invoice.amount = amount


async def submit(work: Work, invoice: Invoice) -> InvoiceState | None:
    """The three papers agree, or the difference is explained: the office is asked to pay what was not paid in advance.

    Nothing left to pay: the invoice is settled, the office only frees what was held beyond it.
    """
    if work.actor.id in await acceptors_of(work.session, invoice.order_no) or invoice.created_by in await acceptors_of(
        work.session, invoice.order_no
    ):
        raise rules.AcceptorApplies(order=invoice.order_no)
    order = await work.lock(Order, Order.no == invoice.order_no, what=invoice.order_no)
    invoice.contract = await contracts.payable_on(work, invoice.contract, order)
    await contracts.check_payable(work, invoice.contract)
    await work.session.execute(delete(Prepaid).where(Prepaid.invoice == invoice.no))
    if invoice.kind == InvoiceKind.prepayment:
        await _ask_ahead(work, invoice, order)
        return None
    found, lines = await queries.matched(work.session, invoice, lock=True)
    total = sum(one.on_invoice.amount for one in found)
    if not found or total != invoice.amount:
        raise rules.LinesDisagree(lines=f"{total / 100:,.2f}", amount=f"{invoice.amount / 100:,.2f}")
    if any(one.too_many for one in found):
        raise rules.MoreThanAccepted
    if any(one.difference for one in found) and len(invoice.difference_reason.strip()) < 2:
        raise rules.Unexplained
    elsewhere = await queries.settled_elsewhere(work.session, invoice.no, list(lines))
    for one in found:
        one.on_invoice.release = rules.release(one.line, one.on_invoice.copies, elsewhere.get(one.line.id, 0), order.rate)
    own = [one.on_invoice for one in found]
    invoice.attempt, invoice.submitted_at, invoice.return_reason = invoice.attempt + 1, work.now, ""
    await orders.count_off(work, {one.line_id: one.copies for one in own}, OrderLine.invoiced)
    await orders.follow_lines(work, invoice.order_no)
    open_ = await queries.prepaid_of(work.session, order.no, without=invoice.no)
    shares, taken = rules.settled(rules.shares(order.no, lines, own), open_)
    invoice.prepaid = sum(taken.values())
    work.session.add_all(Prepaid(invoice=invoice.no, order_no=order.no, budget=b, amount=-off) for b, off in taken.items())
    _ask(work, invoice, shares)
    if invoice.prepaid < invoice.amount:
        return None
    invoice.paid_on = work.today
    await orders.count_off(work, {one.line_id: one.copies for one in own}, OrderLine.paid)
    await orders.follow_lines(work, invoice.order_no)
    return InvoiceState.paid


def _ask(work: Work, invoice: Invoice, shares: tuple[PaymentShare, ...]) -> None:
    work.emit(InvoiceSubmitted(
        number=invoice.no, attempt=invoice.attempt, invoice_no=invoice.invoice_no, supplier=invoice.supplier_name,
        amount_cents=invoice.amount - invoice.prepaid, shares=shares, note=invoice.difference_reason, contract=invoice.contract,
        prepayment=invoice.kind == InvoiceKind.prepayment,
    ), correlation=invoice.correlation)


async def _ask_ahead(work: Work, invoice: Invoice, order: Order) -> None:
    """Money before anything came: for an order that was sent, no more than it still has to pay; the office looks at the contract."""
    if order.state not in SENT or order.state == OrderState.closed:
        raise rules.TooEarly(order=order.no)
    left = await queries.unpaid_of(work.session, order, without=invoice.no)
    if invoice.amount > sum(left.values()):
        raise rules.TooMuchAhead(order=order.no, left=f"{sum(left.values()) / 100:,.2f}", amount=f"{invoice.amount / 100:,.2f}")
    shares = rules.ahead(order.no, left, invoice.amount)
    invoice.attempt, invoice.submitted_at, invoice.return_reason = invoice.attempt + 1, work.now, ""
    work.session.add_all(Prepaid(invoice=invoice.no, order_no=order.no, budget=s.budget, amount=s.amount_cents) for s in shares)
    _ask(work, invoice, shares)


async def paid(work: Work, number: str, voucher: str, paid_on: date, attempt: int = 0) -> Invoice | None:
    """The office paid; a second word of it changes nothing, nor does one about an earlier asking."""
    invoice = await queries.invoice_of(work.session, number, lock=True)
    if invoice is None or (InvoiceState(invoice.state), "pay") not in rules.LIFE or attempt not in (0, invoice.attempt):
        return None
    invoice.state = step(rules.LIFE, InvoiceState(invoice.state), "pay")
    invoice.voucher, invoice.paid_on, invoice.reversal = voucher, paid_on, ""
    return await _follow(work, invoice, OrderLine.paid, 1)


async def undone(work: Work, number: str, attempt: int, voucher: str, reason: str) -> Invoice | None:
    """The payment was reversed: open again with the reason. Not a step of an invoice's life but its undoing, so no row of LIFE."""
    invoice = await queries.invoice_of(work.session, number, lock=True)
    if invoice is None or InvoiceState(invoice.state) is not InvoiceState.paid or attempt != invoice.attempt:
        return None
    invoice.state, invoice.paid_on = InvoiceState.returned, None
    invoice.reversal, invoice.return_reason = voucher, reason
    await _follow(work, invoice, OrderLine.paid, -1)
    return await _follow(work, invoice, OrderLine.invoiced, -1)


async def sent_back(work: Work, number: str, voucher: str, reason: str, attempt: int = 0) -> Invoice | None:
    """The office returned it: open again, with the reason; an old return does not undo a new attempt."""
    invoice = await queries.invoice_of(work.session, number, lock=True)
    if invoice is None or (InvoiceState(invoice.state), "return") not in rules.LIFE or invoice.returned_voucher == voucher:
        return None
    if attempt not in (0, invoice.attempt):
        return None
    invoice.state = step(rules.LIFE, InvoiceState(invoice.state), "return")
    invoice.returned_voucher, invoice.return_reason = voucher, reason
    return await _follow(work, invoice, OrderLine.invoiced, -1)


async def _follow(work: Work, invoice: Invoice, column: object, sign: int) -> Invoice:
    own = await queries.lines_of(work.session, invoice.no)
    await orders.count_off(work, {one.line_id: sign * one.copies for one in own}, column)
    await orders.follow_lines(work, invoice.order_no)
    return invoice
