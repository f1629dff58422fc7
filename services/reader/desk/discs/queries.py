"""Reads of discs, their books and their checks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.circulation.model import Loan
from services.reader.desk.codes import clean
from services.reader.desk.discs.model import KIND, CheckState, Disc, DiscCheck
from services.reader.desk.discs.rules import NotADisc, UnknownCheck
from services.reader.desk.items.model import Item, Stock
from services.reader.desk.items.queries import item_by_barcode, item_json
from services.reader.desk.today import midnight


async def disc_of(session: AsyncSession, item_id: UUID) -> Disc | None:
    """What is known of a disc beside the catalogue, if anything is."""
    return await session.get(Disc, item_id)


async def disc_item(session: AsyncSession, barcode: str) -> Item:
    """The item, if it is a disc."""
    item = await item_by_barcode(session, barcode)
    if item.kind != KIND:
        raise NotADisc(barcode=item.barcode, title=item.title)
    return item


async def waiting_check(session: AsyncSession, item_id: UUID) -> DiscCheck | None:
    """The check a disc waits for."""
    return await session.scalar(
        select(DiscCheck).where(DiscCheck.item_id == item_id, DiscCheck.state == CheckState.waiting)
    )


async def check_by_number(session: AsyncSession, number: str) -> DiscCheck:
    """The check, or `UnknownCheck`."""
    found = await session.scalar(select(DiscCheck).where(DiscCheck.number == number))
    if found is None:
        raise UnknownCheck(number)
    return found


async def checks(
    session: AsyncSession, *, states: Sequence[CheckState], item_id: UUID | None = None, limit: int = 25, offset: int = 0
) -> tuple[Sequence[DiscCheck], int]:
    """Checks in these states and how many there are: what waits longest first, what was decided last first."""
    where: list[Any] = [DiscCheck.state.in_(states)]
    if item_id is not None:
        where.append(DiscCheck.item_id == item_id)
    waits = list(states) == [CheckState.waiting]
    order = DiscCheck.opened_at if waits else DiscCheck.opened_at.desc()
    total = await session.scalar(select(func.count()).select_from(DiscCheck).where(*where))
    found = await session.scalars(
        select(DiscCheck).where(*where).order_by(order, DiscCheck.number).limit(limit).offset(offset)
    )
    return found.all(), int(total or 0)


def _all(q: str) -> Select[Item, Disc]:
    found = select(Item, Disc).outerjoin(Disc, Disc.id == Item.id).where(
        Item.kind == KIND, Item.stock != Stock.withdrawn
    )
    if q:
        found = found.where(or_(
            Item.barcode.startswith(clean(q), autoescape=True), Item.title.contains(q, autoescape=True)
        ))
    return found


async def discs(
    session: AsyncSession, *, q: str = "", limit: int = 25, offset: int = 0
) -> tuple[list[tuple[Item, Disc | None]], int]:
    """The discs of the house by barcode or title, and how many there are."""
    total = await session.scalar(select(func.count()).select_from(_all(q).subquery()))
    rows = await session.execute(_all(q).order_by(Item.barcode).limit(limit).offset(offset))
    return [(item, disc) for item, disc in rows], int(total or 0)


async def discs_of(session: AsyncSession, book: Item) -> list[Item]:
    """The discs of a book: its own where the copy has one, else those of its title."""
    own_first = case((Disc.book_id == book.id, 0), else_=1)
    rows = (await session.execute(
        select(Item, Disc.book_id).join(Disc, Disc.id == Item.id)
        .where(Disc.book_instance == book.instance_id, Item.stock == Stock.in_stock)
        .order_by(own_first, Item.barcode).limit(20)
    )).all() if book.instance_id else []
    own = [item for item, book_id in rows if book_id == book.id]
    return own or [item for item, book_id in rows if book_id is None and item.id != book.id]


async def book_of(session: AsyncSession, disc: Disc | None) -> Item | None:
    """The book of a disc: the very copy, else the first of its title."""
    if disc is None or not disc.book_instance:
        return None
    if disc.book_id is not None:
        return await session.get(Item, disc.book_id)
    return await session.scalar(
        select(Item).where(Item.instance_id == disc.book_instance, Item.kind != KIND).order_by(Item.barcode).limit(1)
    )


async def books_of(session: AsyncSession, found: Sequence[Disc | None]) -> dict[UUID, Item]:
    """The books of these discs, for a list: disc → its copy, else the first copy of its title."""
    known = [disc for disc in found if disc is not None and disc.book_instance]
    if not known:
        return {}
    own = [disc.book_id for disc in known if disc.book_id is not None]
    copies = {item.id: item for item in await session.scalars(select(Item).where(Item.id.in_(own)))} if own else {}
    titles = {item.instance_id: item for item in await session.scalars(
        select(Item).ext(distinct_on(Item.instance_id))
        .where(Item.instance_id.in_({disc.book_instance for disc in known}), Item.kind != KIND)
        .order_by(Item.instance_id, Item.barcode)
    )}
    books = ((disc.id, copies.get(disc.book_id) if disc.book_id else titles.get(disc.book_instance)) for disc in known)
    return {key: book for key, book in books if book is not None}


async def loan_of(session: AsyncSession, check: DiscCheck) -> Loan | None:
    """The loan the disc came back from."""
    return await session.get(Loan, check.loan_id) if check.loan_id else None


async def figures(session: AsyncSession, month: date) -> dict[str, int]:
    """A month in numbers: lent, returned, checked, spoilt, lost, charged (fen); and what waits now."""
    after = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    since, until = midnight(month.replace(day=1)), midnight(after)
    lent, back = await _moved(session, since, until)
    decided = (DiscCheck.decided_at >= since, DiscCheck.decided_at < until)
    row = (await session.execute(
        select(
            func.count().filter(DiscCheck.state == CheckState.passed),
            func.count().filter(DiscCheck.state == CheckState.damaged),
            func.count().filter(DiscCheck.state == CheckState.missing),
            func.coalesce(func.sum(DiscCheck.amount_fen), 0),
        ).where(*decided)
    )).one()
    waiting = await session.scalar(
        select(func.count()).select_from(DiscCheck).where(DiscCheck.state == CheckState.waiting)
    )
    return {
        "lent": lent, "returned": back, "passed": row[0], "damaged": row[1], "missing": row[2],
        "charged_cents": int(row[3]), "waiting": int(waiting or 0),
    }


async def _moved(session: AsyncSession, since: datetime, until: datetime) -> tuple[int, int]:
    mine = (Loan.undone.is_(False), Item.kind == KIND)
    of = select(func.count()).select_from(Loan).join(Item, Item.id == Loan.item_id)
    lent = await session.scalar(of.where(Loan.lent_at >= since, Loan.lent_at < until, *mine))
    back = await session.scalar(
        of.where(Loan.returned_at >= since, Loan.returned_at < until, Loan.ended_as == "", *mine)
    )
    return int(lent or 0), int(back or 0)


def check_json(check: DiscCheck) -> dict[str, Any]:
    """A check on the wire."""
    return {
        "number": check.number, "barcode": check.barcode, "title": check.title, "call_number": check.call_number,
        "came": check.came.value, "came_label": check.came.text, "state": check.state.value,
        "state_label": check.state.text, "opened_at": check.opened_at, "expected": check.expected,
        "surface": check.surface, "readable": check.readable, "case": check.case, "count": check.count,
        "note": check.note, "decided_at": check.decided_at, "decided_by": check.decided_by, "next": check.next,
        "slip": check.slip, "loss": check.loss, "amount_cents": check.amount_fen,
    }


def disc_json(item: Item, disc: Disc | None, book: Item | None) -> dict[str, Any]:
    """A disc on the wire: the item, how many pieces, and its book."""
    return {
        **item_json(item), "pieces": disc.pieces if disc else 1,
        "book": {"barcode": book.barcode, "title": book.title, "own_copy": bool(disc and disc.book_id)} if book else None,
    }
