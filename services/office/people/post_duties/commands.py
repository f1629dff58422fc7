"""Giving posts, ending them, and letting somebody stand in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError

from services.office.people.obligations.commands import follow_stand_in, release
from services.office.people.personnel.model import Staff, StaffState
from services.office.people.post_duties.model import Holding, Place
from services.office.people.post_duties.queries import held_by, holder_of_place, staff_named
from services.office.people.post_duties.rules import (
    GIVERS,
    STAND_IN_GIVERS,
    AbsentHoldsNoPost,
    DatesReversed,
    NotWorkingHere,
    PlaceTaken,
    PostHeldAlready,
    assigned,
    check_dates,
    check_giver,
    check_post,
    check_stand_in,
    ended,
    last_day,
    place_title,
    post_title,
)
from shared.duties import POSTS
from shared.work import Work


async def _working(work: Work, staff_no: str) -> Staff:
    staff = await work.lock(Staff, Staff.no == staff_no, what=staff_no)
    if staff.state != StaffState.active:
        raise NotWorkingHere(staff=staff.name)
    return staff


async def give_post(
    work: Work, *, staff_no: str, post: str, subposts: Sequence[str] = (), valid_from: date,
    valid_to: date | None = None, reason: str = "",
) -> Holding:
    """The person holds the post from that day on."""
    work.actor.require(*GIVERS)
    check_giver(work.actor.id, staff_no)
    check_post(post, subposts)
    check_dates(valid_from, valid_to)
    staff = await _working(work, staff_no)
    await _check_places(work, post, subposts, valid_from, valid_to)
    holding = Holding(
        staff_no=staff_no, post=post, subposts=list(subposts), rank=str(staff.rank), valid_from=valid_from,
        valid_to=valid_to, reason=reason, given_by=work.actor.id, given_at=work.now,
    )
    await _add(work, holding)
    work.emit(assigned(holding))
    return holding


async def give_stand_in(
    work: Work, *, absent: str, post: str, stand_in: str, valid_from: date, valid_to: date | None,
    reason: str = "",
) -> Holding:
    """For those days the post, with its rights and what falls due, is another's."""
    work.actor.require(*STAND_IN_GIVERS)
    check_giver(work.actor.id, stand_in)
    check_stand_in(absent, stand_in, valid_from, valid_to)
    staff = await _working(work, stand_in)
    own = [
        h for h in await held_by(work.session, absent, valid_from)
        if h.post == post and not h.stand_in_for and valid_to and h.covers(valid_to)
    ]
    if not own:
        raise AbsentHoldsNoPost(staff=absent, post=post_title(post))
    holding = Holding(
        staff_no=stand_in, post=post, subposts=list(own[0].subposts), rank=str(staff.rank),
        valid_from=valid_from, valid_to=valid_to, stand_in_for=absent, reason=reason,
        given_by=work.actor.id, given_at=work.now,
    )
    await _add(work, holding)
    work.emit(assigned(holding))
    await follow_stand_in(work, holding)
    return holding


async def end_post(work: Work, *, holding_id: UUID, valid_to: date) -> Holding:
    """That day is the last one on the post."""
    holding = await work.lock(Holding, Holding.id == holding_id, what=str(holding_id))
    work.actor.require(*(STAND_IN_GIVERS if holding.stand_in_for else GIVERS))
    check_giver(work.actor.id, holding.staff_no)
    check_dates(holding.valid_from, valid_to)
    if holding.valid_to and valid_to > holding.valid_to:
        raise DatesReversed
    await _end(work, holding, valid_to)
    return holding


async def end_all_posts(work: Work, *, staff_no: str, ends_before: date) -> list[Holding]:
    """Everything the person holds is over when that day dawns, and what others hold for them too."""
    query = select(Holding).where(
        or_(Holding.staff_no == staff_no, Holding.stand_in_for == staff_no),
        or_(Holding.valid_to.is_(None), Holding.valid_to >= ends_before),
    ).with_for_update()
    found = list(await work.session.scalars(query))
    for holding in found:
        await _end(work, holding, last_day(holding, ends_before))
    return found


async def refresh_rank(work: Work, *, staff: Staff) -> None:
    """Posts held today bring the duties of the new rank."""
    for holding in await held_by(work.session, staff.no, work.today):
        holding.rank = str(staff.rank)
        work.emit(assigned(holding))


async def _end(work: Work, holding: Holding, valid_to: date) -> None:
    holding.valid_to, holding.ended_by = valid_to, work.actor.id
    await work.session.execute(
        update(Place).where(Place.holding_id == holding.id).values(valid_to=valid_to)
    )
    await work.session.flush()
    work.emit(ended(holding))
    await release(work, holding)


async def _check_places(
    work: Work, post: str, subposts: Sequence[str], first: date, last: date | None
) -> None:
    for code in subposts:
        if not POSTS[post].subpost(code).exclusive:
            continue
        if holder := await holder_of_place(work.session, post, code, first, last):
            named = await staff_named(work.session, [holder])
            raise PlaceTaken(
                place=place_title(post, code), holder=named[holder].name if holder in named else holder
            )


async def _add(work: Work, holding: Holding) -> None:
    """Two people who give the same place at the same moment are told apart by the database."""
    places = [
        Place(
            holding_id=holding.id, staff_no=holding.staff_no, post=holding.post, subpost=code,
            exclusive=POSTS[holding.post].subpost(code).exclusive and not holding.stand_in_for,
            valid_from=holding.valid_from, valid_to=holding.valid_to,
        )
        for code in holding.subposts
    ]
    try:
        async with work.session.begin_nested():
            work.session.add(holding)
            await work.session.flush()
            work.session.add_all(places)
            await work.session.flush()
    except IntegrityError as error:
        if getattr(error.orig, "sqlstate", "") != "23P01":
            raise
        if "exclusive" in str(error.orig):
            raise PlaceTaken(place=holding.post, holder="—") from error
        raise PostHeldAlready(post=post_title(holding.post)) from error
