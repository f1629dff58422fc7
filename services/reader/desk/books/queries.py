"""Reads of the register of receipts, of single rows, and of waivers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, cast, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.reader.desk.books.model import ReceiptPrint
from services.reader.desk.books.rules import PROVEN, Asked, Gaps, moment
from services.reader.desk.cash.model import Shift
from services.reader.desk.charges.model import Entry, Kind, Method, Posting
from services.reader.desk.charges.receipts import serial

_YEAR = cast(func.substr(Entry.receipt, 3, 4), BigInteger)
_SERIAL = cast(func.split_part(Entry.receipt, "-", 2), BigInteger)


@dataclass(frozen=True, slots=True)
class Line:
    """A receipt as a line of the register; `amount_fen` is what changed hands, was let off or taken back."""

    receipt: str
    what: Posting
    card: str
    at: datetime
    actor: str
    kinds: Sequence[str]
    method: Method | None
    shift: str
    amount_fen: int
    rows: int


def _where(ask: Asked) -> list[Any]:
    found: list[Any] = [Entry.receipt != "", Entry.posting.in_([ask.what] if ask.what else PROVEN)]
    if ask.shift:
        found.append(Entry.shift_id.in_(select(Shift.id).where(Shift.no == ask.shift)))
    if ask.kind:
        found.append(Entry.kind == ask.kind)
    key = _YEAR * 10**12 + _SERIAL
    for bound, below in ((ask.first, False), (ask.last, True)):
        if bound and (number := serial(bound)) is not None:
            limit = number[0] * 10**12 + number[1]
            found.append(key <= limit if below else key >= limit)
    if ask.since:
        found.append(Entry.at >= moment(ask.since))
    if ask.until:
        found.append(Entry.at < moment(ask.until + timedelta(days=1)))
    return found


def _lines(ask: Asked) -> Any:
    return (
        select(
            Entry.receipt, func.min(Entry.posting), func.min(Entry.card), func.min(Entry.at), func.min(Entry.actor),
            func.array_agg(Entry.kind.distinct()), func.min(Entry.method), func.min(Shift.no),
            func.sum(func.abs(Entry.amount_fen)), func.count(), func.min(_YEAR), func.min(_SERIAL),
        ).outerjoin(Shift, Shift.id == Entry.shift_id).where(*_where(ask)).group_by(Entry.receipt)
    )


async def lines(
    session: AsyncSession, ask: Asked, *, limit: int = 25, offset: int = 0
) -> tuple[list[Line], int]:
    """Receipts in the order of their numbers, and how many there are."""
    query = _lines(ask)
    total = int(await session.scalar(select(func.count()).select_from(query.subquery())) or 0)
    rows = await session.execute(
        query.order_by(func.min(_YEAR).desc(), func.min(_SERIAL).desc()).limit(limit).offset(offset)
    )
    return [
        Line(
            row[0], Posting(row[1]), row[2], row[3], row[4], [Kind(one).label for one in row[5]],
            Method(row[6]) if row[6] else None, row[7] or "", int(row[8]), int(row[9]),
        )
        for row in rows
    ], total


async def totals(session: AsyncSession, ask: Asked) -> dict[str, int]:
    """What the receipts asked for add up to: by posting, and of the money received what was cash."""
    found = {one.value: 0 for one in PROVEN} | {"cash": 0}
    for posting, method, total in await session.execute(
        select(Entry.posting, Entry.method, func.sum(func.abs(Entry.amount_fen)))
        .where(*_where(ask)).group_by(Entry.posting, Entry.method)
    ):
        found[posting.value] += int(total)
        if posting is Posting.payment and method is Method.cash:
            found["cash"] += int(total)
    return found


async def shift_by_no(session: AsyncSession, no: str) -> Shift | None:
    """The shift a look is about."""
    return await session.scalar(select(Shift).where(Shift.no == no))


_GAPS = text("""
    SELECT n.year, n.last, ARRAY(
        SELECT 'SJ' || n.year || '-' || lpad(g::text, greatest(4, length(g::text)), '0') FROM generate_series(1, n.last) AS g
        EXCEPT SELECT receipt FROM ledger WHERE receipt <> '' ORDER BY 1 LIMIT 100
    ) FROM number_sequence n WHERE n.kind = 'SJ' ORDER BY n.year DESC
""")


async def gaps(session: AsyncSession) -> list[Gaps]:
    """Year by year, the numbers that were given and the ones nothing bears."""
    return [Gaps(row[0], int(row[1]), tuple(row[2])) for row in await session.execute(_GAPS)]


async def prints(session: AsyncSession, receipt: str) -> Sequence[ReceiptPrint]:
    """When the receipt was printed, oldest first."""
    return (await session.scalars(
        select(ReceiptPrint).where(ReceiptPrint.receipt == receipt).order_by(ReceiptPrint.copy)
    )).all()


async def refund_of(session: AsyncSession, rows: Sequence[Entry]) -> Entry | None:
    """The row that gave the money of these payments back, if any did."""
    undone = aliased(Entry)
    taken = select(undone.id).where(
        undone.refunds_id == Entry.refunds_id, undone.round == Entry.round, undone.posting == Posting.refund_undone
    )
    return await session.scalar(
        select(Entry).where(Entry.refunds_id.in_([row.id for row in rows]), Entry.posting == Posting.refund, ~taken.exists()).limit(1)
    )


async def rows(
    session: AsyncSession, first: date, after: date, *, kind: Kind | None = None, posting: Posting | None = None,
    before: bool = False, limit: int = 50, offset: int = 0,
) -> tuple[Sequence[Entry], int, int]:
    """The postings behind a number of the proof, oldest first; how many, and their sum. `before`: all up to `first`."""
    where: list[Any] = [Entry.at < moment(first)] if before else [Entry.at >= moment(first), Entry.at < moment(after)]
    if kind:
        where.append(Entry.kind == kind)
    if posting:
        where.append(Entry.posting == posting)
    count, total = (await session.execute(
        select(func.count(), func.coalesce(func.sum(Entry.amount_fen), 0)).where(*where)
    )).one()
    found = await session.scalars(select(Entry).where(*where).order_by(Entry.at, Entry.id).limit(limit).offset(offset))
    return found.all(), int(count), int(total)


async def waivers(
    session: AsyncSession, first: date, after: date, *, limit: int = 25, offset: int = 0
) -> tuple[list[tuple[Entry, Entry]], int, int]:
    """Who was let off in a span: (waiver, its charge), newest first; how many, and what it came to in fen."""
    charge = aliased(Entry)
    where = (Entry.posting == Posting.waiver, Entry.at >= moment(first), Entry.at < moment(after))
    count, total = (await session.execute(
        select(func.count(), func.coalesce(func.sum(-Entry.amount_fen), 0)).where(*where)
    )).one()
    found = await session.execute(
        select(Entry, charge).join(charge, charge.id == Entry.charge_id).where(*where)
        .order_by(Entry.at.desc(), Entry.id.desc()).limit(limit).offset(offset)
    )
    return [(row[0], row[1]) for row in found], int(count), int(total)


async def waived_by(session: AsyncSession, first: date, after: date) -> list[tuple[str, int, int]]:
    """Who let somebody off, how often, and for how much in fen; the largest sum first."""
    total = func.sum(-Entry.amount_fen)
    return [(row[0], int(row[1]), int(row[2])) for row in await session.execute(
        select(Entry.actor, func.count(), total)
        .where(Entry.posting == Posting.waiver, Entry.at >= moment(first), Entry.at < moment(after))
        .group_by(Entry.actor).order_by(total.desc(), Entry.actor)
    )]
