"""Reads of loans. `facts_for_loan` is the hot path: one statement, every lookup by an index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
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
from services.reader.desk.items.queries import current_barcode, find_item, lock_item
from services.reader.desk.losses.model import Loss, LossState
from services.reader.desk.patrons.model import Patron
from services.reader.desk.patrons.queries import numbered, why_unknown
from services.reader.desk.patrons.rules import Standing
from services.reader.desk.policies.queries import book_of, in_force
from services.reader.desk.policies.rules import ANY, Book, Ruling, resolve
from services.reader.desk.policies.values import Terms
from shared.i18n import N_
from shared.refusals import Reason

_TODAY = bindparam("today", type_=Date)
_AHEAD = bindparam("ahead", type_=Date)


def standing_of(patron_id: Any) -> list[Any]:
    """What a patron has out: each figure by an index of its own, the same for one loan and for a thousand."""
    late = (Loan.due_on < _TODAY,)
    recalled = (*late, Loan.recalled_at.is_not(None))

    def of(what: Any, *more: Any) -> Any:
        return (
            select(what).where(Loan.patron_id == patron_id, Loan.returned_at.is_(None), *more)
            .correlate(Patron).scalar_subquery()
        )

    lost = select(func.count()).where(
        Loss.patron_id == patron_id, Loss.state.in_((LossState.open, LossState.processing))
    )
    return [
        of(func.min(Loan.due_on)), of(func.count(), *late), of(func.count(), *recalled),
        of(func.min(Loan.due_on), *recalled), lost.correlate(Patron).scalar_subquery(),
    ]


async def share(
    session: AsyncSession, patron_id: UUID, *, kind: str, location: str
) -> tuple[int, int, int]:
    """How many of a patron's loans share the kind, the place, or both with an item.

    Asked only where a rule limits some items apart: this one does count the loans.
    """
    same_kind, same_place = Item.kind == kind, Item.location == location
    row = (await session.execute(
        select(
            func.count().filter(same_kind), func.count().filter(same_place),
            func.count().filter(same_kind & same_place),
        ).where(Item.patron_id == patron_id, Item.circulation == Circulation.on_loan)
    )).one()
    return row[0], row[1], row[2]


# The statements every scan begins with are built once: building them costs more than sending them.
_OUT = standing_of(Patron.id)
_LOOK = (
    select(
        Item, Patron, *_OUT,
        first_waiting_patron(Item.instance_id, Item.id),
        active_hold_of(Patron.id, Item.instance_id),
        closed_between(_TODAY, _AHEAD),
        in_force(_TODAY),
    )
    .join_from(Item, Patron, numbered(bindparam("card")))
    .where(Item.barcode == bindparam("barcode"))
    .execution_options(populate_existing=True)
)
_FACTS = _LOOK.with_for_update(of=[Item, Patron], key_share=True)
_OPEN_LOAN = (
    select(
        Loan,
        first_waiting_patron(Item.instance_id, Item.id),
        closed_between(func.coalesce(Loan.due_on, _TODAY), _AHEAD),
        in_force(_TODAY),
    )
    .select_from(Item)
    .outerjoin(Loan, and_(Loan.item_id == Item.id, Loan.returned_at.is_(None)))
    .where(Item.id == bindparam("item_id"))
    .execution_options(populate_existing=True)
)
_STANDING = select(*_OUT, in_force(_TODAY)).select_from(Patron).where(Patron.id == bindparam("patron_id"))


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
    if row is None and (current := await current_barcode(session, barcode)):
        row = (await session.execute(_FACTS if lock else _LOOK, {**asked, "barcode": current})).first()
    if row is None:
        return None
    item, patron, *counted, first, own, closed, set_id = row
    ready = None
    if item.circulation in {Circulation.hold_shelf, Circulation.in_transit}:
        # Captured while we waited for the lock? Then only a fresh look knows for whom.
        hold = await ready_hold(session, item.id)
        ready = hold.patron_id if hold else None
    ruling = resolve(await book_of(session, set_id), patron.category.value, item.kind, item.location)
    standing = await _apart(session, patron, Standing(*counted), ruling, kind=item.kind, location=item.location)
    return Facts(
        item, patron, standing.earliest_due, first, ready, own, frozenset(closed or ()), standing, ruling
    )


async def _apart(
    session: AsyncSession, patron: Patron, standing: Standing, ruling: Ruling, *, kind: str, location: str
) -> Standing:
    """The loans that count against a limit set for some items only, where there is such a limit."""
    row = ruling.scope("items")
    if row.kind == ANY and row.location == ANY:
        return standing
    of_kind, of_location, of_both = await share(session, patron.id, kind=kind, location=location)
    return replace(standing, of_kind=of_kind, of_location=of_location, of_both=of_both)


async def standing_for(
    session: AsyncSession, patron: Patron, today: date, *, kind: str, location: str, ruling: Ruling
) -> Standing:
    """What a patron has out, beside an item that is only imagined."""
    *counted, _set = (await session.execute(_STANDING, {"patron_id": patron.id, "today": today})).one()
    return await _apart(session, patron, Standing(*counted), ruling, kind=kind, location=location)


async def unknown(session: AsyncSession, *, card: str, barcode: str) -> list[Reason]:
    """Which of the two nobody knows, and whether they were only swapped."""
    known = await find_item(session, barcode)
    patron = await session.scalar(select(Patron.id).where(numbered(card)))
    found = []
    if patron is None:
        why = await why_unknown(session, card)
        found.append(Reason(why.code, why.message, params=why.params))
    if known is None:
        swapped = await session.scalar(select(Patron.id).where(numbered(barcode)))
        text = N_("{code} 是读者证，不是图书条码") if swapped else N_("没有条码为 {code} 的馆藏")
        found.append(Reason("unknown-barcode", text, params={"code": barcode}))
    return found


async def standing_now(session: AsyncSession, patron: Patron, today: date) -> tuple[Standing, Terms]:
    """What a patron has out and the terms that hold, for screens that say what stops them."""
    *counted, set_id = (await session.execute(_STANDING, {"patron_id": patron.id, "today": today})).one()
    terms = resolve(await book_of(session, set_id), patron.category.value).terms
    return Standing(*counted), terms


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


async def open_loans_of_title(session: AsyncSession, instance_id: str, limit: int = 200) -> Sequence[Loan]:
    """Who has the copies of a title."""
    return (await session.scalars(
        select(Loan).join(Item, Item.id == Loan.item_id)
        .where(Item.instance_id == instance_id, Loan.returned_at.is_(None))
        .order_by(Loan.due_on, Loan.id).limit(limit)
    )).all()


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
        "override": loan.override, "recalled_at": loan.recalled_at, "due_before": loan.due_before,
        "recall_reason": loan.recall_reason,
    }
