"""What the office answers about deposits."""

from __future__ import annotations

from services.reader.desk.cash import commands
from shared.events.office import PaymentReturned, VoucherMoved
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(VoucherMoved)
async def note_voucher_on_voucher_moved(work: Work, event: VoucherMoved) -> None:
    """The deposit shows the voucher that stands for it."""
    await commands.note_voucher(
        work, number=event.reference, voucher=event.voucher, state=event.state, amount_fen=event.amount_cents
    )


@handlers.on(PaymentReturned)
async def take_back_on_payment_returned(work: Work, event: PaymentReturned) -> None:
    """A slip the office cannot book is to be banked and stated anew."""
    await commands.take_back_deposit(work, number=event.reference)
