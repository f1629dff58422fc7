"""What the office answers about compensations that are given back."""

from __future__ import annotations

from services.reader.desk.violations import commands
from services.reader.desk.violations.register import violations
from shared.events.office import PaymentPaid
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(PaymentPaid)
async def end_on_payment_paid(work: Work, event: PaymentPaid) -> None:
    """The revoked case ends with its refund."""
    if await commands.waiting_for_office(work, event.reference):
        await violations.move(work, event.reference, "refunded", voucher=event.voucher)
