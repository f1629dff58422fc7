"""What the office answers about deposits that go back."""

from __future__ import annotations

from services.reader.desk.consortium import lending
from shared.events.office import PaymentPaid, PaymentReturned, PaymentReversed
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(PaymentPaid)
async def post_deposit_on_payment_paid(work: Work, event: PaymentPaid) -> None:
    """The reader's deposit shows as given back and the card is closed."""
    await lending.refund_paid(work, number=event.reference, voucher=event.voucher)


@handlers.on(PaymentReturned)
async def keep_deposit_on_payment_returned(work: Work, event: PaymentReturned) -> None:
    """The deposit stays held and the card is as it was, with the reason."""
    await lending.refund_returned(work, number=event.reference, reason=event.reason)


@handlers.on(PaymentReversed)
async def hold_deposit_again_on_payment_reversed(work: Work, event: PaymentReversed) -> None:
    """The deposit did not reach the reader after all."""
    await lending.refund_undone(work, number=event.reference, reverses=event.reverses, voucher=event.voucher, reason=event.reason)
