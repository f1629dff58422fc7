"""The verbs of the desk: lend, take back, renew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from services.reader.desk import DESK
from services.reader.desk.charges import commands as charges
from services.reader.desk.charges.model import Kind
from services.reader.desk.charges.rules import overdue_fine
from services.reader.desk.circulation import rules
from services.reader.desk.circulation.model import Loan
from services.reader.desk.circulation.queries import due_on_days, facts_for_loan, lock_open_loan
from services.reader.desk.condition import commands as condition
from services.reader.desk.condition.model import DamageKind, Grade, Slip
from services.reader.desk.holds import commands as holds
from services.reader.desk.holds.model import Hold
from services.reader.desk.holds.queries import ready_hold
from services.reader.desk.items import commands as items
from services.reader.desk.items import rules as item_rules
from services.reader.desk.items.model import Circulation, Item
from services.reader.desk.items.rules import SHELVE_AT_ONCE
from services.reader.desk.patrons.model import Patron
from services.reader.desk.patrons.queries import lock_patron, numbered, own_or_staff, why_unknown
from services.reader.desk.patrons.rules import TERMS
from shared.events.reader import ItemLent, ItemReturned, LoanReminded, LoanRenewed
from shared.i18n import N_
from shared.refusals import Reason
from shared.work import Work


@dataclass(frozen=True, slots=True)
class Lent:
    """What a lending did."""

    loan: Loan
    item: Item
    patron: Patron
    filled: Hold | None = None


@dataclass(frozen=True, slots=True)
class Returned:
    """What a return did: `next` is where the item goes; `loan` is None when it was not lent."""

    item: Item
    next: str
    loan: Loan | None = None
    fine_fen: int = 0
    fine: dict[str, Any] | None = None
    hold: Hold | None = None
    slip: Slip | None = None


async def lend(
    work: Work, *, card: str, barcode: str, override: bool = False, note: str = ""
) -> Lent:
    """Lend the item to the patron, or say at once everything that stands against it.

    `override` with a note sets aside what the actor's posts allow to be set aside; it is kept with
    the loan.
    """
    work.actor.require(*DESK)
    facts = await facts_for_loan(work.session, barcode=barcode, card=card, today=work.today)
    if facts is None:
        raise rules.LoanRefused(await _unknown(work, card=card, barcode=barcode))
    reasons = rules.objections(facts, work.today)
    allowed = rules.overridden(reasons, asked=override, note=note, actor=work.actor)
    if allowed is None:
        raise rules.LoanRefused(reasons)
    item, patron = facts.item, facts.patron
    card = patron.card  # the chip may have been scanned
    filled = None
    if item.circulation is Circulation.hold_shelf and facts.ready_for not in {None, patron.id}:
        await holds.put_back(work, item, reason=N_("借给了其他读者"))
    if facts.own_hold is not None:
        # Another copy that stood ready for this patron is pulled from the hold shelf later.
        filled = await holds.fill(work, facts.own_hold, item)
    due, explain = rules.due_date(
        TERMS[patron.category], patron.category.value, work.today, facts.closed
    )
    loan = Loan(
        item_id=item.id, patron_id=patron.id, card=card, barcode=item.barcode, title=item.title,
        call_number=item.call_number, instance_id=item.instance_id, lent_at=work.now,
        lent_by=work.actor.id, due_on=due, explain=explain, override=allowed,
        category=patron.category.value, college=patron.college, class_name=patron.class_name,
    )
    item_rules.move(item, "lend", work.now)
    item.patron_id, item.loans = patron.id, item.loans + 1
    work.session.add(loan)
    work.emit(ItemLent(**item_rules.about(item), loan_id=str(loan.id), card=card, due_on=due))
    try:
        await work.session.flush()
    except IntegrityError as error:  # the database has the last word on "lent once"
        raise rules.LoanRefused([Reason("item-on-loan", N_("该册刚刚被另一台借出"))]) from error
    return Lent(loan, item, patron, filled)


async def _unknown(work: Work, *, card: str, barcode: str) -> list[Reason]:
    """Which of the two nobody knows, and whether they were only swapped."""
    known = await work.session.scalar(select(Item.id).where(Item.barcode == barcode))
    patron = await work.session.scalar(select(Patron.id).where(numbered(card)))
    found = []
    if patron is None:
        why = await why_unknown(work.session, card)
        found.append(Reason(why.code, why.message, params=why.params))
    if known is None:
        swapped = await work.session.scalar(select(Patron.id).where(numbered(barcode)))
        text = N_("{code} 是读者证，不是图书条码") if swapped else N_("没有条码为 {code} 的馆藏")
        found.append(Reason("unknown-barcode", text, params={"code": barcode}))
    return found


async def take_back(
    work: Work, *, barcode: str, damage: tuple[DamageKind, Grade] | None = None, note: str = "",
    on: date | None = None,
) -> Returned:
    """Take an item back: fine, damage, the next patron in the queue, and where it goes now.

    An item that was not lent is put in order all the same. `on` is the earlier day on which it was
    given back at another library: the fine runs to that day.
    """
    work.actor.require(*DESK)
    item, loan, first_waiting, closed = await lock_open_loan(work.session, barcode, work.today)
    if item.circulation is Circulation.hold_shelf and damage is None:
        kept = await ready_hold(work.session, item.id)
        if kept is not None:
            return Returned(item, "hold_shelf", hold=kept)
    fine: dict[str, Any] | None = None
    if loan is not None:
        loan.returned_at, loan.returned_by = work.now, work.actor.id
        day = on or work.today
        if loan.due_on < day:
            fine = overdue_fine(loan.due_on, day, closed=closed, price_fen=item.price_fen)
            loan.fine_fen, loan.fine_explain = fine["amount_cents"], fine
    if item.circulation is not Circulation.hold_shelf:
        item_rules.move(item, "return", work.now)
    slip = None
    if damage is not None:
        slip = await condition.report_item(
            work, item, kind=damage[0], grade=damage[1], note=note, loan_id=loan.id if loan else None
        )
    next_ = item_rules.next_step(item)
    if next_ == "shelve" and first_waiting is not None:
        next_ = "hold_shelf"
    _tell_return(work, item, loan, fine, next_)
    if loan is not None and loan.fine_fen and loan.patron_id and loan.card:
        charges.post_charge(
            work, patron_id=loan.patron_id, card=loan.card, kind=Kind.overdue, amount_fen=loan.fine_fen,
            loan_id=loan.id, barcode=loan.barcode, title=loan.title, explain=fine,
        )
    hold = await _place(work, item, next_)
    if hold is None and next_ == "hold_shelf":
        next_ = "shelve"
    return Returned(item, next_, loan, loan.fine_fen if loan else 0, fine, hold, slip)


def _tell_return(
    work: Work, item: Item, loan: Loan | None, fine: dict[str, Any] | None, next_: str
) -> None:
    work.emit(ItemReturned(
        **item_rules.about(item), loan_id=str(loan.id) if loan else "",
        card=(loan.card or "") if loan else "", overdue_days=fine["overdue_days"] if fine else 0,
        fine_cents=fine["amount_cents"] if fine else 0, next=next_,
    ))


async def _place(work: Work, item: Item, next_: str) -> Hold | None:
    """To the next patron in turn, else to the shelf (which the default setting takes as done)."""
    if next_ not in {"shelve", "hold_shelf"}:
        return None
    hold = None
    if item.circulation is Circulation.hold_shelf:  # nobody fetched it: pull it
        hold = await holds.pull(work, item)
    elif next_ == "hold_shelf":
        hold = await holds.offer(work, item)
    if hold is None and SHELVE_AT_ONCE:
        items.put_away(work, item)
    return hold


async def renew(
    work: Work, *, barcode: str, override: bool = False, note: str = ""
) -> tuple[Loan, Patron]:
    """A later due date, counted from the present one; patrons renew their own loans."""
    item, loan, first_waiting, closed = await lock_open_loan(work.session, barcode, work.today)
    if loan is None or loan.card is None:
        raise rules.NotOnLoan(title=item.title)
    own_or_staff(work.actor, loan.card)
    if work.actor.kind != "patron":
        work.actor.require(*DESK)
    patron = await lock_patron(work.session, loan.card)
    reasons = rules.renewal_objections(loan, patron, today=work.today, first_waiting=first_waiting)
    allowed = rules.overridden(reasons, asked=override, note=note, actor=work.actor)
    if allowed is None:
        raise rules.RenewalRefused(reasons)
    loan.renewals += 1
    loan.due_on, loan.explain = rules.due_date(
        TERMS[patron.category], patron.category.value, max(loan.due_on, work.today), closed,
        renewal=loan.renewals,
    )
    loan.override = [*loan.override, *allowed]
    work.emit(LoanRenewed(
        **item_rules.about(item), loan_id=str(loan.id), card=loan.card, due_on=loan.due_on
    ))
    return loan, patron


async def remind(work: Work) -> int:
    """Tell patrons before the day and on the 1st, 7th, 30th and 60th day after it; run every morning."""
    days = {work.today - timedelta(days=n): n for n in rules.REMINDERS}
    loans = await due_on_days(work.session, list(days))
    for loan in loans:
        work.emit(LoanReminded(
            barcode=loan.barcode, title=loan.title, call_number=loan.call_number,
            instance_id=loan.instance_id, loan_id=str(loan.id), card=loan.card or "",
            due_on=loan.due_on, days=days[loan.due_on],
        ))
    return len(loans)
