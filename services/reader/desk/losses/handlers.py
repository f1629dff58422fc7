"""What the office answers about refunds."""

from __future__ import annotations

from services.reader.desk.losses import refunds
from shared.events.office import PaymentPaid, PaymentReturned
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(PaymentPaid)
async def post_refund_on_payment_paid(work: Work, event: PaymentPaid) -> None:
    """The patron's account shows the money as given back."""
    await refunds.paid(work, no=event.reference, voucher=event.voucher)


@handlers.on(PaymentReturned)
async def reopen_on_payment_returned(work: Work, event: PaymentReturned) -> None:
    """The case waits at the desk again, with the reason."""
    await refunds.returned(work, no=event.reference, reason=event.reason)
