"""What the office answers about compensations that are given back."""

from __future__ import annotations

from services.reader.desk.violations import commands
from services.reader.desk.violations.register import violations
from shared.events.office import PaymentPaid, PaymentReversed
from shared.i18n import N_
from shared.messaging.handlers import Handlers
from shared.web.register import moves
from shared.work import Work

handlers = Handlers()


@handlers.on(PaymentPaid)
async def end_on_payment_paid(work: Work, event: PaymentPaid) -> None:
    """The revoked case ends with its refund."""
    if await commands.waiting_for_office(work, event.reference, event.attempt):
        await violations.move(work, event.reference, "refunded", voucher=event.voucher)


@handlers.on(PaymentReversed)
async def reopen_on_payment_reversed(work: Work, event: PaymentReversed) -> None:
    """The money did not reach the patron after all: the case waits for its refund again."""
    case = await commands.undone(
        work, no=event.reference, reverses=event.reverses, voucher=event.voucher, reason=event.reason, attempt=event.attempt
    )
    if case is not None:
        moves.tell(violations, work, case, "undone", N_("退款冲销"), serves=(), note=event.reason)
