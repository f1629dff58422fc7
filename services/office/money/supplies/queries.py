"""Looking into the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.office.money.supplies.model import MoveKind, StockMove, SupplyItem
from shared.work import Work


async def last_move(session: AsyncSession, item_id: UUID) -> StockMove | None:
    """The latest change of an item's stock; its balance is what is on hand."""
    query = select(StockMove).where(StockMove.item_id == item_id).order_by(StockMove.serial.desc()).limit(1)
    return (await session.scalars(query)).one_or_none()


async def moves_of(session: AsyncSession, item_id: UUID, limit: int = 20) -> Sequence[StockMove]:
    """The latest changes of an item's stock."""
    query = select(StockMove).where(StockMove.item_id == item_id).order_by(StockMove.serial.desc())
    return (await session.scalars(query.limit(limit))).all()


async def item_named(session: AsyncSession, text: str) -> SupplyItem | None:
    """The item with that number or name."""
    query = select(SupplyItem).where(or_(SupplyItem.no == text.upper(), SupplyItem.name == text))
    return (await session.scalars(query.limit(1))).one_or_none()


async def suggest_items(work: Work, q: str) -> list[tuple[str, str]]:
    """Items whose number or name holds what was typed, with what is on hand."""
    pattern = "%" + q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    query = select(SupplyItem).where(SupplyItem.search_text.ilike(pattern)).order_by(SupplyItem.no).limit(20)
    return [(i.no, f"{i.name} · {i.on_hand} {i.unit}") for i in await work.session.scalars(query)]  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class IssueLine:
    """What a department was given of an item in a stretch of time."""

    dept: str
    item_no: str
    item_name: str
    unit: str
    quantity: int
    cost: int


async def issue_lines(session: AsyncSession, first: datetime, last: datetime) -> list[IssueLine]:
    """Quantity and cost of what was handed out, by department and item."""
    query = (
        select(
            StockMove.dept, StockMove.item_no, StockMove.item_name, StockMove.unit,
            -func.sum(StockMove.quantity), func.sum(StockMove.cost),
        )
        .where(StockMove.kind == MoveKind.issue, StockMove.created_at >= first, StockMove.created_at < last)
        .group_by(StockMove.dept, StockMove.item_no, StockMove.item_name, StockMove.unit)
        .order_by(StockMove.dept, StockMove.item_no)
    )
    return [IssueLine(d, n, name, u, int(q), int(c)) for d, n, name, u, q, c in await session.execute(query)]
