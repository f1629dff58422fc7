"""Who works here and which posts they hold, compared with the office: rights hang on both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.people import handlers
from gateway.people.model import HeldPost, Person
from shared.copies.comparing import Copy
from shared.copies.ledger import Row, Span
from shared.events.office import PostAssigned, StaffJoined, StaffLeft
from shared.i18n import N_
from shared.work import Work

# The account an empty library begins with is nobody's in the office (gateway/accounts/first.py).
FIRST = "first:%"
STAFF = ("staff_name", "staff_name_en", "dept", "rank", "left_on")
POSTS = ("staff_no", "post", "subposts", "rank", "valid_from", "valid_to", "stand_in_for")


async def staff_held(session: AsyncSession, span: Span) -> Sequence[Row]:
    """Our colleagues in the office's words."""
    first = select(HeldPost.staff_no).where(HeldPost.holding_id.like(FIRST))
    query = (
        select(Person).where(span.within(Person.id), Person.kind == "staff", Person.id.not_in(first))
        .order_by(Person.id).limit(span.limit)
    )
    return [
        (one.id, {
            "staff_name": one.name, "staff_name_en": one.name_en, "dept": one.dept, "rank": one.rank,
            "left_on": one.left_on and one.left_on.isoformat(),
        })
        for one in await session.scalars(query)
    ]


async def mend_staff(work: Work, key: str, fact: dict[str, Any] | None) -> None:
    """Take the office's word over; whom it does not know opens no door."""
    if fact is None:
        await work.session.execute(delete(Person).where(Person.id == key, Person.kind == "staff"))
        return
    await handlers.know_person_on_staff_joined(work, StaffJoined.read(fact))
    if fact["left_on"]:
        await handlers.end_rights_on_staff_left(work, StaffLeft(staff_no=key, left_on=date.fromisoformat(fact["left_on"])))


async def staff_names(session: AsyncSession, keys: Sequence[str]) -> Mapping[str, tuple[str, str]]:
    """By their names."""
    rows = await session.execute(select(Person.id, Person.name).where(Person.id.in_(keys)))
    known = {row.id: row.name for row in rows}
    return {key: (f"{key} {known.get(key, '')}".strip(), "") for key in keys}


async def posts_held(session: AsyncSession, span: Span) -> Sequence[Row]:
    """The posts rights are computed from, in the office's words."""
    query = (
        select(HeldPost).where(span.within(HeldPost.holding_id), HeldPost.holding_id.not_like(FIRST))
        .order_by(HeldPost.holding_id).limit(span.limit)
    )
    return [
        (one.holding_id, {
            **{name: getattr(one, name) for name in POSTS}, "valid_from": one.valid_from.isoformat(),
            "valid_to": one.valid_to and one.valid_to.isoformat(),
        })
        for one in await session.scalars(query)
    ]


async def mend_post(work: Work, key: str, fact: dict[str, Any] | None) -> None:
    """Take the holding over; one the office does not know gives no rights."""
    if fact is None:
        await work.session.execute(delete(HeldPost).where(HeldPost.holding_id == key))
    else:
        await handlers.hold_post_on_post_assigned(work, PostAssigned.read(fact))


async def post_names(session: AsyncSession, keys: Sequence[str]) -> Mapping[str, tuple[str, str]]:
    """By the person and the post."""
    rows = await session.execute(select(HeldPost.holding_id, HeldPost.staff_no, HeldPost.post).where(HeldPost.holding_id.in_(keys)))
    return {row.holding_id: (f"{row.staff_no} {row.post}", "") for row in rows}


staff = Copy("office.staff", N_("馆员（据办公室）"), STAFF, staff_held, mend_staff, staff_names)
posts = Copy("office.posts", N_("岗位任用（据办公室）"), POSTS, posts_held, mend_post, post_names)
