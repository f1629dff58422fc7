"""Reads of loans. `facts_for_loan` is the hot path: one statement, every lookup by an index."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Date, and_, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.calendar.queries import closed_between
from services.reader.desk.calendar.rules import HORIZON
from services.reader.desk.circulation.model import Loan
from services.reader.desk.circulation.rules import Facts, sentence_of
from services.reader.desk.holds.queries import active_hold_of, first_waiting_patron, ready_hold
from services.reader.desk.items.model import Circulation, Item
from services.reader.desk.items.queries import lock_item
from services.reader.desk.patrons.model import Patron
from services.reader.desk.patrons.queries import numbered

_TODAY = bindparam("today", type_=Date)
_AHEAD = bindparam("ahead", type_=Date)

# The two statements every scan begins with are built once: building them costs more than sending them.
_FACTS = (
    select(
        Item,
        Patron,
        select(func.min(Loan.due_on))
        .where(Loan.patron_id == Patron.id, Loan.returned_at.is_(None))
        .correlate(Patron).scalar_subquery(),
        first_waiting_patron(Item.instance_id, Item.id),
        active_hold_of(Patron.id, Item.instance_id),
        closed_between(_TODAY, _AHEAD),
    )
    .join_from(Item, Patron, numbered(bindparam("card")))
    .where(Item.barcode == bindparam("barcode"))
    .with_for_update(of=[Item, Patron], key_share=True)
    .execution_options(populate_existing=True)
)
_OPEN_LOAN = (
    select(
        Loan,
        first_waiting_patron(Item.instance_id, Item.id),
        closed_between(func.coalesce(Loan.due_on, _TODAY), _AHEAD),
    )
    .select_from(Item)
    .outerjoin(Loan, and_(Loan.item_id == Item.id, Loan.returned_at.is_(None)))
    .where(Item.id == bindparam("item_id"))
    .execution_options(populate_existing=True)
)


async def facts_for_loan(
    session: AsyncSession, *, barcode: str, card: str, today: date
) -> Facts | None:
    """Item and patron, locked in this order, with all a decision needs; None if either is unknown."""
    asked = {
        "barcode": barcode, "card": card, "today": today, "ahead": today + timedelta(days=HORIZON),
    }
    row = (await session.execute(_FACTS, asked)).first()
    if row is None:
        return None
    item, patron, earliest, first, own, closed = row
    ready = None
    if item.circulation in {Circulation.hold_shelf, Circulation.in_transit}:
        # Captured while we waited for the lock? Then only a fresh look knows for whom.
        hold = await ready_hold(session, item.id)
        ready = hold.patron_id if hold else None
    return Facts(item, patron, earliest, first, ready, own, frozenset(closed or ()))


async def lock_open_loan(
    session: AsyncSession, barcode: str, today: date
) -> tuple[Item, Loan | None, UUID | None, frozenset[date]]:
    """Item (locked), its open loan, who waits first, and the closed days the loan has met.

    The lock is a statement of its own: what is read after it was committed before it, so two desks
    that scan the same book never both see the loan open.
    """
    item = await lock_item(session, barcode)
    asked = {"item_id": item.id, "today": today, "ahead": today + timedelta(days=2 * HORIZON)}
    loan, first, closed = (await session.execute(_OPEN_LOAN, asked)).one()
    return item, loan, first, frozenset(closed or ())


async def open_loan_of_item(session: AsyncSession, item_id: UUID) -> Loan | None:
    """Who has it now."""
    return await session.scalar(
        select(Loan).where(Loan.item_id == item_id, Loan.returned_at.is_(None))
    )


async def loans_of(
    session: AsyncSession, patron_id: UUID, *, limit: int = 100, offset: int = 0
) -> Sequence[Loan]:
    """What the patron has at home, most urgent first."""
    return (await session.scalars(
        select(Loan).where(Loan.patron_id == patron_id, Loan.returned_at.is_(None))
        .order_by(Loan.due_on, Loan.lent_at).limit(limit).offset(offset)
    )).all()


async def history_of(
    session: AsyncSession, patron_id: UUID, *, limit: int = 50, offset: int = 0
) -> Sequence[Loan]:
    """What the patron has read; the caller writes the sensitive read down."""
    return (await session.scalars(
        select(Loan).where(
            Loan.patron_id == patron_id, Loan.returned_at.is_not(None), Loan.undone.is_(False)
        ).order_by(Loan.lent_at.desc()).limit(limit).offset(offset)
    )).all()


async def loans_of_item(session: AsyncSession, item_id: UUID, limit: int = 30) -> Sequence[Loan]:
    """Who had the item; the caller writes the sensitive read down."""
    return (await session.scalars(
        select(Loan).where(Loan.item_id == item_id, Loan.undone.is_(False))
        .order_by(Loan.lent_at.desc()).limit(limit)
    )).all()


async def overdue(
    session: AsyncSession, today: date, *, limit: int = 50, offset: int = 0
) -> tuple[Sequence[Loan], int]:
    """Loans past their day, longest first, and how many there are."""
    where = (Loan.returned_at.is_(None), Loan.due_on < today)
    total = await session.scalar(select(func.count()).select_from(Loan).where(*where))
    found = await session.scalars(
        select(Loan).where(*where).order_by(Loan.due_on, Loan.id).limit(limit).offset(offset)
    )
    return found.all(), int(total or 0)


async def overdue_count_of(session: AsyncSession, patron_id: UUID, today: date) -> int:
    """How many of the patron's loans are past their day."""
    return int(await session.scalar(
        select(func.count()).where(
            Loan.patron_id == patron_id, Loan.returned_at.is_(None), Loan.due_on < today
        )
    ) or 0)


