"""Reads of queues; what a loan or a return asks costs the same for a queue of one and of a thousand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.calendar.queries import closed_between
from services.reader.desk.calendar.rules import HORIZON, ONE
from services.reader.desk.circulation.model import Loan
from services.reader.desk.holds.model import Hold, HoldMove, HoldState
from services.reader.desk.holds.rules import Copies, Copy
from services.reader.desk.items.model import Circulation, Condition, Item, Stock, Use
from services.reader.desk.patrons.model import Patron
from services.reader.desk.policies.queries import book_of, in_force
from services.reader.desk.policies.rules import resolve
from services.reader.rooms.service_points.model import PointLocation, ServicePoint

ACTIVE = (HoldState.waiting, HoldState.transit, HoldState.ready)
KEPT = (HoldState.transit, HoldState.ready)
IN_TURN = (Hold.state == HoldState.waiting, Hold.paused_until.is_(None))


def takes(item_id: Any) -> Any:
    """Whether a hold is content with this item: any of the title, or this very one."""
    return or_(Hold.wanted_id.is_(None), Hold.wanted_id == item_id)


def first_waiting_patron(instance_id: Any, item_id: Any = None) -> ScalarSelect[UUID]:
    """Who is next for a title (for the item, if given), as a subquery of a statement that runs anyway."""
    return (
        select(Hold.patron_id)
        .where(Hold.instance_id == instance_id, *IN_TURN, *([takes(item_id)] if item_id is not None else []))
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


async def take_next(session: AsyncSession, instance_id: str, item_id: UUID) -> Hold | None:
    """The first whom this item serves, locked; two items that come back at once serve two patrons."""
    return await session.scalar(
        select(Hold).where(Hold.instance_id == instance_id, *IN_TURN, takes(item_id))
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
    """The hold an item on the hold shelf, or on its way there, is kept for."""
    return await session.scalar(
        select(Hold).where(Hold.item_id == item_id, Hold.state.in_(KEPT))
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


async def places_of(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, int]:
    """Hold → place in its queue, for those that wait."""
    mine = Hold.__table__.alias()
    ahead = (
        select(func.count()).where(
            Hold.instance_id == mine.c.instance_id, Hold.state == HoldState.waiting, Hold.turn < mine.c.turn,
        ).scalar_subquery()
    )
    rows = await session.execute(
        select(mine.c.id, ahead + 1).where(mine.c.id.in_(ids), mine.c.state == "waiting")
    )
    return dict(rows.all())


async def holds_of(session: AsyncSession, patron_id: UUID) -> Sequence[tuple[Hold, int]]:
    """The patron's active holds with their positions (0 once an item is kept), ready ones first."""
    found = (await session.scalars(
        select(Hold).where(Hold.patron_id == patron_id, Hold.state.in_(ACTIVE))
        .order_by(Hold.until.asc().nulls_last(), Hold.placed_at)
    )).all()
    places = await places_of(session, [hold.id for hold in found]) if found else {}
    return [(hold, places.get(hold.id, 0)) for hold in found]


async def queue_of(session: AsyncSession, instance_id: str, limit: int = 200, offset: int = 0) -> Sequence[Hold]:
    """The queue of a title in order."""
    return (await session.scalars(
        select(Hold).where(Hold.instance_id == instance_id, Hold.state == HoldState.waiting)
        .order_by(Hold.turn).limit(limit).offset(offset)
    )).all()


async def kept_of(session: AsyncSession, instance_id: str) -> Sequence[Hold]:
    """Whom of a title an item stands ready for, or travels to."""
    return (await session.scalars(
        select(Hold).where(Hold.instance_id == instance_id, Hold.state.in_(KEPT)).order_by(Hold.turn)
    )).all()


async def moves_of(session: AsyncSession, instance_id: str, limit: int = 50) -> Sequence[HoldMove]:
    """What was changed in the order of a title, latest first."""
    return (await session.scalars(
        select(HoldMove).where(or_(HoldMove.instance_id == instance_id, HoldMove.from_instance == instance_id))
        .order_by(HoldMove.at.desc(), HoldMove.id.desc()).limit(limit)
    )).all()


