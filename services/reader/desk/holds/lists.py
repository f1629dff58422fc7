"""The work lists of the hold shelf: what stands there, what is to be taken off, what is to be fetched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.holds.model import Errand, Hold, HoldState
from services.reader.desk.holds.queries import IN_TURN, KEPT
from services.reader.desk.items.model import Circulation, Item
from services.reader.desk.items.queries import FREE

ENDED = (HoldState.expired, HoldState.lapsed, HoldState.cancelled)
TABS: dict[str, tuple[HoldState, ...]] = {
    "ready": (HoldState.ready,), "waiting": (HoldState.waiting,), "transit": (HoldState.transit,), "ended": ENDED,
}


async def holds_in(
    session: AsyncSession, tab: str, *, q: str = "", point: str = "", limit: int = 25, offset: int = 0
) -> tuple[Sequence[Hold], int]:
    """One tab of the holds page, and how many there are."""
    where: list[Any] = [Hold.state.in_(TABS[tab])]
    if q:
        where.append(or_(
            Hold.card == q.upper(), Hold.barcode == q.upper(), Hold.wanted == q.upper(),
            Hold.title.contains(q, autoescape=True),
        ))
    if point:
        where.append(func.coalesce(func.nullif(Hold.point, ""), Hold.pickup) == point)
    order: tuple[Any, ...] = {
        "ready": (Hold.shelf, Hold.until, Hold.id), "ended": (Hold.ended_at.desc(), Hold.id),
    }.get(tab, (Hold.placed_at, Hold.id))
    total = await session.scalar(select(func.count()).select_from(Hold).where(*where))
    found = await session.scalars(select(Hold).where(*where).order_by(*order).limit(limit).offset(offset))
    return found.all(), int(total or 0)


async def counts(session: AsyncSession) -> dict[str, int]:
    """How much is on each tab; ended ones are history, not work, and are not counted."""
    rows = await session.execute(
        select(Hold.state, func.count()).where(Hold.state.in_((HoldState.waiting, *KEPT))).group_by(Hold.state)
    )
    by_state = dict(rows.all())
    found = {tab: sum(by_state.get(s, 0) for s in states) for tab, states in TABS.items() if tab != "ended"}
    for tab, query in (("pull", _pull()), ("fetch", _fetch())):
        found[tab] = int(await session.scalar(select(func.count()).select_from(query.subquery())) or 0)
    return found


def _pull() -> Select[Any]:
    kept = select(Hold.id).where(Hold.item_id == Item.id, Hold.state == HoldState.ready).exists()
    return select(Item.id).where(Item.circulation == Circulation.hold_shelf, ~kept)


def _fetch() -> Select[Any]:
    """Free items somebody waits for; of a title no more of them than there are patrons in turn."""
    any_of = (
        select(Hold.instance_id, func.count().label("n")).where(*IN_TURN, Hold.wanted_id.is_(None))
        .group_by(Hold.instance_id).subquery()
    )
    ranked = (
        select(
            Item.id, any_of.c.n,
            func.row_number().over(partition_by=Item.instance_id, order_by=(Item.location, Item.barcode)).label("rank"),
        ).join(any_of, any_of.c.instance_id == Item.instance_id).where(*FREE).subquery()
    )
    this_one = select(Hold.wanted_id).where(*IN_TURN, Hold.wanted_id.is_not(None))
    return select(Item.id).where(*FREE, or_(
        Item.id.in_(this_one), Item.id.in_(select(ranked.c.id).where(ranked.c.rank <= ranked.c.n)),
    ))


async def _items(
    session: AsyncSession, query: Select[Any], limit: int, offset: int
) -> Sequence[tuple[Item, Errand | None]]:
    rows = await session.execute(
        select(Item, Errand).outerjoin(Errand, Errand.item_id == Item.id).where(Item.id.in_(query))
        .order_by(Item.location, Item.call_number, Item.barcode).limit(limit).offset(offset)
    )
    return [(item, errand) for item, errand in rows]


async def pull_list(
    session: AsyncSession, limit: int = 25, offset: int = 0
) -> Sequence[tuple[Item, Errand | None]]:
    """清架: what nobody will fetch from the hold shelf any more, and who is at it."""
    return await _items(session, _pull(), limit, offset)


async def fetch_list(
    session: AsyncSession, limit: int = 25, offset: int = 0
) -> Sequence[tuple[Item, Errand | None]]:
    """取书单: what stands on the shelves and somebody waits for, in shelf order, and who is at it."""
    return await _items(session, _fetch(), limit, offset)


async def to_pull(session: AsyncSession, limit: int = 200) -> Sequence[Item]:
    """Items on the hold shelf that nobody will fetch any more."""
    return [item for item, _errand in await pull_list(session, limit)]


async def pickups_of(session: AsyncSession, items: Iterable[Item]) -> dict[UUID, str]:
    """Item → the pickup point of whoever is first for it."""
    wanted = [item.id for item in items]
    if not wanted:
        return {}
    first = (
        select(Hold.pickup).where(
            Hold.instance_id == Item.instance_id, *IN_TURN,
            or_(Hold.wanted_id.is_(None), Hold.wanted_id == Item.id),
        ).order_by(Hold.turn).limit(1).scalar_subquery()
    )
    rows = await session.execute(select(Item.id, first).where(Item.id.in_(wanted)))
    return {key: pickup or "" for key, pickup in rows}
