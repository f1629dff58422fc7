"""What each step of a commission does besides moving it."""

from __future__ import annotations

from typing import Any

from services.institute.novelty.desk import rules
from services.institute.novelty.desk.model import Commission, Scope
from shared.events.institute import NoveltyCharged
from shared.work import Work


async def receive(_work: Work, commission: Commission, _form: Any) -> None:
    """Name the price as soon as the form is complete."""
    commission.fee_cents = rules.fee(
        Scope(commission.scope), urgent=commission.urgent, copies=commission.copies
    )


async def accept(work: Work, commission: Commission, _form: Any) -> None:
    """Register the commission and promise a day."""
    commission.registered_by = work.actor.id
    commission.due_on = rules.promised(Scope(commission.scope), work.today, urgent=commission.urgent)


async def discount(work: Work, commission: Commission, form: Any) -> None:
    """Approve a discount; never by who registered the fee."""
    if form.discount_cents > commission.fee_cents - commission.paid_cents:
        raise rules.DiscountTooLarge
    commission.discount_by = work.actor.id


async def charge(work: Work, commission: Commission, _form: Any) -> None:
    """Take what is owed, in one sum, against a gapless receipt."""
    amount = rules.owed(commission)
    if amount <= 0:
        raise rules.NothingOwed
    commission.paid_cents += amount
    commission.paid_at = work.now
    commission.receipt = await work.number("CXSJ")
    work.emit(NoveltyCharged(number=commission.no, amount_cents=amount, receipt=commission.receipt))


async def review(work: Work, commission: Commission, _form: Any) -> None:
    """A senior colleague signs the report."""
    if work.actor.rank != "senior" and work.actor.kind != "system":
        raise rules.ReviewerNotSenior
    commission.reviewer = work.actor.id


async def send_back(work: Work, commission: Commission, _form: Any) -> None:
    """The review asks for a further search."""
    if work.actor.rank != "senior" and work.actor.kind != "system":
        raise rules.ReviewerNotSenior
    commission.returns += 1


async def deliver(work: Work, commission: Commission, _form: Any) -> None:
    """Hand over the report when it is paid for."""
    if (amount := rules.owed(commission)) > 0:
        raise rules.FeeOwed(owed=f"{amount / 100:.2f}")
    commission.delivered_at = work.now
