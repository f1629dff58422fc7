"""预约调整: changing the order of a queue, and holds that rest for a while."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from services.reader.desk import HEAD
from services.reader.desk.holds import rules
from services.reader.desk.holds.model import Hold, HoldMove, HoldState
from services.reader.desk.holds.pickup import goes_away
from services.reader.desk.holds.queries import active_hold_of, lock_hold, position, requested
from services.reader.desk.items.queries import item_by_barcode, title_of, with_patron
from services.reader.desk.merging.queries import title_held
from services.reader.desk.patrons.model import Patron
from services.reader.desk.patrons.queries import own_or_staff
from services.reader.rooms.service_points.queries import open_point
from shared.events.reader import HoldMoved, HoldPaused, HoldRedirected, HoldRetargeted
from shared.refusals import Severity
from shared.states import NotFromHere
from shared.work import Work

# One change of order at a time per title; returns and loans do not wait for it.
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:title, 7))")


async def move(work: Work, *, hold_id: UUID, to: str, reason: str) -> tuple[int, int]:
    """Move a waiting hold `up`, `down` or `first`; returns the places before and after.

    A head's decision: the reason is kept with who, when, from and to, and the patron is told.
    """
    work.actor.require(*HEAD)
    if len(reason.strip()) < 2:
        raise rules.ReasonMissing
    known = await work.session.get(Hold, hold_id)
    if known is None or to not in {"up", "down", "first"}:
        raise rules.UnknownHold(hold_id)
    await work.session.execute(_ONE_AT_A_TIME, {"title": known.instance_id})
    hold = await _own(work, hold_id, staff_only=True)
    was = await position(work.session, hold)
    if to == "first":
        if was == 1:
            raise rules.NotMovable
        lowest = await work.session.scalar(select(func.min(Hold.turn)).where(Hold.instance_id == hold.instance_id))
        hold.turn = int(lowest or 0) - 1
    else:
        neighbour = await _neighbour(work, hold, to)
        hold.turn, neighbour.turn = neighbour.turn, hold.turn
    await work.session.flush()
    became = await position(work.session, hold)
    work.session.add(HoldMove(
        hold_id=hold.id, instance_id=hold.instance_id, card=hold.card, at=work.now, by=work.actor.id,
        was=was, became=became, reason=reason.strip(),
    ))
    work.emit(HoldMoved(
        hold_id=str(hold.id), card=hold.card, instance_id=hold.instance_id, title=hold.title,
        was=was, position=became, reason=reason.strip(),
    ))
    return was, became


async def _neighbour(work: Work, hold: Hold, to: str) -> Hold:
    up = to == "up"
    found = await work.session.scalar(
        select(Hold).where(
            Hold.instance_id == hold.instance_id, Hold.state == HoldState.waiting,
            Hold.turn < hold.turn if up else Hold.turn > hold.turn,
        ).order_by(Hold.turn.desc() if up else Hold.turn).limit(1)
        .with_for_update().execution_options(populate_existing=True)
    )
    if found is None:
        raise rules.NotMovable
    return found


async def retarget(
    work: Work, *, hold_id: UUID, reason: str, barcode: str = "", instance_id: str = ""
) -> Hold:
    """Let a waiting hold wait for the one copy of `barcode`, or for any copy of a title (its own unless named).

    A head's decision, kept with its reason. The turn goes along: nobody waits longer for being helped.
    """
    work.actor.require(*HEAD)
    if len(reason.strip()) < 2:
        raise rules.ReasonMissing
    hold = await _own(work, hold_id, staff_only=True)
    wanted = await item_by_barcode(work.session, barcode) if barcode else None
    instance = await title_held(work.session, wanted.instance_id if wanted else instance_id or hold.instance_id)
    title = await title_of(work.session, instance)
    if title is None:
        raise rules.UnknownTitle(instance)
    if instance == hold.instance_id and hold.wanted_id == (wanted.id if wanted else None):
        raise rules.SameTarget
    elsewhere = instance != hold.instance_id
    reasons = rules.objections(
        card_blocks=[], active=0,
        already=elsewhere and await work.session.scalar(select(active_hold_of(hold.patron_id, instance))) is not None,
        at_home=elsewhere and await with_patron(work.session, instance, hold.patron_id),
        may=rules.answer(
            await requested(work.session, instance, wanted.id if wanted else None),
            level=rules.Asks.item if wanted else rules.Asks.any, pickup=hold.pickup,
        ),
    )
    if any(r.severity is not Severity.OVERRIDE for r in reasons):  # what a head may allow, this head allows
        raise rules.HoldRefused(reasons)
    move = HoldMove(
        hold_id=hold.id, card=hold.card, at=work.now, by=work.actor.id, was=await position(work.session, hold),
        reason=reason.strip(), from_instance=hold.instance_id, from_title=hold.title, from_wanted=hold.wanted,
        instance_id=instance, title=title, wanted=wanted.barcode if wanted else "", became=0,
    )
    if elsewhere:
        await work.session.execute(_ONE_AT_A_TIME, {"title": instance})
        if hold.turn < 1:  # a head had put it first; numbers below one are each queue's own
            lowest = await work.session.scalar(select(func.min(Hold.turn)).where(Hold.instance_id == instance))
            hold.turn = min(int(lowest or 0), 1) - 1
    hold.instance_id, hold.title = instance, title
    hold.wanted_id, hold.wanted = (wanted.id, wanted.barcode) if wanted else (None, "")
    try:
        await work.session.flush()
    except IntegrityError as error:  # another desk has just placed one there for the same patron
        raise rules.HoldRefused(rules.twice()) from error
    move.became = await position(work.session, hold)
    work.session.add(move)
    work.emit(HoldRetargeted(
        hold_id=str(hold.id), card=hold.card, instance_id=instance, title=title, from_instance=move.from_instance,
        from_title=move.from_title, barcode=hold.wanted, position=move.became, reason=move.reason,
    ))
    return hold


async def pause(work: Work, *, hold_id: UUID, until: date | None) -> Hold:
    """Rest until a day, keeping the place; without a day take part again at once. Patrons their own."""
    hold = await _own(work, hold_id)
    hold.paused_until = rules.within(until, work.today, rules.LONGEST_PAUSE)
    work.emit(HoldPaused(
        hold_id=str(hold.id), card=hold.card, instance_id=hold.instance_id, title=hold.title, until=until
    ))
    return hold


async def fetch_at(work: Work, *, hold_id: UUID, pickup: str) -> Hold:
    """Another pickup point, as long as no item is on its way."""
    point = await open_point(work.session, pickup)
    hold = await _own(work, hold_id)
    goes_away(point, await work.get(Patron, hold.patron_id))
    hold.pickup = pickup
    work.emit(HoldRedirected(
        hold_id=str(hold.id), card=hold.card, instance_id=hold.instance_id, title=hold.title, pickup=pickup
    ))
    return hold


async def _own(work: Work, hold_id: UUID, *, staff_only: bool = False) -> Hold:
    """A waiting hold, locked; a patron finds only their own."""
    hold = await lock_hold(work.session, hold_id)
    if hold is None or (work.actor.kind == "patron" and (staff_only or hold.card != work.actor.card)):
        raise rules.UnknownHold(hold_id)
    own_or_staff(work.actor, hold.card)
    if hold.state is not HoldState.waiting:
        raise NotFromHere(hold.state, "move")
    return hold