async def requested(session: AsyncSession, instance_id: str, item_id: UUID | None) -> list[Copy]:
    """What a request would meet: the kinds of items of the title, or the one item."""
    rows = await session.execute(
        select(Item.circulation, Item.condition, Item.stock, Item.use, func.coalesce(PointLocation.point, ""))
        .outerjoin(PointLocation, PointLocation.location == Item.location)
        .where(Item.id == item_id if item_id is not None else Item.instance_id == instance_id).distinct()
    )
    return [Copy(*row) for row in rows]


async def last_pickup(session: AsyncSession, patron_id: UUID) -> str:
    """Where the patron last chose to fetch, while that point is open."""
    return await session.scalar(
        select(Hold.pickup).join(ServicePoint, ServicePoint.code == Hold.pickup)
        .where(Hold.patron_id == patron_id, ServicePoint.open).order_by(Hold.placed_at.desc()).limit(1)
    ) or ""


async def copies_of(session: AsyncSession, instances: Iterable[str]) -> dict[str, Copies]:
    """Per title: its items by state and the first due date, in one statement for a page."""
    found = {key: Copies() for key in instances}
    if not found:
        return found
    sound = Item.condition == Condition.sound
    rows = await session.execute(
        select(Item.instance_id, Item.circulation, sound, func.count(), func.min(Loan.due_on))
        .outerjoin(Loan, and_(Loan.item_id == Item.id, Loan.returned_at.is_(None)))
        .where(Item.instance_id.in_(list(found)), Item.stock != Stock.withdrawn, Item.use == Use.loan)
        .group_by(Item.instance_id, Item.circulation, sound).order_by(Item.circulation)
    )
    for instance, state, fit, n, due_on in rows:
        copies = found[instance]
        if fit or state is Circulation.on_loan:
            copies.counts[state] = copies.counts.get(state, 0) + n
        else:
            copies.unfit += n
        copies.due_on = min(filter(None, [copies.due_on, due_on]), default=None)
    return found


async def shelf(session: AsyncSession, limit: int = 300) -> Sequence[Hold]:
    """Everything that stands on the hold shelf, by slot."""
    return (await session.scalars(
        select(Hold).where(Hold.state == HoldState.ready).order_by(Hold.shelf, Hold.until).limit(limit)
    )).all()


async def overdue_pickups(session: AsyncSession, today: date, limit: int = 200) -> Sequence[UUID]:
    """Ready holds whose last day is over."""
    return (await session.scalars(
        select(Hold.id).where(Hold.state == HoldState.ready, Hold.until < today)
        .order_by(Hold.until).limit(limit)
    )).all()


async def lapsed(session: AsyncSession, today: date, limit: int = 500) -> Sequence[UUID]:
    """Waiting holds whose patron has no use for the book any more."""
    return (await session.scalars(
        select(Hold.id).where(Hold.state == HoldState.waiting, Hold.needed_by < today)
        .order_by(Hold.needed_by).limit(limit)
    )).all()


async def rested(session: AsyncSession, today: date, limit: int = 500) -> Sequence[UUID]:
    """Paused holds whose pause is over."""
    return (await session.scalars(
        select(Hold.id).where(Hold.paused_until <= today).order_by(Hold.paused_until).limit(limit)
    )).all()


def hold_json(hold: Hold, place: int = 0) -> dict[str, Any]:
    """A hold on the wire."""
    return {
        "id": str(hold.id), "card": hold.card, "instance_id": hold.instance_id, "title": hold.title,
        "state": hold.state.value, "state_label": hold.state.text, "position": place or None,
        "placed_at": hold.placed_at, "barcode": hold.barcode, "shelf": hold.shelf,
        "until": hold.until, "reason": hold.reason, "pickup": hold.pickup, "point": hold.point,
        "wanted": hold.wanted, "needed_by": hold.needed_by, "paused_until": hold.paused_until,
    }