async def due_on_days(session: AsyncSession, days: Sequence[date]) -> Sequence[Loan]:
    """Open loans due exactly on one of these days: whom to remind."""
    return (await session.scalars(
        select(Loan).where(Loan.returned_at.is_(None), Loan.due_on.in_(days)).order_by(Loan.id)
    )).all()


async def today_counts(session: AsyncSession, since: datetime) -> dict[str, int]:
    """How much went out and came back since a moment; grows with the day, not with the library."""
    row = (await session.execute(select(
        select(func.count()).where(Loan.lent_at >= since, Loan.undone.is_(False)).scalar_subquery(),
        select(func.count()).where(Loan.returned_at >= since, Loan.undone.is_(False), Loan.ended_as == "").scalar_subquery(),
    ))).one()
    return {"lent": row[0], "returned": row[1]}


async def figures(session: AsyncSession, since: datetime, today: date) -> dict[str, int]:
    """The day in numbers."""
    row = (await session.execute(select(
        select(func.count()).where(Loan.lent_at >= since, Loan.undone.is_(False)).scalar_subquery(),
        select(func.count()).where(Loan.returned_at >= since, Loan.undone.is_(False), Loan.ended_as == "").scalar_subquery(),
        select(func.count()).where(Loan.returned_at.is_(None)).scalar_subquery(),
        select(func.count()).where(Loan.returned_at.is_(None), Loan.due_on < today).scalar_subquery(),
    ))).one()
    return {"lent": row[0], "returned": row[1], "out": row[2], "overdue": row[3]}


def loan_json(loan: Loan) -> dict[str, Any]:
    """A loan on the wire, with the reason of its due date."""
    return {
        "loan_id": str(loan.id), "barcode": loan.barcode, "title": loan.title,
        "call_number": loan.call_number, "instance_id": loan.instance_id, "card": loan.card,
        "lent_at": loan.lent_at, "due_on": loan.due_on, "renewals": loan.renewals,
        "returned_at": loan.returned_at, "fine_cents": loan.fine_fen,
        "explain": {**loan.explain, "sentence": sentence_of(loan.explain)},
        "override": loan.override,
    }
