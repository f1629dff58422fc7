"""What the reading rooms tell of their bundles, and the office of the money."""

from __future__ import annotations

from services.resources.workshop.binding import following, paying
from services.resources.workshop.binding.model import BindingOrder
from services.resources.workshop.binding.orders import orders
from shared.events.office import (
    BudgetAllocated,
    BudgetRefused,
    BudgetReserved,
    PaymentPaid,
    PaymentReturned,
    PaymentReversed,
)
from shared.events.reader import SerialBindingReturned, SerialBindingSent
from shared.i18n import N_
from shared.messaging.handlers import Handlers
from shared.web.register import moves
from shared.work import Work

handlers = Handlers()


@handlers.on(SerialBindingSent)
async def await_set_on_serial_binding_sent(work: Work, event: SerialBindingSent) -> None:
    """A set to be counted in."""
    await following.opened(work, event)


@handlers.on(SerialBindingReturned)
async def confirm_on_serial_binding_returned(work: Work, event: SerialBindingReturned) -> None:
    """The rooms have it again."""
    await following.came_back(work, event)


@handlers.on(BudgetReserved)
async def note_on_budget_reserved(work: Work, event: BudgetReserved) -> None:
    """The binder's money is held."""
    await paying.funded(work, event.reference, event.revision, held=True)


@handlers.on(BudgetRefused)
async def note_on_budget_refused(work: Work, event: BudgetRefused) -> None:
    """There is none; nothing is asked to be paid until there is."""
    await paying.funded(work, event.reference, event.revision, held=False, reason=event.reason)


@handlers.on(BudgetAllocated)
async def ask_again_on_budget_allocated(work: Work, event: BudgetAllocated) -> None:
    """More money: ask once more."""
    if event.open and event.available_cents > 0:
        await paying.ask_again(work, event.budget)


@handlers.on(PaymentPaid)
async def settle_on_payment_paid(work: Work, event: PaymentPaid) -> None:
    """The binder is paid."""
    _tell(work, await paying.paid(work, event.reference, event.voucher, event.paid_on, event.attempt), "pay", orders.verbs["pay"].label)


@handlers.on(PaymentReturned)
async def reopen_on_payment_returned(work: Work, event: PaymentReturned) -> None:
    """The invoice is to be put right."""
    done = await paying.sent_back(work, event.reference, event.reason, event.attempt)
    _tell(work, done, "return", orders.verbs["return"].label, event.reason)


@handlers.on(PaymentReversed)
async def reopen_on_payment_reversed(work: Work, event: PaymentReversed) -> None:
    """A wrong payment was undone."""
    done = await paying.undone(work, event.reference, event.voucher, event.reason, event.attempt)
    _tell(work, done, "reverse", N_("付款冲销"), event.reason)


def _tell(work: Work, order: BindingOrder | None, verb: str, label: str, note: str = "") -> None:
    if order is not None:
        moves.tell(orders, work, order, verb, label, serves=(), note=note)
