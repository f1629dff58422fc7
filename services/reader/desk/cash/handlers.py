"""What the office answers about deposits."""

from __future__ import annotations

from services.reader.desk.cash import commands
from shared.events.office import PaymentReturned
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(PaymentReturned)
async def take_back_on_payment_returned(work: Work, event: PaymentReturned) -> None:
    """A slip the office cannot book is to be banked and stated anew."""
    await commands.take_back_deposit(work, number=event.reference)
