"""Who holds what, on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.office.people.personnel.model import Staff
from services.office.people.post_duties.model import Holding, Place


def on_day(on: date) -> ColumnElement[bool]:
    """Holdings that count on that day."""
    return (Holding.valid_from <= on) & or_(Holding.valid_to.is_(None), Holding.valid_to >= on)


async def held_by(session: AsyncSession, staff_no: str, on: date) -> Sequence[Holding]:
    """What a person holds on a day, own posts before those stood in for."""
    query = (
        select(Holding).where(Holding.staff_no == staff_no, on_day(on))
        .order_by(Holding.stand_in_for != "", Holding.valid_from, Holding.post)
    )
    return (await session.scalars(query)).all()


async def history_of(session: AsyncSession, staff_no: str) -> Sequence[Holding]:
    """Everything a person ever held, newest first."""
    query = select(Holding).where(Holding.staff_no == staff_no).order_by(Holding.valid_from.desc(), Holding.id.desc())
    return (await session.scalars(query)).all()


async def all_held(session: AsyncSession, on: date, posts: Iterable[str] = ()) -> Sequence[Holding]:
    """Every holding of a day, of those posts when some are named."""
    query = select(Holding).where(on_day(on)).order_by(Holding.post, Holding.stand_in_for != "", Holding.staff_no)
    if posts := list(posts):
        query = query.where(Holding.post.in_(posts))
    return (await session.scalars(query)).all()


async def stand_ins(session: AsyncSession, first: date, last: date) -> Sequence[Holding]:
    """The stand-ins that touch a stretch of days."""
    query = (
        select(Holding)
        .where(Holding.stand_in_for != "", Holding.valid_from <= last, Holding.valid_to >= first)
        .order_by(Holding.valid_from, Holding.id)
    )
    return (await session.scalars(query)).all()


async def holder_of_place(
    session: AsyncSession, post: str, subpost: str, first: date, last: date | None
) -> str | None:
    """Who has an exclusive place at some time of a stretch."""
    query = select(Place.staff_no).where(
        Place.post == post, Place.subpost == subpost, Place.exclusive,
        or_(Place.valid_to.is_(None), Place.valid_to >= first), Place.valid_to.is_distinct_from(Place.valid_from - 1),
    )
    if last:
        query = query.where(Place.valid_from <= last)
    return (await session.scalars(query.limit(1))).first()


async def holders_by_post(session: AsyncSession, on: date) -> Mapping[str, list[Holding]]:
    """Post → its holders on a day."""
    found: dict[str, list[Holding]] = defaultdict(list)
    for holding in await all_held(session, on):
        found[holding.post].append(holding)
    return found


async def staff_named(session: AsyncSession, numbers: Iterable[str]) -> Mapping[str, Staff]:
    """Staff by number."""
    query = select(Staff).where(Staff.no.in_(sorted(set(numbers))))
    return {staff.no: staff for staff in await session.scalars(query)}
