"""Where the copies of titles are now: asked of the desk each time, one statement for a page of titles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.circulation.model import Loan
from services.reader.desk.holds.model import Hold, HoldState
from services.reader.desk.holds.queries import ACTIVE, position
from services.reader.desk.items.model import Item
from services.reader.discovery.catalogue.statement import FREE
from shared.i18n import pick

# Stands in the house and is sound, but is read there and not lent.
_SPOT = "i.circulation = 'available' AND i.condition = 'sound' AND i.stock = 'in_stock' AND i.use <> 'loan'"
_STATE = text(f"""
    SELECT i.instance_id, count(*) AS total, count(*) FILTER (WHERE {FREE}) AS free,
        count(*) FILTER (WHERE {_SPOT}) AS spot,
        count(*) FILTER (WHERE i.use = 'loan' AND i.condition <> 'irreparable') AS lendable,
        min(l.due_on) FILTER (WHERE i.use = 'loan') AS due_on,
        min(ARRAY[i.location_name, i.location_name_en, i.call_number]) FILTER (WHERE {FREE}) AS free_at,
        min(ARRAY[i.location_name, i.location_name_en, i.call_number]) FILTER (WHERE {_SPOT}) AS spot_at
    FROM item i LEFT JOIN loan l ON l.item_id = i.id AND l.returned_at IS NULL
    WHERE i.instance_id = ANY(:ids) AND i.stock <> 'withdrawn' GROUP BY i.instance_id
""")


@dataclass(slots=True)
class Availability:
    """The copies of one title: all, free to borrow, to be read here; who waits; when one is due."""

    total: int = 0
    free: int = 0
    spot: int = 0
    lendable: int = 0
    due_on: date | None = None
    at: str = ""
    call_number: str = ""
    waiting: int = 0

    @property
    def can_hold(self) -> bool:
        """Whether waiting for it makes sense: it is lent, and no copy stands free."""
        return self.lendable > 0 and self.free == 0

    def as_json(self) -> dict[str, Any]:
        """On the wire."""
        return {
            "total": self.total, "available": self.free, "reading_only": self.spot,
            "earliest_due_on": self.due_on, "holds_waiting": self.waiting, "can_hold": self.can_hold,
            "location": self.at or None,
        }


async def availability_of(session: AsyncSession, ids: Sequence[str]) -> dict[str, Availability]:
    """The state of these titles; one the library holds no copy of has zeros."""
    found = {key: Availability() for key in ids}
    if not found:
        return found
    for row in await session.execute(_STATE, {"ids": list(ids)}):
        zh, en, call = row.free_at or row.spot_at or ("", "", "")
        found[row.instance_id] = Availability(
            row.total, row.free, row.spot, row.lendable, row.due_on, pick(zh, en), call
        )
    rows = await session.execute(
        select(Hold.instance_id, func.count())
        .where(Hold.instance_id.in_(ids), Hold.state == HoldState.waiting).group_by(Hold.instance_id)
    )
    for instance, n in rows:
        found[instance].waiting = n
    return found


async def due_dates(session: AsyncSession, items: Sequence[Item]) -> dict[Any, date]:
    """When each lent copy is due: item → day; who has it is nobody's business here."""
    rows = await session.execute(
        select(Loan.item_id, Loan.due_on)
        .where(Loan.item_id.in_([item.id for item in items]), Loan.returned_at.is_(None))
    )
    return dict(rows.all())


async def location_name(session: AsyncSession, code: str) -> str:
    """A location in words."""
    row = (await session.execute(
        select(Item.location_name, Item.location_name_en).where(Item.location == code).limit(1)
    )).first()
    return (pick(*row) if row else "") or code


async def own_hold(session: AsyncSession, card: str, instance_id: str) -> tuple[Hold, int] | None:
    """The hold a patron has on the title, and its place in the queue (0 once it is ready)."""
    hold = await session.scalar(
        select(Hold).where(Hold.card == card, Hold.instance_id == instance_id, Hold.state.in_(ACTIVE))
    )
    if hold is None:
        return None
    return hold, await position(session, hold) if hold.state is HoldState.waiting else 0
