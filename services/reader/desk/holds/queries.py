"""Reads of queues; each costs the same for a queue of one and of a thousand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.calendar.queries import closed_between
from services.reader.desk.calendar.rules import HORIZON, ONE
from services.reader.desk.holds.model import Hold, HoldState
from services.reader.desk.items.model import Circulation, Item
from services.reader.desk.patrons.model import Patron
from services.reader.desk.policies.queries import book_of, in_force
from services.reader.desk.policies.rules import resolve

ACTIVE = (HoldState.waiting, HoldState.ready)


def first_waiting_patron(instance_id: Any) -> ScalarSelect[UUID]:
    """Who is next in the queue, as a subquery of a statement that runs anyway."""
    return (
        select(Hold.patron_id)
        .where(Hold.instance_id == instance_id, Hold.state == HoldState.waiting)
        .order_by(Hold.turn).limit(1).scalar_subquery()
    )


def active_hold_of(patron_id: Any, instance_id: Any) -> ScalarSelect[UUID]:
    """The patron's own active hold on the title, as a subquery."""
    return (
        select(Hold.id)
        .where(
            Hold.patron_id == patron_id, Hold.instance_id == instance_id, Hold.state.in_(ACTIVE)
        ).scalar_subquery()
    )


async def lock_hold(session: AsyncSession, hold_id: UUID) -> Hold | None:
    """A hold, locked."""
    return await session.scalar(
        select(Hold).where(Hold.id == hold_id)
        .with_for_update(key_share=True).execution_options(populate_existing=True)
    )


async def take_next(session: AsyncSession, instance_id: str) -> Hold | None:
    """The first in the queue, locked; two copies that come back at once serve two patrons."""
    return await session.scalar(
        select(Hold).where(Hold.instance_id == instance_id, Hold.state == HoldState.waiting)
        .order_by(Hold.turn).limit(1)
        .with_for_update(skip_locked=True, key_share=True).execution_options(populate_existing=True)
    )


async def keeping(
    session: AsyncSession, hold: Hold, item: Item, today: date
) -> tuple[int, frozenset[date]]:
    """How many open days an item is kept for this patron, and the closed days ahead; one statement."""
    category, closed, set_id = (await session.execute(
        select(Patron.category, closed_between(today, today + ONE * HORIZON), in_force(today))
        .where(Patron.id == hold.patron_id)
    )).one()
    terms = resolve(await book_of(session, set_id), category.value, item.kind, item.location).terms
    return terms.hold_keep_days, frozenset(closed or ())


async def ready_hold(session: AsyncSession, item_id: UUID) -> Hold | None:
    """The hold an item on the hold shelf is kept for."""
    return await session.scalar(
        select(Hold).where(Hold.item_id == item_id, Hold.state == HoldState.ready)
    )


async def position(session: AsyncSession, hold: Hold) -> int:
    """The place in the queue, counted from 1."""
    ahead = await session.scalar(
        select(func.count()).where(
            Hold.instance_id == hold.instance_id, Hold.state == HoldState.waiting,
            Hold.turn < hold.turn,
        )
    )
    return int(ahead or 0) + 1


async def waiting_count(session: AsyncSession, instance_id: str) -> int:
    """How many patrons wait for the title."""
    return int(await session.scalar(
        select(func.count()).where(Hold.instance_id == instance_id, Hold.state == HoldState.waiting)
    ) or 0)


async def holds_of(session: AsyncSession, patron_id: UUID) -> Sequence[tuple[Hold, int]]:
    """The patron's active holds with their positions (0 once ready), ready ones first."""
    ahead = (
        select(func.count()).where(
            Hold.instance_id == (mine := Hold.__table__.alias()).c.instance_id,
            Hold.state == HoldState.waiting, Hold.turn < mine.c.turn,
        ).scalar_subquery()
    )
    places = dict((await session.execute(
        select(mine.c.id, ahead + 1).where(mine.c.patron_id == patron_id, mine.c.state == "waiting")
    )).all())
    found = await session.scalars(
        select(Hold).where(Hold.patron_id == patron_id, Hold.state.in_(ACTIVE))
        .order_by(Hold.until.asc().nulls_last(), Hold.placed_at)
    )
    return [(hold, places.get(hold.id, 0)) for hold in found]


async def queue_of(session: AsyncSession, instance_id: str, limit: int = 200) -> Sequence[Hold]:
    """The queue of a title in order."""
    return (await session.scalars(
        select(Hold).where(Hold.instance_id == instance_id, Hold.state == HoldState.waiting)
        .order_by(Hold.turn).limit(limit)
    )).all()


async def shelf(session: AsyncSession, limit: int = 300) -> Sequence[Hold]:
    """Everything that stands on the hold shelf, by slot."""
    return (await session.scalars(
        select(Hold).where(Hold.state == HoldState.ready).order_by(Hold.shelf, Hold.until).limit(limit)
    )).all()


async def to_pull(session: AsyncSession, limit: int = 200) -> Sequence[Item]:
    """Items on the hold shelf that nobody will fetch any more."""
    kept = select(Hold.id).where(Hold.item_id == Item.id, Hold.state == HoldState.ready).exists()
    return (await session.scalars(
        select(Item).where(Item.circulation == Circulation.hold_shelf, ~kept)
        .order_by(Item.barcode).limit(limit)
    )).all()


async def overdue_pickups(session: AsyncSession, today: date, limit: int = 200) -> Sequence[UUID]:
    """Ready holds whose last day is over."""
    return (await session.scalars(
        select(Hold.id).where(Hold.state == HoldState.ready, Hold.until < today)
        .order_by(Hold.until).limit(limit)
    )).all()


def hold_json(hold: Hold, place: int = 0) -> dict[str, Any]:
    """A hold on the wire."""
    return {
        "id": str(hold.id), "card": hold.card, "instance_id": hold.instance_id, "title": hold.title,
        "state": hold.state.value, "state_label": hold.state.text, "position": place or None,
        "placed_at": hold.placed_at, "barcode": hold.barcode, "shelf": hold.shelf,
        "until": hold.until, "reason": hold.reason,
    }


async def all_waiting(session: AsyncSession, limit: int = 100) -> Sequence[Hold]:
    """Who waits for anything, longest first."""
    return (await session.scalars(
        select(Hold).where(Hold.state == HoldState.waiting).order_by(Hold.turn).limit(limit)
    )).all()
