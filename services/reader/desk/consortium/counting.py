"""What a month with a member amounts to, row by row; settlements, and union circulation counted apart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Date, Row, Select, cast, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.circulation.model import Loan
from services.reader.desk.consortium import months
from services.reader.desk.consortium.model import (
    Box,
    BoxItem,
    Line,
    LineKind,
    LoanThere,
    Member,
    ReturnThere,
    Settlement,
    UnionCard,
)
from services.reader.desk.holds.model import Hold
from services.reader.desk.patrons.model import Category, Patron
from services.reader.desk.today import midnight
from shared.refusals import NotFound
from shared.settings import LOCAL

K = LineKind
# One row behind a count: what it is known by, its day, what it was, money if any. Nobody's name.
Counted = dict[str, Any]


def _fen(column: Any) -> ColumnElement[int]:
    """A sum of money as whole fen, nothing being 0."""
    return cast(func.coalesce(func.sum(column), 0), BigInteger)


def local_day(column: Any) -> ColumnElement[date]:
    """The library's day of a moment."""
    return cast(func.timezone(LOCAL.key, column), Date)


def _behind(member_id: UUID, month: date) -> dict[LineKind, Select[str, date, str]]:
    """For each kind a statement whose rows are what is counted: (ref, day, what)."""
    after = months.next_month(month)
    first, last = midnight(month), midnight(after)
    no_text = literal("")
    ours = select(UnionCard.patron_id).where(UnionCard.member_id == member_id)
    elsewhere = select(LoanThere.id).where(LoanThere.loan_id == Loan.id).exists()
    boxed = select(BoxItem.barcode, local_day(Box.sent_at), Box.number).join(Box, Box.number == BoxItem.box_number).where(
        Box.member_id == member_id, Box.sent_at >= first, Box.sent_at < last,
    )
    return {
        K.cards: select(Patron.card, local_day(UnionCard.issued_at), no_text)
        .join(Patron, Patron.id == UnionCard.patron_id).where(
            UnionCard.member_id == member_id, UnionCard.ours, UnionCard.issued_at >= first, UnionCard.issued_at < last),
        K.loans_here: select(Loan.barcode, local_day(Loan.lent_at), Loan.title).where(
            Loan.patron_id.in_(ours), Loan.lent_at >= first, Loan.lent_at < last, Loan.undone.is_(False), ~elsewhere),
        K.lent_there: select(Loan.barcode, LoanThere.lent_on, Loan.title).join(Loan, Loan.id == LoanThere.loan_id).where(
            LoanThere.member_id == member_id, Loan.undone.is_(False),
            LoanThere.counted_on >= month, LoanThere.counted_on < after),
        K.returns_here: select(BoxItem.barcode, BoxItem.returned_on, BoxItem.box_number)
        .join(Box, Box.number == BoxItem.box_number).where(
            Box.member_id == member_id, BoxItem.transit == "", BoxItem.counted_on >= month, BoxItem.counted_on < after),
        K.returns_there: select(ReturnThere.barcode, ReturnThere.returned_on, Loan.title)
        .join(Loan, Loan.id == ReturnThere.loan_id).where(
            ReturnThere.member_id == member_id, ~ReturnThere.undone,
            ReturnThere.counted_on >= month, ReturnThere.counted_on < after),
        K.sent_home: boxed.where(BoxItem.transit == ""),
        K.holds_sent: boxed.where(BoxItem.transit != ""),
    }


async def month_rows(session: AsyncSession, member_id: UUID, month: date) -> dict[LineKind, list[Counted]]:
    """What our own records say of a month with a member, and what its readers owe us now."""
    found: dict[LineKind, list[Counted]] = {}
    for kind, query in _behind(member_id, month).items():
        rows = (await session.execute(query)).all()
        found[kind] = sorted(
            ({"ref": ref, "on": on.isoformat(), "what": what} for ref, on, what in rows),
            key=lambda row: (row["on"], row["ref"]),
        )
    owing = await session.execute(
        select(Patron.card, Patron.debt_fen).join(UnionCard, UnionCard.patron_id == Patron.id)
        .where(UnionCard.member_id == member_id, Patron.debt_fen > 0).order_by(Patron.card)
    )
    found[K.debts] = [{"ref": card, "on": "", "what": "", "fen": fen} for card, fen in owing]
    return found


