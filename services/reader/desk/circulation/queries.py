"""Reads of loans. `facts_for_loan` is the hot path: one statement, every lookup by an index."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Date, and_, bindparam, func, literal, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.reader.desk.calendar.queries import closed_between
from services.reader.desk.calendar.rules import HORIZON
from services.reader.desk.circulation.model import Loan
from services.reader.desk.circulation.rules import Facts, sentence_of
from services.reader.desk.holds.queries import active_hold_of, first_waiting_patron, ready_hold
from services.reader.desk.items.model import Circulation, Item
from services.reader.desk.items.queries import lock_item
from services.reader.desk.patrons.model import Patron
from services.reader.desk.patrons.rules import Standing
from services.reader.desk.policies.queries import book_of, in_force
from services.reader.desk.policies.rules import Book, resolve
from services.reader.desk.policies.values import Terms
from shared.i18n import N_
from shared.refusals import Reason

_TODAY = bindparam("today", type_=Date)
_AHEAD = bindparam("ahead", type_=Date)

_PATRON_ITEM = aliased(Item)


def standing_of(patron_id: Any) -> Any:
    """What a patron has out: one row over the open loans, by their index."""
    late = Loan.due_on < _TODAY
    called = late & Loan.recalled_at.is_not(None)
    return (
        select(
            func.min(Loan.due_on).label("earliest_due"), func.count().filter(late).label("overdue"),
            func.count().filter(called).label("recalls_overdue"),
            func.min(Loan.due_on).filter(called).label("earliest_recall"),
        )
        .where(Loan.patron_id == patron_id, Loan.returned_at.is_(None))
        .correlate(Patron).lateral("out")
    )


def in_hand(patron_id: Any, kind: Any = None, location: Any = None) -> Any:
    """The items a patron answers for: how many are lost, how many share kind or place with an item."""
    out = _PATRON_ITEM.circulation == Circulation.on_loan
    same_kind = out if kind is None else out & (_PATRON_ITEM.kind == kind)
    same_place = out if location is None else out & (_PATRON_ITEM.location == location)
    return (
        select(
            func.count().filter(_PATRON_ITEM.circulation == Circulation.lost).label("lost"),
            func.count().filter(same_kind).label("of_kind"),
            func.count().filter(same_place).label("of_location"),
            func.count().filter(same_kind & same_place).label("of_both"),
        )
        .where(_PATRON_ITEM.patron_id == patron_id).correlate(Patron, Item).lateral("hand")
    )


# The statements every scan begins with are built once: building them costs more than sending them.
_OUT, _HAND = standing_of(Patron.id), in_hand(Patron.id, Item.kind, Item.location)
_LOOK = (
    select(
        Item, Patron, _OUT, _HAND,
        first_waiting_patron(Item.instance_id),
        active_hold_of(Patron.id, Item.instance_id),
        closed_between(_TODAY, _AHEAD),
        in_force(_TODAY),
    )
    .join_from(Item, Patron, Patron.card == bindparam("card"))
    .join(_OUT, true()).join(_HAND, true())
    .where(Item.barcode == bindparam("barcode"))
    .execution_options(populate_existing=True)
)
_FACTS = _LOOK.with_for_update(of=[Item, Patron], key_share=True)
_OPEN_LOAN = (
    select(
        Loan,
        first_waiting_patron(Item.instance_id),
        closed_between(func.coalesce(Loan.due_on, _TODAY), _AHEAD),
        in_force(_TODAY),
    )
    .select_from(Item)
    .outerjoin(Loan, and_(Loan.item_id == Item.id, Loan.returned_at.is_(None)))
    .where(Item.id == bindparam("item_id"))
    .execution_options(populate_existing=True)
)
_PATRON_OUT, _PATRON_HAND = standing_of(Patron.id), in_hand(Patron.id)
_STANDING = (
    select(_PATRON_OUT, _PATRON_HAND, in_force(_TODAY)).select_from(Patron)
    .join(_PATRON_OUT, true()).join(_PATRON_HAND, true()).where(Patron.id == bindparam("patron_id"))
)


async def facts_for_loan(
    session: AsyncSession, *, barcode: str, card: str, today: date, lock: bool = True
) -> Facts | None:
    """Item and patron, locked in this order, with all a decision needs; None if either is unknown.

    A dry run looks without locking.
    """
    asked = {
        "barcode": barcode, "card": card, "today": today, "ahead": today + timedelta(days=HORIZON),
    }
    row = (await session.execute(_FACTS if lock else _LOOK, asked)).first()
    if row is None:
        return None
    item, patron, *counted, first, own, closed, set_id = row
    ready = None
    if item.circulation is Circulation.hold_shelf:
        # Captured while we waited for the lock? Then only a fresh look knows for whom.
        hold = await ready_hold(session, item.id)
        ready = hold.patron_id if hold else None
    ruling = resolve(await book_of(session, set_id), patron.category.value, item.kind, item.location)
    return Facts(
        item, patron, counted[0], first, ready, own, frozenset(closed or ()), Standing(*counted), ruling
    )


async def standing_for(
    session: AsyncSession, patron: Patron, today: date, *, kind: str, location: str
) -> Standing:
    """What a patron has out, beside an item that is only imagined."""
    hand = in_hand(Patron.id, literal(kind), literal(location))
    row = (await session.execute(
        select(_PATRON_OUT, hand).select_from(Patron).join(_PATRON_OUT, true()).join(hand, true())
        .where(Patron.id == patron.id), {"today": today},
    )).one()
    return Standing(*row)


async def unknown(session: AsyncSession, *, card: str, barcode: str) -> list[Reason]:
    """Which of the two nobody knows, and whether they were only swapped."""
    known = await session.scalar(select(Item.id).where(Item.barcode == barcode))
    patron = await session.scalar(select(Patron.id).where(Patron.card == card))
    found = []
    if patron is None:
        found.append(Reason("unknown-card", N_("没有读者证 {card}，不是本馆读者"), params={"card": card}))
    if known is None:
        swapped = await session.scalar(select(Patron.id).where(Patron.card == barcode))
        text = N_("{code} 是读者证，不是图书条码") if swapped else N_("没有条码为 {code} 的馆藏")
        found.append(Reason("unknown-barcode", text, params={"code": barcode}))
    return found


async def standing_now(session: AsyncSession, patron: Patron, today: date) -> tuple[Standing, Terms]:
    """What a patron has out and the terms that hold, for screens that say what stops them."""
    *counted, set_id = (await session.execute(_STANDING, {"patron_id": patron.id, "today": today})).one()
    terms = resolve(await book_of(session, set_id), patron.category.value).terms
    return Standing(*counted[:5]), terms


async def lock_open_loan(
    session: AsyncSession, barcode: str, today: date
) -> tuple[Item, Loan | None, UUID | None, frozenset[date], Book]:
    """Item (locked), its open loan, who waits first, the closed days the loan has met, and the rules.

    The lock is a statement of its own: what is read after it was committed before it, so two desks
    that scan the same book never both see the loan open.
    """
    item = await lock_item(session, barcode)
    asked = {"item_id": item.id, "today": today, "ahead": today + timedelta(days=HORIZON)}
    loan, first, closed, set_id = (await session.execute(_OPEN_LOAN, asked)).one()
    return item, loan, first, frozenset(closed or ()), await book_of(session, set_id)


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
        select(func.count()).where(Loan.returned_at >= since, Loan.undone.is_(False)).scalar_subquery(),
    ))).one()
    return {"lent": row[0], "returned": row[1]}


async def figures(session: AsyncSession, since: datetime, today: date) -> dict[str, int]:
    """The day in numbers."""
    row = (await session.execute(select(
        select(func.count()).where(Loan.lent_at >= since, Loan.undone.is_(False)).scalar_subquery(),
        select(func.count()).where(Loan.returned_at >= since, Loan.undone.is_(False)).scalar_subquery(),
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
        "override": loan.override, "recalled_at": loan.recalled_at, "due_before": loan.due_before,
        "recall_reason": loan.recall_reason,
    }
