"""Placing, offering, ending holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete, select

from services.reader.desk import DESK
from services.reader.desk.calendar.rules import after_open_days
from services.reader.desk.holds import rules
from services.reader.desk.holds.model import Errand, Hold, HoldState
from services.reader.desk.holds.pickup import goes_away
from services.reader.desk.holds.queries import (
    ACTIVE,
    keeping,
    lapsed,
    lock_hold,
    overdue_pickups,
    position,
    ready_hold,
    requested,
    rested,
    take_next,
)
from services.reader.desk.items import rules as item_rules
from services.reader.desk.items.model import Circulation, Condition, Item
from services.reader.desk.items.queries import item_by_barcode, lock_item, title_of, with_patron
from services.reader.desk.merging.queries import title_held
from services.reader.desk.patrons import commands as patrons
from services.reader.desk.patrons.queries import lock_patron, own_or_staff, terms_of
from services.reader.desk.patrons.rules import card_blocks, missed_pickup
from services.reader.desk.signing import rules as signing
from services.reader.desk.signing.model import Act
from services.reader.desk.transit import commands as transit
from services.reader.desk.transit.model import Transit, Why
from services.reader.desk.transit.queries import transit_by_number
from services.reader.rooms.service_points.queries import open_point
from shared.events.reader import (
    ErrandGivenUp,
    ErrandTaken,
    HoldEnded,
    HoldPlaced,
    HoldPostponed,
    HoldReady,
)
from shared.i18n import N_
from shared.identity import Approval
from shared.refusals import Reason
from shared.work import Work


async def place(
    work: Work, *, card: str, instance_id: str = "", barcode: str = "", pickup: str = "",
    needed_by: date | None = None, override: bool = False, note: str = "", against: Sequence[Reason] = (),
    signed: Approval | None = None,
) -> tuple[Hold, int]:
    """Queue the patron for a title, or for one item by its `barcode`; returns the hold and its position.

    Patrons place their own; a head of the point may override, with a note or by signature, what can be. `against` is
    what the caller has found already, so that all reasons are said at once.
    """
    own_or_staff(work.actor, card)
    rules.within(needed_by, work.today, rules.LONGEST_WAIT)
    point = await open_point(work.session, pickup) if pickup else None
    wanted = await item_by_barcode(work.session, barcode) if barcode else None
    patron = await lock_patron(work.session, card)
    instance_id = await title_held(work.session, wanted.instance_id if wanted else instance_id)
    card = patron.card  # the chip may have been scanned
    away = goes_away(point, patron)
    title = await title_of(work.session, instance_id)
    if title is None:
        raise rules.UnknownTitle(instance_id)
    already = await work.session.scalar(
        select(Hold.id).where(
            Hold.patron_id == patron.id, Hold.instance_id == instance_id, Hold.state.in_(ACTIVE),
        )
    )
    reasons = rules.objections(
        card_blocks=card_blocks(patron, work.today), already=already is not None,
        at_home=await with_patron(work.session, instance_id, patron.id),
        may=rules.answer(
            await requested(work.session, instance_id, wanted.id if wanted else None),
            level=rules.Asks.item if wanted else rules.Asks.any, pickup=pickup, away=away,
        ),
        active=patron.holds_waiting + patron.holds_ready,
        limit=(await terms_of(work.session, patron, work.today)).holds,
    ) + list(against)
    thing = wanted.barcode if wanted else instance_id
    if signed:
        signing.check(signed, actor=work.actor, act=Act.hold, card=card, thing=thing)
    if not signing.set_aside(reasons, actor=work.actor, override=override, signed=signed):
        raise rules.HoldRefused(reasons, card=card, thing=thing, title=title, instance_id=instance_id)
    hold = Hold(
        instance_id=instance_id, title=title, patron_id=patron.id, card=card, placed_at=work.now,
        placed_by=work.actor.id, reason=(signed.reason if signed else note) if reasons else "", pickup=pickup,
        needed_by=needed_by or work.today + rules.LONGEST_WAIT,
        wanted_id=wanted.id if wanted else None, wanted=wanted.barcode if wanted else "",
    )
    work.session.add(hold)
    await work.session.flush()
    place_ = await position(work.session, hold)
    work.emit(HoldPlaced(
        hold_id=str(hold.id), card=card, instance_id=instance_id, title=title, position=place_,
        pickup=pickup, barcode=hold.wanted,
    ))
    return hold, place_


async def offer(work: Work, item: Item, *, at: str = "", kept: Hold | None = None) -> Hold | None:
    """Give an item the caller has locked to whoever is next (to `kept`, if it came for them); None if nobody waits.

    At the patron's point it goes on the hold shelf and the patron is told; elsewhere into the box there.
    """
    if item.condition is Condition.unchecked:  # nobody gets a disc that was not looked at
        return None
    hold = kept or await take_next(work.session, item.instance_id, item.id)
    if hold is None:
        return None
    if at and hold.pickup and hold.pickup != at:
        rules.send(hold, item)
        await transit.send(
            work, item, origin=at, to=hold.pickup, why=Why.hold, hold_id=hold.id, card=hold.card
        )
        return hold
    keep, closed = await keeping(work.session, hold, item, work.today)
    until = after_open_days(work.today, keep, closed)
    rules.capture(hold, item, now=work.now, until=until, at=at or hold.pickup)
    item_rules.move(item, "hold", work.now)
    work.emit(HoldReady(
        hold_id=str(hold.id), card=hold.card, instance_id=hold.instance_id, title=hold.title,
        barcode=item.barcode, shelf=hold.shelf, until=until, point=hold.point,
    ))
    return hold


async def arrive(work: Work, item: Item, *, at: str) -> Hold | None:
    """An item on its way is scanned: its journey ends; returns the hold it travelled for."""
    await transit.end(work, item, at=at)
    return await ready_hold(work.session, item.id)


async def lost_on_the_way(work: Work, *, number: str, reason: str) -> Transit:
    """途中未见: the item is looked for, and whoever it travelled to waits on at the old turn."""
    work.actor.require(*DESK)
    found = await transit_by_number(work.session, number)
    item = await lock_item(work.session, found.barcode)
    await work.session.refresh(found)
    await transit.lose(work, item, found, reason=reason)
    await put_back(work, item, reason=N_("通借途中未见"))
    return found


async def put_back(work: Work, item: Item, *, reason: str) -> Hold | None:
    """The item kept for somebody is not fit or not ours to give: that patron waits on, first in turn."""
    hold = await ready_hold(work.session, item.id)
    if item.circulation is Circulation.in_transit:
        await transit.end(work, item, how="stop")
    if hold is None:
        return None
    rules.release(hold)
    await work.session.flush()
    work.emit(HoldPostponed(
        hold_id=str(hold.id), card=hold.card, instance_id=hold.instance_id, title=hold.title,
        barcode=item.barcode, reason=reason, position=await position(work.session, hold),
    ))
    return hold


async def fill(work: Work, hold_id: UUID, item: Item) -> Hold | None:
    """The patron has borrowed the title; the item that stood ready, if another, is freed by the caller."""
    hold = await lock_hold(work.session, hold_id)
    if hold is None or hold.state not in ACTIVE:
        return None
    rules.end(hold, "fill", now=work.now)
    tell_end(work, hold, item.barcode)
    return hold


async def unfill(work: Work, *, patron_id: UUID, instance_id: str, lent_at: datetime) -> None:
    """The loan that filled a hold was undone: the patron waits again, at the old turn."""
    hold = await work.session.scalar(
        select(Hold).where(
            Hold.patron_id == patron_id, Hold.instance_id == instance_id,
            Hold.state == HoldState.filled, Hold.ended_at == lent_at,
        ).with_for_update(key_share=True)
    )
    if hold is None:
        return
    rules.release(hold, "unfill")


async def cancel(work: Work, *, hold_id: UUID, reason: str = "") -> Hold:
    """The patron or the desk gives the hold up; an item on the hold shelf is then to be pulled."""
    hold = await lock_hold(work.session, hold_id)
    if hold is None or (work.actor.kind == "patron" and hold.card != work.actor.card):
        raise rules.UnknownHold(hold_id)
    own_or_staff(work.actor, hold.card)
    rules.end(hold, "cancel", now=work.now, reason=reason)
    tell_end(work, hold)
    return hold


async def expire(work: Work) -> int:
    """End holds nobody fetched in time, counting the no-shows, and those that came too late; run every morning."""
    ended = 0
    for hold_id in await overdue_pickups(work.session, work.today):
        hold = await lock_hold(work.session, hold_id)
        if hold is None or hold.state is not HoldState.ready:
            continue
        rules.end(hold, "expire", now=work.now, reason=N_("到期未取"))
        tell_end(work, hold)
        patron = await lock_patron(work.session, hold.card)
        if missed_pickup(patron, work.today):
            patrons.tell(work, patron, patron.state, "suspend")
        await work.session.flush()  # the same patron may be next in the list
        ended += 1
    return ended + await _lapse(work)


async def _lapse(work: Work) -> int:
    """Whoever needed the book by a day that is over waits no more; whoever rested takes part again."""
    ended = 0
    for hold_id in await lapsed(work.session, work.today):
        hold = await lock_hold(work.session, hold_id)
        if hold is not None and hold.state is HoldState.waiting:
            rules.end(hold, "lapse", now=work.now, reason=N_("过了需要日期仍未到书"))
            tell_end(work, hold)
            ended += 1
    for hold_id in await rested(work.session, work.today):
        hold = await lock_hold(work.session, hold_id)
        if hold is not None and hold.paused_until is not None and hold.paused_until <= work.today:
            hold.paused_until = None
    return ended


async def pull(work: Work, item: Item, *, at: str = "") -> Hold | None:
    """Take an item nobody fetches from the hold shelf: to the next in turn, else to its shelf."""
    work.actor.require(*DESK)
    await _check_free(work, item)
    item_rules.move(item, "take_off", work.now)
    await _errand_done(work, item)
    return await offer(work, item, at=at)


async def _check_free(work: Work, item: Item) -> None:
    """Nobody has been told that this very item waits for them."""
    kept = await ready_hold(work.session, item.id)
    if kept is not None:
        raise rules.StillKept(title=item.title, until=kept.until or "")


async def fetch(work: Work, *, barcode: str, at: str = "") -> tuple[Item, Hold]:
    """An item somebody waits for was taken from its shelf: on the hold shelf here, or into the box."""
    work.actor.require(*DESK)
    item = await lock_item(work.session, barcode)
    await _check_free(work, item)
    item_rules.move(item, "take_off", work.now)
    hold = await offer(work, item, at=at)
    if hold is None:
        raise rules.NothingWaits(title=item.title)
    await _errand_done(work, item)
    return item, hold


async def claim(work: Work, *, barcode: str) -> Item:
    """I go and get it; whoever claimed it before keeps it."""
    work.actor.require(*DESK)
    item = await lock_item(work.session, barcode)
    taken = await work.session.scalar(select(Errand).where(Errand.item_id == item.id))
    if taken is not None and taken.by != work.actor.id:
        raise rules.AlreadyTaken(by=taken.by, title=item.title)
    if taken is None:
        work.session.add(Errand(item_id=item.id, by=work.actor.id, at=work.now))
        work.emit(ErrandTaken(barcode=item.barcode, title=item.title, instance_id=item.instance_id))
    return item


async def unclaim(work: Work, *, barcode: str) -> Item:
    """Somebody else may go."""
    work.actor.require(*DESK)
    item = await lock_item(work.session, barcode)
    if await _errand_done(work, item):
        work.emit(ErrandGivenUp(barcode=item.barcode, title=item.title, instance_id=item.instance_id))
    return item


async def _errand_done(work: Work, item: Item) -> bool:
    done = await work.session.execute(delete(Errand).where(Errand.item_id == item.id).returning(Errand.id))
    return done.first() is not None


def tell_end(work: Work, hold: Hold, barcode: str = "") -> None:
    """The fact that a hold is over, and how."""
    work.emit(HoldEnded(
        hold_id=str(hold.id), card=hold.card, instance_id=hold.instance_id, title=hold.title,
        how=hold.state.value, how_label=hold.reason or hold.state.label, barcode=barcode or hold.barcode,
    ))