async def settlements(
    session: AsyncSession, *, limit: int, offset: int = 0
) -> tuple[Sequence[Row[Settlement, Member, int]], int]:
    """Newest month first, with the balance."""
    owed = (
        select(_fen(Line.amount_fen)).where(Line.settlement == Settlement.number)
        .correlate(Settlement).scalar_subquery()
    )
    rows = await session.execute(
        select(Settlement, Member, owed).join(Member, Member.id == Settlement.member_id)
        .order_by(Settlement.month.desc(), Settlement.number).limit(limit).offset(offset)
    )
    return rows.all(), await session.scalar(select(func.count()).select_from(Settlement)) or 0


async def settlement_with_lines(session: AsyncSession, number: str) -> tuple[Settlement, Member, Sequence[Line]]:
    """A month with a member, line by line."""
    found = await session.scalar(select(Settlement).where(Settlement.number == number))
    if found is None:
        raise NotFound(number)
    lines = (await session.scalars(select(Line).where(Line.settlement == number).order_by(Line.at, Line.id))).all()
    # As they stand in the law, what was counted before what was written by hand.
    in_order = sorted(lines, key=lambda line: (not line.counted, months.KINDS.index(line.kind)))
    return found, await session.get_one(Member, found.member_id), in_order


async def settlements_of_month(
    session: AsyncSession, month: date
) -> tuple[list[tuple[Member, Settlement | None]], dict[str, dict[LineKind, tuple[int, int]]]]:
    """Every member with its settlement of the month, and per settlement and kind (quantity, money)."""
    rows: Sequence[Any] = (await session.execute(
        select(Member, Settlement).outerjoin(Settlement, (Settlement.member_id == Member.id) & (Settlement.month == month))
        .order_by(Member.code)
    )).all()
    sums: dict[str, dict[LineKind, tuple[int, int]]] = {}
    lines = await session.execute(
        select(Line.settlement, Line.kind, func.sum(Line.quantity), _fen(Line.amount_fen))
        .join(Settlement, Settlement.number == Line.settlement).where(Settlement.month == month)
        .group_by(Line.settlement, Line.kind)
    )
    for number, kind, quantity, fen in lines:
        sums.setdefault(number, {})[kind] = (int(quantity), int(fen))
    return [(member, one) for member, one in rows if one is not None or member.active], sums


async def line_of(session: AsyncSession, number: str, line_id: UUID) -> tuple[Settlement, Member, Line]:
    """One line of a settlement with the rows it counted."""
    found, member, lines = await settlement_with_lines(session, number)
    line = next((one for one in lines if one.id == line_id), None)
    if line is None:
        raise NotFound(number)
    return found, member, line


async def corrections_of(session: AsyncSession, number: str) -> Sequence[Line]:
    """What later months corrected of this settlement."""
    return (await session.scalars(select(Line).where(Line.corrects == number).order_by(Line.at, Line.id))).all()


async def month_apart(session: AsyncSession, month: date) -> dict[str, tuple[int, int]]:
    """Circulation of a month, counted as (own readers, union readers): loans, renewals, returns, holds.

    Renewals are no loans; an undone loan is none either. A loan knows its patron's kind for ever.
    """
    first, last = midnight(month), midnight(months.next_month(month))

    async def split(at: Any, category: Any, *where: Any) -> tuple[int, int]:
        union = category == Category.union.value
        row = (await session.execute(
            select(func.count().filter(~union), func.count().filter(union)).where(at >= first, at < last, *where)
        )).one()
        return int(row[0]), int(row[1])

    held = (
        select(func.count().filter(Patron.category != Category.union), func.count().filter(Patron.category == Category.union))
        .select_from(Hold).join(Patron, Patron.id == Hold.patron_id).where(Hold.placed_at >= first, Hold.placed_at < last)
    )
    holds = (await session.execute(held)).one()
    return {
        "loans": await split(Loan.lent_at, Loan.category, Loan.undone.is_(False)),
        "renewals": await split(Loan.renewed_at, Loan.category, Loan.undone.is_(False)),
        "returns": await split(Loan.returned_at, Loan.category, Loan.undone.is_(False), Loan.ended_as == ""),
        "holds": (int(holds[0]), int(holds[1])),
    }


async def union_loans_by_class(session: AsyncSession, month: date) -> dict[str, int]:
    """Loans to union readers by class of the book, from the beginning of its call number."""
    first, last = midnight(month), midnight(months.next_month(month))
    begins_with = func.left(Loan.call_number, 2).label("begins_with")
    rows = await session.execute(
        select(begins_with, func.count()).where(
            Loan.lent_at >= first, Loan.lent_at < last, Loan.undone.is_(False), Loan.category == Category.union.value,
        ).group_by(begins_with)
    )
    found: dict[str, int] = {}
    for begins, n in rows:
        key = months.class_of(begins)
        found[key] = found.get(key, 0) + int(n)
    return dict(sorted(found.items()))
