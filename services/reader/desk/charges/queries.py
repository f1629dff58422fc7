"""Reads of the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.reader.desk.charges.model import Entry, Posting
from services.reader.desk.charges.rules import RECEIPTS


def _unsettled() -> Any:
    settling = aliased(Entry)
    return ~select(settling.id).where(settling.charge_id == Entry.id).exists()


async def open_charges(
    session: AsyncSession, patron_id: UUID, *, only: Sequence[UUID] = ()
) -> Sequence[Entry]:
    """What the patron still owes, oldest first."""
    query = select(Entry).where(
        Entry.patron_id == patron_id, Entry.posting == Posting.charge, _unsettled()
    )
    if only:
        query = query.where(Entry.id.in_(only))
    return (await session.scalars(query.order_by(Entry.at, Entry.id))).all()


async def open_charge(session: AsyncSession, charge_id: UUID) -> Entry | None:
    """One unsettled charge."""
    return await session.scalar(
        select(Entry).where(Entry.id == charge_id, Entry.posting == Posting.charge, _unsettled())
    )


async def title_of_charge(session: AsyncSession, charge_id: UUID) -> str:
    """What a charge was for, to be shown."""
    return await session.scalar(select(Entry.title).where(Entry.id == charge_id)) or ""


async def payment_of(session: AsyncSession, charge_id: UUID | None) -> Entry | None:
    """The row that paid a charge."""
    return await session.scalar(
        select(Entry).where(Entry.charge_id == charge_id, Entry.posting == Posting.payment)
    )


async def refund_rows(session: AsyncSession, payment: UUID) -> tuple[int, Entry | None, Entry | None]:
    """How often a refund of this payment was undone, and the credit and refund that stand, if it is given back now."""
    rows = (await session.scalars(select(Entry).where(Entry.refunds_id == payment))).all()
    undone = sum(row.posting is Posting.refund_undone for row in rows)
    now = {row.posting: row for row in rows if row.round == undone}
    return undone, now.get(Posting.credit), now.get(Posting.refund)


async def settlement_of(session: AsyncSession, charge_id: UUID | None) -> Entry | None:
    """How a charge was settled, if it was."""
    return await session.scalar(select(Entry).where(Entry.charge_id == charge_id))


async def charge_of_loan(session: AsyncSession, loan_id: UUID) -> tuple[Entry, Posting | None] | None:
    """The newest fine of a loan that was not reversed, and how it was settled if it was."""
    settling = aliased(Entry)
    row = (await session.execute(
        select(Entry, settling.posting).outerjoin(settling, settling.charge_id == Entry.id)
        .where(Entry.loan_id == loan_id, Entry.posting == Posting.charge)
        .order_by(Entry.at.desc(), Entry.id.desc()).limit(1)
    )).first()
    if row is None or row[1] is Posting.reversal:
        return None
    return row[0], row[1]


async def entries_of(session: AsyncSession, patron_id: UUID, *, limit: int = 50) -> Sequence[Entry]:
    """The patron's account, newest first."""
    return (await session.scalars(
        select(Entry).where(Entry.patron_id == patron_id)
        .order_by(Entry.at.desc(), Entry.id.desc()).limit(limit)
    )).all()


async def entries_since(
    session: AsyncSession, since: datetime, *, limit: int = 200, offset: int = 0
) -> Sequence[Entry]:
    """The journal from a moment on, newest first."""
    return (await session.scalars(
        select(Entry).where(Entry.at >= since)
        .order_by(Entry.at.desc(), Entry.id.desc()).limit(limit).offset(offset)
    )).all()


async def taken_since(session: AsyncSession, since: datetime, actor: str = "") -> dict[str, int]:
    """Sums by posting from a moment on: the figures of a shift count."""
    query = select(Entry.posting, func.sum(Entry.amount_fen)).where(Entry.at >= since)
    if actor:
        query = query.where(Entry.actor == actor)
    rows = await session.execute(query.group_by(Entry.posting))
    return {posting.value: int(total) for posting, total in rows}


async def receipt_lines(session: AsyncSession, receipt: str) -> Sequence[Entry]:
    """The rows one receipt proves."""
    return (await session.scalars(
        select(Entry).where(Entry.receipt == receipt).order_by(Entry.id)
    )).all()


async def find_receipts(session: AsyncSession, text: str, limit: int = 6) -> Sequence[Entry]:
    """Receipts by the beginning of their number, one line each, newest first."""
    asked = text.strip().upper()
    if not asked.startswith(RECEIPTS):
        return []
    found = await session.scalars(
        select(Entry).where(Entry.receipt.startswith(asked, autoescape=True))
        .order_by(Entry.receipt.desc(), Entry.id).limit(limit * 4)
    )
    first: dict[str, Entry] = {}
    for row in found:
        first.setdefault(row.receipt, row)
    return list(first.values())[:limit]


def entry_json(entry: Entry) -> dict[str, Any]:
    """A posting on the wire."""
    return {
        "id": str(entry.id), "card": entry.card, "posting": entry.posting.value,
        "posting_label": entry.posting.text, "kind": entry.kind.value, "kind_label": entry.kind.text,
        "amount_cents": entry.amount_fen, "barcode": entry.barcode, "title": entry.title,
        "receipt": entry.receipt, "reason": entry.reason, "explain": entry.explain, "at": entry.at,
    }
