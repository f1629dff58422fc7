"""What is known of the union."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Row, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.circulation.model import Loan
from services.reader.desk.consortium import rules
from services.reader.desk.consortium.model import (
    Box,
    BoxItem,
    BoxState,
    Deposit,
    Line,
    LineKind,
    Member,
    ReturnThere,
    Settlement,
    UnionCard,
)
from services.reader.desk.patrons.model import Patron
from shared.refusals import NotFound
from shared.settings import LOCAL


def _fen(column: Any) -> ColumnElement[int]:
    """A sum of money as whole fen, nothing being 0."""
    return cast(func.coalesce(func.sum(column), 0), BigInteger)


async def members(session: AsyncSession) -> Sequence[Member]:
    """All of them, by code; a union has a dozen."""
    return (await session.scalars(select(Member).order_by(Member.code))).all()


async def member_by_code(session: AsyncSession, code: str) -> Member:
    """The member, or `NotFound`."""
    found = await session.scalar(select(Member).where(Member.code == code))
    if found is None:
        raise NotFound(code)
    return found


async def boxes(
    session: AsyncSession, *, limit: int, offset: int = 0
) -> tuple[Sequence[Row[Box, Member, int]], int]:
    """Boxes, those being filled first and oldest on top, with how many items are in them."""
    count = select(func.count()).where(BoxItem.box_number == Box.number).correlate(Box).scalar_subquery()
    rows = await session.execute(
        select(Box, Member, count).join(Member, Member.id == Box.member_id)
        .order_by(Box.state != BoxState.open, Box.state != BoxState.sent, Box.opened_at, Box.number)
        .limit(limit).offset(offset)
    )
    return rows.all(), await session.scalar(select(func.count()).select_from(Box)) or 0


async def box_with_items(session: AsyncSession, number: str) -> tuple[Box, Member, Sequence[BoxItem]]:
    """A box, whose it is, what is in it."""
    box = await session.scalar(select(Box).where(Box.number == number))
    if box is None:
        raise NotFound(number)
    inside = await session.scalars(select(BoxItem).where(BoxItem.box_number == number).order_by(BoxItem.at, BoxItem.id))
    return box, await session.get_one(Member, box.member_id), inside.all()


async def cards(
    session: AsyncSession, *, limit: int, offset: int = 0
) -> tuple[Sequence[Row[UnionCard, Patron, Member, int]], int]:
    """Union cards with the money held for each, those asked back first."""
    held = (
        select(_fen(Deposit.amount_fen)).where(Deposit.patron_id == UnionCard.patron_id)
        .correlate(UnionCard).scalar_subquery()
    )
    rows = await session.execute(
        select(UnionCard, Patron, Member, held)
        .join(Patron, Patron.id == UnionCard.patron_id).join(Member, Member.id == UnionCard.member_id)
        .order_by(UnionCard.closed_at.is_not(None), UnionCard.refund_asked_at.nulls_last(), UnionCard.issued_at.desc())
        .limit(limit).offset(offset)
    )
    return rows.all(), await session.scalar(select(func.count()).select_from(UnionCard)) or 0


async def held_fen(session: AsyncSession) -> int:
    """All the money we hold for union readers."""
    return await session.scalar(select(_fen(Deposit.amount_fen))) or 0


async def receipt(session: AsyncSession, number: str) -> tuple[Deposit, Patron]:
    """A deposit receipt and whose it is."""
    found = (await session.execute(
        select(Deposit, Patron).join(Patron, Patron.id == Deposit.patron_id).where(Deposit.receipt == number)
    )).one_or_none()
    if found is None:
        raise NotFound(number)
    return found[0], found[1]


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
    lines = await session.scalars(
        select(Line).where(Line.settlement == number).order_by(Line.counted.desc(), Line.at, Line.id)
    )
    return found, await session.get_one(Member, found.member_id), lines.all()


async def month_counts(session: AsyncSession, member_id: UUID, month: date) -> tuple[dict[LineKind, int], int]:
    """What our own records say of a month with a member, and what its readers owe us now, in fen."""
    first, last = (
        datetime.combine(day, time(), LOCAL).astimezone(UTC) for day in (month, rules.next_month(month))
    )

    async def count(*where: Any, table: Any) -> int:
        return await session.scalar(select(func.count()).select_from(table).where(*where)) or 0

    ours = select(UnionCard.patron_id).where(UnionCard.member_id == member_id)
    in_boxes = select(Box.number).where(Box.member_id == member_id)
    sent = in_boxes.where(Box.sent_at >= first, Box.sent_at < last)
    debt = await session.scalar(select(_fen(Patron.debt_fen)).where(Patron.id.in_(ours)))
    return {
        LineKind.cards: await count(
            UnionCard.member_id == member_id, UnionCard.issued_at >= first, UnionCard.issued_at < last, table=UnionCard),
        LineKind.loans_here: await count(
            Loan.patron_id.in_(ours), Loan.lent_at >= first, Loan.lent_at < last, Loan.undone.is_(False), table=Loan),
        LineKind.returns_here: await count(
            BoxItem.box_number.in_(in_boxes), BoxItem.at >= first, BoxItem.at < last, table=BoxItem),
        LineKind.returns_there: await count(
            ReturnThere.member_id == member_id, ReturnThere.returned_on >= month,
            ReturnThere.returned_on < rules.next_month(month), table=ReturnThere),
        LineKind.sent_home: await count(BoxItem.box_number.in_(sent), table=BoxItem),
        LineKind.debts: await count(Patron.id.in_(ours), Patron.debt_fen > 0, table=Patron),
    }, debt or 0
