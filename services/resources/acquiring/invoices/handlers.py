"""What the office tells of payments."""

from __future__ import annotations

from services.resources.acquiring.invoices import commands
from services.resources.acquiring.invoices.register import invoices
from shared.events.office import PaymentPaid, PaymentReturned
from shared.messaging.handlers import Handlers
from shared.web.register import moves
from shared.work import Work

handlers = Handlers()


@handlers.on(PaymentPaid)
async def close_on_payment_paid(work: Work, event: PaymentPaid) -> None:
    """The order is closed when its last invoice is paid."""
    if invoice := await commands.paid(work, event.reference, event.voucher, event.paid_on):
        moves.tell(invoices, work, invoice, "pay", invoices.verbs["pay"].label, serves=())


@handlers.on(PaymentReturned)
async def reopen_on_payment_returned(work: Work, event: PaymentReturned) -> None:
    """The invoice is open again with the reason."""
    if invoice := await commands.sent_back(work, event.reference, event.voucher, event.reason):
        moves.tell(invoices, work, invoice, "return", invoices.verbs["return"].label, serves=(), note=event.reason)
