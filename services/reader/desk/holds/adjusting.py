"""预约调整: changing the order of a queue, and holds that rest for a while."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import func, select, text

from services.reader.desk import HEAD
from services.reader.desk.holds import rules
from services.reader.desk.holds.model import Hold, HoldMove, HoldState
from services.reader.desk.holds.queries import lock_hold, position
from services.reader.desk.patrons.model import Patron
from services.reader.desk.patrons.queries import own_or_staff
from services.reader.rooms.service_points.queries import open_point
from shared.events.reader import HoldMoved, HoldPaused
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
    rules.goes_away(point, await work.get(Patron, hold.patron_id))
    hold.pickup = pickup
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
