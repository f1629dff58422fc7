"""What the office tells of payments."""

from __future__ import annotations

from services.resources.acquiring.invoices import commands
from services.resources.acquiring.invoices.register import invoices
from shared.events.office import PaymentPaid, PaymentReturned, PaymentReversed
from shared.i18n import N_
from shared.messaging.handlers import Handlers
from shared.web.register import moves
from shared.work import Work

handlers = Handlers()


@handlers.on(PaymentPaid)
async def close_on_payment_paid(work: Work, event: PaymentPaid) -> None:
    """The order is closed when its last invoice is paid."""
    if invoice := await commands.paid(work, event.reference, event.voucher, event.paid_on, event.attempt):
        moves.tell(invoices, work, invoice, "pay", invoices.verbs["pay"].label, serves=())


@handlers.on(PaymentReturned)
async def reopen_on_payment_returned(work: Work, event: PaymentReturned) -> None:
    """The invoice is open again with the reason."""
    if invoice := await commands.sent_back(work, event.reference, event.voucher, event.reason, event.attempt):
        moves.tell(invoices, work, invoice, "return", invoices.verbs["return"].label, serves=(), note=event.reason)


@handlers.on(PaymentReversed)
async def reopen_on_payment_reversed(work: Work, event: PaymentReversed) -> None:
    """A wrong payment was undone: the invoice is open again, its order with it."""
    if invoice := await commands.undone(work, event.reference, event.attempt, event.voucher, event.reason):
        moves.tell(invoices, work, invoice, "reverse", N_("付款冲销"), serves=(), note=event.reason)
