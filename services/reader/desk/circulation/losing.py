"""Loans that end without the book: declared lost, claimed returned, overdue for too long."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from services.reader.desk import DESK
from services.reader.desk.circulation.commands import Returned, take_back
from services.reader.desk.circulation.model import Loan
from services.reader.desk.circulation.queries import lock_open_loan
from services.reader.desk.circulation.rules import fine_of
from services.reader.desk.condition.model import DamageKind, Grade
from services.reader.desk.holds.following import cancel_title
from services.reader.desk.items import rules as item_rules
from services.reader.desk.items.model import Circulation, Item
from services.reader.desk.losses import commands as losses
from services.reader.desk.losses.model import How, Loss
from services.reader.desk.losses.queries import copies_left, open_loss_of
from services.reader.desk.losses.rules import LOST_AFTER_DAYS, NotToLose
from shared.i18n import N_
from shared.work import Work

# A morning's work; what is left comes the next day.
BATCH = 500


async def declare_lost(work: Work, *, barcode: str, how: How = How.declared, note: str = "") -> Loss:
    """The patron has lost the item: the loan ends today, with the fine up to today."""
    work.actor.require(*DESK)
    item, loan, _first, closed, _book = await lock_open_loan(work.session, barcode, work.today)
    if item.circulation is Circulation.claimed_returned:
        return await _search_failed(work, item)
    if loan is None or item.circulation is not Circulation.on_loan:
        raise NotToLose(title=item.title, state=item.circulation.text)
    loss = await _end(work, item, loan, closed, how=how, note=note)
    losses.charge_fine(work, loss)
    await work.session.flush()
    await _tell_holds(work, item)
    return loss


async def claim_returned(work: Work, *, barcode: str, note: str = "") -> Loss:
    """The patron says the item was returned: it is searched for, and no fine grows meanwhile."""
    work.actor.require(*DESK)
    item, loan, _first, closed, _book = await lock_open_loan(work.session, barcode, work.today)
    if loan is None or item.circulation is not Circulation.on_loan:
        raise NotToLose(title=item.title, state=item.circulation.text)
    loss = await _end(work, item, loan, closed, how=How.claimed, note=note)
    await work.session.flush()
    return loss


async def found(work: Work, *, barcode: str, damage: tuple[DamageKind, Grade] | None = None) -> Returned:
    """The item is here again; a return like any other, which also closes or moves the case."""
    return await take_back(work, barcode=barcode, damage=damage)


async def lose_overdue(work: Work) -> int:
    """Loans overdue for half a year count as lost; run every morning."""
    before = work.today - timedelta(days=LOST_AFTER_DAYS)
    barcodes = (await work.session.scalars(
        select(Loan.barcode).where(Loan.returned_at.is_(None), Loan.due_on < before)
        .order_by(Loan.due_on, Loan.id).limit(BATCH)
    )).all()
    for barcode in barcodes:
        await declare_lost(work, barcode=barcode, how=How.overdue)
    return len(barcodes)


async def _end(
    work: Work, item: Item, loan: Loan, closed: frozenset[date], *, how: How, note: str
) -> Loss:
    fine = None
    if loan.due_on < work.today:
        fine = fine_of(loan, work.today, closed=closed, price_fen=item.price_fen)
    claimed = how is How.claimed
    loan.returned_at, loan.returned_by, loan.ended_as = work.now, work.actor.id, "claimed" if claimed else "lost"
    loan.fine_fen, loan.fine_explain = (fine["amount_cents"] if fine else 0), fine
    item_rules.move(item, "claim" if claimed else "lose", work.now)
    item.patron_id = None
    await work.session.flush()
    return await losses.open_case(
        work, item, how=how, loan_id=loan.id, patron_id=loan.patron_id, card=loan.card or "", fine=fine,
        note=note[:300],
    )


async def _search_failed(work: Work, item: Item) -> Loss:
    loss = await open_loss_of(work.session, item.id, lock=True)
    if loss is None:
        raise NotToLose(title=item.title, state=item.circulation.text)
    item_rules.move(item, "lose", work.now)
    await work.session.flush()
    await losses.give_up_search(work, loss, item)
    await work.session.flush()
    await _tell_holds(work, item)
    return loss


async def _tell_holds(work: Work, item: Item) -> None:
    """Nobody waits in vain: with the last copy gone, the queue is told."""
    if await copies_left(work.session, item.instance_id) == 0:
        await cancel_title(work, instance_id=item.instance_id, reason=N_("最后一册遗失"))
