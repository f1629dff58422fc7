"""Placing, offering, ending holds."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from services.reader.desk import DESK
from services.reader.desk.calendar.rules import after_open_days
from services.reader.desk.holds import rules
from services.reader.desk.holds.model import Hold, HoldState
from services.reader.desk.holds.queries import (
    keeping,
    lock_hold,
    overdue_pickups,
    position,
    queue_of,
    ready_hold,
    take_next,
)
from services.reader.desk.items import rules as item_rules
from services.reader.desk.items.model import Item
from services.reader.desk.items.queries import any_free, title_of, with_patron
from services.reader.desk.patrons import commands as patrons
from services.reader.desk.patrons.queries import lock_patron, own_or_staff, terms_of
from services.reader.desk.patrons.rules import card_blocks, missed_pickup
from shared.events.reader import HoldEnded, HoldPlaced, HoldPostponed, HoldReady
from shared.i18n import N_
from shared.refusals import Severity
from shared.work import Work


async def place(
    work: Work, *, card: str, instance_id: str, override: bool = False, note: str = ""
) -> tuple[Hold, int]:
    """Queue the patron for a title; returns the hold and its position.

    Patrons place their own; a head of the point may override, with a note, what can be.
    """
    own_or_staff(work.actor, card)
    patron = await lock_patron(work.session, card)
    title = await title_of(work.session, instance_id)
    if title is None:
        raise rules.UnknownTitle(instance_id)
    already = await work.session.scalar(
        select(Hold.id).where(
            Hold.patron_id == patron.id, Hold.instance_id == instance_id,
            Hold.state.in_([HoldState.waiting, HoldState.ready]),
        )
    )
    reasons = rules.objections(
        card_blocks=card_blocks(patron, work.today), already=already is not None,
        at_home=await with_patron(work.session, instance_id, patron.id),
        free_copy=await any_free(work.session, instance_id),
        active=patron.holds_waiting + patron.holds_ready,
        limit=(await terms_of(work.session, patron, work.today)).holds,
    )
    passed = override and all(
        r.severity is Severity.OVERRIDE and work.actor.holds(r.by) for r in reasons
    )
    if reasons and not passed:
        raise rules.HoldRefused(reasons)
    hold = Hold(
        instance_id=instance_id, title=title, patron_id=patron.id, card=card, placed_at=work.now,
        placed_by=work.actor.id, reason=note if reasons else "",
    )
    work.session.add(hold)
    await work.session.flush()
    place_ = await position(work.session, hold)
    work.emit(HoldPlaced(
        hold_id=str(hold.id), card=card, instance_id=instance_id, title=title, position=place_
    ))
    return hold, place_


async def offer(work: Work, item: Item) -> Hold | None:
    """Put an item the caller has locked on the hold shelf for whoever is next; None if nobody waits."""
    hold = await take_next(work.session, item.instance_id)
    if hold is None:
        return None
    keep, closed = await keeping(work.session, hold, item, work.today)
    until = after_open_days(work.today, keep, closed)
    rules.capture(hold, item, now=work.now, until=until)
    item_rules.move(item, "hold", work.now)
    work.emit(HoldReady(
        hold_id=str(hold.id), card=hold.card, instance_id=hold.instance_id, title=hold.title,
        barcode=item.barcode, shelf=hold.shelf, until=until,
    ))
    return hold


async def put_back(work: Work, item: Item, *, reason: str) -> Hold | None:
    """The item kept for somebody is not fit or not ours to give: that patron waits on, first in turn."""
    hold = await ready_hold(work.session, item.id)
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
    if hold is None or hold.state not in {HoldState.waiting, HoldState.ready}:
        return None
    rules.end(hold, "fill", now=work.now)
    _tell_end(work, hold, item.barcode)
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
    _tell_end(work, hold)
    return hold


async def expire(work: Work) -> int:
    """End holds nobody fetched in time and count the no-shows; run every morning."""
    ended = 0
    for hold_id in await overdue_pickups(work.session, work.today):
        hold = await lock_hold(work.session, hold_id)
        if hold is None or hold.state is not HoldState.ready:
            continue
        rules.end(hold, "expire", now=work.now, reason=N_("到期未取"))
        _tell_end(work, hold)
        patron = await lock_patron(work.session, hold.card)
        if missed_pickup(patron, work.today):
            patrons.tell(work, patron, patron.state)
        await work.session.flush()  # the same patron may be next in the list
        ended += 1
    return ended


async def pull(work: Work, item: Item) -> Hold | None:
    """Take an item nobody fetches from the hold shelf: to the next in turn, else to its shelf."""
    work.actor.require(*DESK)
    item_rules.move(item, "take_off", work.now)
    return await offer(work, item)


async def cancel_title(work: Work, *, instance_id: str, reason: str) -> int:
    """The last item of a title is gone: everybody who waits is told."""
    ended = 0
    for hold in await queue_of(work.session, instance_id, limit=10_000):
        rules.end(hold, "cancel", now=work.now, reason=reason)
        _tell_end(work, hold)
        ended += 1
    return ended


def _tell_end(work: Work, hold: Hold, barcode: str = "") -> None:
    work.emit(HoldEnded(
        hold_id=str(hold.id), card=hold.card, instance_id=hold.instance_id, title=hold.title,
        how=hold.state.value, how_label=hold.reason or hold.state.label, barcode=barcode or hold.barcode,
    ))
