"""The verbs of the desk: lend, take back, renew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from services.reader.desk import DESK
from services.reader.desk.calendar.rules import after_open_days
from services.reader.desk.charges import commands as charges
from services.reader.desk.charges.model import Kind
from services.reader.desk.circulation import rules
from services.reader.desk.circulation.model import Loan
from services.reader.desk.circulation.queries import (
    facts_for_loan,
    lock_open_loan,
    unknown,
)
from services.reader.desk.condition import commands as condition
from services.reader.desk.condition.model import DamageKind, Grade, Slip
from services.reader.desk.discs import commands as discs
from services.reader.desk.discs.model import Came, DiscCheck
from services.reader.desk.discs.rules import must_check
from services.reader.desk.holds import commands as holds
from services.reader.desk.holds.model import Hold, HoldState
from services.reader.desk.holds.queries import ready_hold
from services.reader.desk.items import commands as items
from services.reader.desk.items import rules as item_rules
from services.reader.desk.items.model import Circulation, Condition, Item
from services.reader.desk.items.rules import SHELVE_AT_ONCE
from services.reader.desk.losses import originals, refunds
from services.reader.desk.losses.model import Loss
from services.reader.desk.patrons import commands as patrons
from services.reader.desk.patrons.model import Patron
from services.reader.desk.patrons.queries import lock_patron, own_or_staff
from services.reader.desk.patrons.rules import suspend_for_overdue
from services.reader.desk.policies.rules import resolve
from services.reader.desk.policies.values import Terms
from services.reader.desk.signing import rules as signing
from services.reader.desk.signing.model import Act
from services.reader.desk.transit import commands as transit
from services.reader.desk.transit.model import Transit
from services.reader.desk.transit.queries import open_transit_of
from services.reader.rooms.service_points.queries import open_point
from shared.events.reader import ItemLent, ItemReturned, LoanRenewed
from shared.i18n import N_
from shared.identity import Approval
from shared.refusals import Reason
from shared.work import Work

KEPT = {Circulation.hold_shelf, Circulation.in_transit}


@dataclass(frozen=True, slots=True)
class Lent:
    """What a lending did."""

    loan: Loan
    item: Item
    patron: Patron
    filled: Hold | None = None
    terms: Terms | None = None


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
    transit: Transit | None = None
    loss: Loss | None = None
    check: DiscCheck | None = None


async def lend(
    work: Work, *, card: str, barcode: str, override: bool = False, note: str = "", delegate: str = "",
    happened: bool = False, due_on: date | None = None, signed: Approval | None = None,
) -> Lent:
    """Lend the item to the patron, or say at once everything that stands against it.

    `override` with a note sets aside what the actor's posts allow to be set aside; it is kept with
    the loan; `signed` does the same by a head's signature, already spent. `delegate` is the card of whoever
    fetches it for the patron. `happened` records a loan made while the desk or a self-check machine had no
    network, perhaps until `due_on`: the book is gone, so only what is untrue of it refuses, and what the rules
    say against it is kept.
    """
    work.actor.require(*DESK, *(("terminal",) if happened else ()))
    facts = await facts_for_loan(work.session, barcode=barcode, card=card, today=work.today)
    if facts is None:
        raise rules.LoanRefused(await unknown(work.session, card=card, barcode=barcode))
    if signed:
        signing.check(
            signed, actor=work.actor, act=Act.lend, card=facts.patron.card, thing=facts.item.barcode
        )
    reasons = rules.objections(facts, work.today)
    allowed = rules.overridden(reasons, asked=override, note=note, actor=work.actor, signed=signed)
    if allowed is None and happened:
        allowed = rules.after_the_fact(reasons, work.actor, note)
    if allowed is None:
        raise rules.LoanRefused(reasons)
    item, patron = facts.item, facts.patron
    card = patron.card  # the chip may have been scanned
    if item.condition is Condition.unchecked:  # it happened: the disc went out before anybody looked
        await discs.drop(work, item, reason=N_("未验盘又借出"))
    filled = None
    if item.circulation in KEPT and facts.ready_for not in {None, patron.id}:
        await holds.put_back(work, item, reason=N_("借给了其他读者"))
    elif item.circulation is Circulation.in_transit:
        await transit.end(work, item, how="stop")
    if facts.own_hold is not None:
        # Another copy that stood ready for this patron is pulled from the hold shelf later.
        filled = await holds.fill(work, facts.own_hold, item)
    due, explain = rules.due_date(
        facts.terms.terms, patron.category.value, work.today, facts.closed, ruling=facts.terms
    )
    if due_on is not None:
        due, explain = due_on, {**explain, "due_on": due_on.isoformat()}
    loan = Loan(
        item_id=item.id, patron_id=patron.id, card=card, barcode=item.barcode, title=item.title,
        call_number=item.call_number, instance_id=item.instance_id, lent_at=work.now,
        lent_by=work.actor.id, due_on=due, explain=explain, override=allowed, delegate_card=delegate,
        category=patron.category.value, college=patron.college, class_name=patron.class_name,
    )
    item_rules.move(item, "lend", work.now)
    item.patron_id, item.loans = patron.id, item.loans + 1
    work.session.add(loan)
    work.emit(ItemLent(**item_rules.about(item), loan_id=str(loan.id), card=card, due_on=due))
    # The database has the last word on "lent once".
    work.refuse_on("uq_loan_open", rules.LoanRefused([Reason("item-on-loan", N_("该册刚刚被另一台借出"))]))
    return Lent(loan, item, patron, filled, facts.terms.terms)


async def take_back(
    work: Work, *, barcode: str, damage: tuple[DamageKind, Grade] | None = None, note: str = "",
    on: date | None = None, at: str = "",
) -> Returned:
    """Take an item back: fine, damage, the next patron in the queue, and where it goes now.

    An item that was not lent is put in order all the same. `on` is the day it really came back, such
    as last night into the drop box: the fine counts to that day. `at` is the service point of the desk:
    from there the item travels to whoever waits elsewhere, or home; without it nothing travels.
    """
    work.actor.require(*DESK)
    if at:
        await open_point(work.session, at)
    item, loan, first_waiting, closed, _book = await lock_open_loan(work.session, barcode, work.today)
    if item.circulation is Circulation.hold_shelf and damage is None:
        kept = await ready_hold(work.session, item.id)
        if kept is not None:
            return Returned(item, "hold_shelf", hold=kept)
    if (case := await originals.turned_up(work, item, damaged=damage is not None)) is not None:
        return Returned(item, "transit", loss=case)
    came = await holds.arrive(work, item, at=at) if item.circulation is Circulation.in_transit else None
    fine: dict[str, Any] | None = None
    if loan is not None:
        loan.returned_at, loan.returned_by = work.now, work.actor.id
        if loan.due_on < (on or work.today):
            fine = rules.fine_of(loan, on or work.today, closed=closed, price_fen=item.price_fen)
            await _suspend(work, loan, fine, closed)
            loan.fine_fen, loan.fine_explain = fine["amount_cents"], fine
    was = item.circulation
    if was is not Circulation.hold_shelf:
        item_rules.move(item, "return", work.now)
    if was in {Circulation.lost, Circulation.claimed_returned}:
        await refunds.recovered(work, item, damaged=damage is not None)
    slip = None
    if damage is not None:
        if came is not None:
            await holds.put_back(work, item, reason=N_("发现破损"))
            came = None
        slip = await condition.report_item(
            work, item, kind=damage[0], grade=damage[1], note=note, loan_id=loan.id if loan else None
        )
    unchecked = damage is None and must_check(item, was)
    next_ = "check" if unchecked else item_rules.next_step(item)
    if next_ == "shelve" and (first_waiting or came) is not None:
        next_ = "hold_shelf"
    _tell_return(work, item, loan, fine, next_)
    check = await discs.open_check(work, item, loan=loan, came=_came(work, on)) if unchecked else None
    if loan is not None and loan.fine_fen and loan.patron_id and loan.card:
        charges.post_charge(
            work, patron_id=loan.patron_id, card=loan.card, kind=Kind.overdue, amount_fen=loan.fine_fen,
            loan_id=loan.id, barcode=loan.barcode, title=loan.title, explain=fine,
        )
    hold, way = await place(work, item, next_, at=at, came=came)
    if way is not None:
        next_ = f"send_{way.why.value}"
    elif hold is None and next_ == "hold_shelf":
        next_ = "shelve"
    return Returned(item, next_, loan, loan.fine_fen if loan else 0, fine, hold, slip, way, check=check)


def _came(work: Work, on: date | None) -> Came:
    if on is not None:
        return Came.drop_box
    return Came.selfcheck if work.actor.kind == "terminal" else Came.desk


async def _suspend(
    work: Work, loan: Loan, fine: dict[str, Any], closed: frozenset[date]
) -> None:
    """Where the rule says so, a late return stops lending for some open days; the fine says until when."""
    if not fine["suspend_days"] or not loan.card:
        return
    patron = await lock_patron(work.session, loan.card)
    until = after_open_days(work.today, fine["suspend_days"], closed)
    before = patron.suspended_until
    if suspend_for_overdue(patron, until=until, today=work.today) is None:
        return
    fine["suspended_until"] = until.isoformat()
    fine["suspended_before"] = before.isoformat() if before else None
    patrons.tell(work, patron, patron.state)


def _tell_return(
    work: Work, item: Item, loan: Loan | None, fine: dict[str, Any] | None, next_: str
) -> None:
    work.emit(ItemReturned(
        **item_rules.about(item), loan_id=str(loan.id) if loan else "",
        card=(loan.card or "") if loan else "", overdue_days=fine["overdue_days"] if fine else 0,
        fine_cents=fine["amount_cents"] if fine else 0, next=next_,
    ))


async def place(
    work: Work, item: Item, next_: str, *, at: str, came: Hold | None = None
) -> tuple[Hold | None, Transit | None]:
    """To the next patron in turn, else home, else to the shelf (which the default setting takes as done)."""
    if next_ not in {"shelve", "hold_shelf"}:
        return None, None
    hold = None
    if item.circulation is Circulation.hold_shelf:  # nobody fetched it: pull it
        hold = await holds.pull(work, item, at=at)
    elif next_ == "hold_shelf":
        hold = await holds.offer(work, item, at=at, kept=came)
    if hold is not None:
        return hold, await open_transit_of(work.session, item.id) if hold.state is HoldState.transit else None
    way = await transit.send_home(work, item, at=at) if at else None
    if way is None and SHELVE_AT_ONCE:
        items.put_away(work, item)
    return None, way


async def renew(
    work: Work, *, barcode: str, override: bool = False, note: str = "", happened: bool = False,
    due_on: date | None = None, signed: Approval | None = None,
) -> tuple[Loan, Patron]:
    """A later due date, counted from the present one; patrons renew their own loans.

    `happened`, `due_on` and `signed` as in `lend`.
    """
    item, loan, first_waiting, closed, book = await lock_open_loan(work.session, barcode, work.today)
    if loan is None or loan.card is None:
        raise rules.NotOnLoan(title=item.title)
    own_or_staff(work.actor, loan.card)
    if work.actor.kind != "patron":
        work.actor.require(*DESK, *(("terminal",) if happened else ()))
    patron = await lock_patron(work.session, loan.card)
    if signed:
        signing.check(signed, actor=work.actor, act=Act.renew, card=patron.card, thing=item.barcode)
    ruling = resolve(book, patron.category.value, item.kind, item.location)
    reasons = rules.renewal_objections(
        loan, patron, today=work.today, first_waiting=first_waiting, terms=ruling.terms
    )
    due, explain = rules.due_date(
        ruling.terms, patron.category.value, max(loan.due_on, work.today), closed,
        renewal=loan.renewals + 1, ruling=ruling, today=work.today,
    )
    if due <= loan.due_on:
        reasons.append(Reason("no-later-due", N_("续借后应还 {day}，不晚于现在"), params={"day": due}))
    allowed = rules.overridden(reasons, asked=override, note=note, actor=work.actor, signed=signed)
    if allowed is None and happened:
        allowed = rules.after_the_fact(reasons, work.actor, note)
    if allowed is None:
        raise rules.RenewalRefused(reasons)
    before = rules.before_renewal(loan)
    loan.renewals, loan.due_on, loan.explain = loan.renewals + 1, due, explain
    loan.renewed_at, loan.renewed_by = work.now, work.actor.id
    loan.recalled_at, loan.due_before = None, None
    if due_on is not None:
        loan.due_on, loan.explain = due_on, {**loan.explain, "due_on": due_on.isoformat()}
    loan.explain["before"] = before
    loan.override = [*loan.override, *allowed]
    work.emit(LoanRenewed(
        **item_rules.about(item), loan_id=str(loan.id), card=loan.card, due_on=loan.due_on
    ))
    return loan, patron
