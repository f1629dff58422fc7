"""Our books for readers who fetch them at a member: packed, arrived, lent there, called home.

The hold, its turn and its days are those of every hold; the member's pickup point is a service point, so
the queue offers, sends and expires as always. Only the journey goes by the member's box.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time

from sqlalchemy import select

from services.reader.desk import DESK
from services.reader.desk.circulation import commands as circulation
from services.reader.desk.circulation.model import Loan
from services.reader.desk.codes import clean
from services.reader.desk.consortium import rules
from services.reader.desk.consortium.model import Box, BoxItem, BoxState, LoanThere, Member
from services.reader.desk.consortium.queries import (
    counts_on,
    left_there,
    member_awaiting,
    union_card_of,
)
from services.reader.desk.holds.model import Hold
from services.reader.desk.holds.queries import ready_hold
from services.reader.desk.items import rules as item_rules
from services.reader.desk.items.model import Circulation
from services.reader.desk.items.queries import lock_item
from services.reader.desk.transit import commands as transit
from services.reader.desk.transit.model import Why
from services.reader.desk.transit.queries import open_transit_of
from services.reader.rooms.service_points.queries import point_here
from shared.settings import LOCAL
from shared.work import Work


async def open_box(work: Work, member: Member) -> Box:
    """The box of this member that is being filled; the caller holds the member's row."""
    box = await work.session.scalar(select(Box).where(Box.member_id == member.id, Box.state == BoxState.open))
    if box is None:
        box = Box(number=await work.number(rules.BOXES), member_id=member.id, opened_at=work.now)
        work.session.add(box)
        await work.session.flush()
    return box


async def pack(work: Work, *, barcode: str) -> tuple[Box, Member, bool]:
    """Our item that travels to a member's point goes into that member's box. True when it lay there already."""
    work.actor.require(*DESK)
    barcode = clean(barcode)
    member = await member_awaiting(work.session, barcode)
    if member is None:
        raise rules.OwnItem(barcode=barcode)
    await work.lock(Member, Member.id == member.id)
    item = await lock_item(work.session, barcode)
    journey = await open_transit_of(work.session, item.id)
    if journey is None or journey.to != member.point:  # taken off its way this very moment
        raise rules.OwnItem(barcode=barcode)
    lying = await work.session.scalar(select(BoxItem).where(BoxItem.barcode == item.barcode, ~BoxItem.home))
    if lying is not None:
        return await work.lock(Box, Box.number == lying.box_number), member, True
    box = await open_box(work, member)
    work.session.add(BoxItem(
        box_number=box.number, barcode=item.barcode, transit=journey.number, by=work.actor.id, at=work.now,
        returned_on=work.today, counted_on=work.today,
    ))
    await work.session.flush()
    return box, member, False


async def arrive(work: Work, member: Member, barcode: str) -> Hold | None:
    """Our item is there: its reader is told and has the usual days to fetch it. None when nobody waits any more.

    Then it stays under way: the member sends it back, and the slip in the list of journeys says since when.
    """
    work.actor.require(*DESK)
    item = await lock_item(work.session, clean(barcode))
    journey = await open_transit_of(work.session, item.id)
    if journey is None or journey.to != member.point or await ready_hold(work.session, item.id) is None:
        return None
    return (await circulation.take_back(work, barcode=item.barcode, at=member.point)).hold


async def lent_there(work: Work, *, member: str, card: str, barcode: str, on: date) -> LoanThere | None:
    """A member's desk lent our item to one of the union's readers on that day; None when we know it already."""
    work.actor.require(*DESK)
    card, barcode = clean(card), clean(barcode)
    if on > work.today:
        raise rules.LoanDate
    union, there = await union_card_of(work.session, card, member)
    known = await work.session.scalar(
        select(LoanThere).join(Loan, Loan.id == LoanThere.loan_id).where(
            Loan.barcode == barcode, Loan.patron_id == union.patron_id, Loan.undone.is_(False), LoanThere.lent_on == on,
        )
    )
    if known is not None:
        return None
    with as_of(work, on):
        lent = await circulation.lend(work, card=card, barcode=barcode, happened=True)
    row = LoanThere(
        member_id=there.id, loan_id=lent.loan.id, lent_on=on, by=work.actor.id, at=work.now,
        counted_on=await counts_on(work.session, there.id, on, work.today),
    )
    work.session.add(row)
    await work.session.flush()
    return row


async def call_home(work: Work) -> int:
    """What nobody will fetch at a member any more is on its way home from now on; run through the day."""
    main, called = await point_here(work.session, ""), 0
    for barcode, point in await left_there(work.session) if main else ():
        item = await lock_item(work.session, barcode)
        if item.circulation is not Circulation.hold_shelf or await ready_hold(work.session, item.id) is not None:
            continue
        item_rules.move(item, "take_off", work.now)
        await transit.send(work, item, origin=point, to=main, why=Why.home)
        called += 1
    return called


@contextmanager
def as_of(work: Work, on: date) -> Iterator[None]:
    """Rules and due dates count from the day it happened, at noon of the library's clock."""
    now = work.now
    work.now = min(now, datetime.combine(on, time(12), LOCAL).astimezone(UTC))
    try:
        yield
    finally:
        work.now = now
