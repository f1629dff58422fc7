"""What the office answers about refunds, and resources about originals that leave."""

from __future__ import annotations

from services.reader.desk.losses import originals, refunds
from shared.events.office import PaymentPaid, PaymentReturned, PaymentReversed, VoucherMoved
from shared.events.resources import ItemWithdrawn
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(PaymentPaid)
async def post_refund_on_payment_paid(work: Work, event: PaymentPaid) -> None:
    """The patron's account shows the money as given back."""
    await refunds.paid(work, no=event.reference, voucher=event.voucher, attempt=event.attempt)


@handlers.on(PaymentReturned)
async def reopen_on_payment_returned(work: Work, event: PaymentReturned) -> None:
    """The case waits at the desk again, with the reason."""
    await refunds.returned(work, no=event.reference, reason=event.reason, attempt=event.attempt)


@handlers.on(PaymentReversed)
async def undo_refund_on_payment_reversed(work: Work, event: PaymentReversed) -> None:
    """The money did not reach the patron after all."""
    await refunds.undone(work, no=event.reference, voucher=event.voucher, reason=event.reason, attempt=event.attempt)


@handlers.on(VoucherMoved)
async def note_voucher_on_voucher_moved(work: Work, event: VoucherMoved) -> None:
    """The case shows how far its refund is in the office."""
    await refunds.note_voucher(
        work, no=event.reference, voucher=event.voucher, state=event.state, amount_fen=event.amount_cents
    )


@handlers.on(ItemWithdrawn)
async def settle_on_item_withdrawn(work: Work, event: ItemWithdrawn) -> None:
    """The original that turned up does not stay."""
    await originals.settled(work, barcode=event.barcode, kept=False, reason=event.reason)
