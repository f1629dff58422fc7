"""Reads of transfer lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.holds.model import Hold, HoldState
from services.reader.desk.items.model import Item
from services.reader.desk.transfers.model import LineState, Transfer, TransferLine, TransferState
from services.reader.desk.transfers.rules import UnknownTransfer, days_late, holder
from services.reader.rooms.locations.queries import place_of
from shared.settings import LOCAL


async def transfer_by_number(session: AsyncSession, number: str) -> Transfer:
    """The list, or `UnknownTransfer`."""
    found = await session.scalar(select(Transfer).where(Transfer.number == number))
    if found is None:
        raise UnknownTransfer(number)
    return found


async def transfers(
    session: AsyncSession, *, state: TransferState | None = None, point: str = "", q: str = "", limit: int = 25,
    offset: int = 0,
) -> tuple[list[tuple[Transfer, int, int]], int]:
    """Lists with their books and those received; on their way the longest first, else the latest first."""
    where: list[Any] = [] if state is None else [Transfer.state == state]
    if point:
        where.append(or_(Transfer.origin == point, Transfer.to == point))
    if q:
        holds = exists().where(TransferLine.transfer == Transfer.number, or_(
            TransferLine.barcode == q.upper(), TransferLine.title.contains(q, autoescape=True)
        )).correlate(Transfer)
        where.append(or_(Transfer.number == q.upper(), holds))
    order: tuple[Any, ...] = (Transfer.made_at.desc(), Transfer.number.desc())
    if state is TransferState.sent:
        order = (Transfer.due_on, Transfer.sent_at)
    rows = (await session.execute(
        select(
            Transfer, func.count(TransferLine.id),
            func.count(TransferLine.id).filter(TransferLine.state == LineState.received),
        ).outerjoin(TransferLine, TransferLine.transfer == Transfer.number).where(*where).group_by(Transfer.id)
        .order_by(*order).limit(limit).offset(offset)
    )).all()
    total = await session.scalar(select(func.count()).select_from(Transfer).where(*where))
    return [(transfer, n, done) for transfer, n, done in rows], int(total or 0)


async def counts(session: AsyncSession) -> dict[TransferState, int]:
    """How many lists stand where."""
    rows = await session.execute(select(Transfer.state, func.count()).group_by(Transfer.state))
    return dict(rows.all())


async def late_count(session: AsyncSession, today: date) -> int:
    """How many should have arrived."""
    return int(await session.scalar(
        select(func.count()).where(Transfer.state == TransferState.sent, Transfer.due_on < today)
    ) or 0)


async def lines_of(session: AsyncSession, number: str) -> Sequence[TransferLine]:
    """Every book of the list, the newest first."""
    return (await session.scalars(
        select(TransferLine).where(TransferLine.transfer == number).order_by(TransferLine.id.desc())
        .execution_options(populate_existing=True)
    )).all()


async def line_for(session: AsyncSession, number: str, item_id: UUID) -> TransferLine | None:
    """The line of this item."""
    return await session.scalar(
        select(TransferLine).where(TransferLine.transfer == number, TransferLine.item_id == item_id)
        .with_for_update().execution_options(populate_existing=True)
    )


async def open_list_of(session: AsyncSession, item_id: UUID) -> str:
    """The list the book stands on now, if any."""
    return await session.scalar(
        select(TransferLine.transfer).where(TransferLine.item_id == item_id, TransferLine.open)
    ) or ""


async def is_wanted(session: AsyncSession, item_id: UUID) -> bool:
    """Whether somebody waits for this very copy."""
    return bool(await session.scalar(
        select(exists().where(Hold.wanted_id == item_id, Hold.state == HoldState.waiting))
    ))


async def named(session: AsyncSession, location: str) -> tuple[str, str] | None:
    """What a location is called in both languages; None when nobody knows of it."""
    if known := await place_of(session, location):
        return known.name, known.name_en
    row = (await session.execute(
        select(Item.location_name, Item.location_name_en).where(Item.location == location)
        .order_by(Item.location_name.desc(), Item.location_name_en.desc()).limit(1)
    )).first()
    return (row[0], row[1]) if row else None


def month_of(text: str, today: date) -> date:
    """The first of the month that was asked for; this month when it cannot be read."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)


def _within(month: date) -> tuple[Any, ...]:
    after = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    start, end = (datetime.combine(day, time(), LOCAL).astimezone(UTC) for day in (month, after))
    return TransferLine.received_at >= start, TransferLine.received_at < end


async def month_routes(session: AsyncSession, month: date) -> list[tuple[str, str, str, int, int]]:
    """Received in the month: (from, to, to in English, books, value in fen) per route."""
    rows = await session.execute(
        select(
            TransferLine.from_name, Transfer.location_name, Transfer.location_name_en, func.count(),
            func.coalesce(func.sum(TransferLine.price_fen), 0),
        ).join(Transfer, Transfer.number == TransferLine.transfer).where(*_within(month))
        .group_by(TransferLine.from_name, Transfer.location_name, Transfer.location_name_en)
        .order_by(TransferLine.from_name, Transfer.location_name)
    )
    return [(a, b, c, n, int(fen)) for a, b, c, n, fen in rows]


async def month_lines(
    session: AsyncSession, month: date, *, limit: int | None = None, offset: int = 0
) -> Sequence[tuple[TransferLine, Transfer]]:
    """Received in the month, in the order of arrival."""
    rows = await session.execute(
        select(TransferLine, Transfer).join(Transfer, Transfer.number == TransferLine.transfer)
        .where(*_within(month)).order_by(TransferLine.received_at, TransferLine.barcode).limit(limit).offset(offset)
    )
    return [(line, transfer) for line, transfer in rows]


def line_json(line: TransferLine) -> dict[str, Any]:
    """A book of a list on the wire."""
    return {
        "barcode": line.barcode, "title": line.title, "call_number": line.call_number, "from": line.from_location,
        "price_cents": line.price_fen, "state": line.state.value, "state_label": line.state.text,
        "sent_at": line.sent_at, "sent_by": line.sent_by, "received_at": line.received_at,
        "received_by": line.received_by, "next": line.went,
    }


def transfer_json(transfer: Transfer, today: date, *, count: int, received: int) -> dict[str, Any]:
    """A list on the wire."""
    return {
        "number": transfer.number, "origin": transfer.origin, "to": transfer.to, "location": transfer.location,
        "location_name": transfer.place, "reason": transfer.reason, "state": transfer.state.value,
        "state_label": transfer.state.text, "holder": holder(transfer), "count": count, "received": received,
        "made_at": transfer.made_at, "made_by": transfer.made_by, "submitted_at": transfer.submitted_at,
        "submitted_by": transfer.submitted_by, "approved_at": transfer.approved_at, "approved_by": transfer.approved_by,
        "sent_back": transfer.sent_back, "sent_at": transfer.sent_at,
        "sent_by": transfer.sent_by, "due_on": transfer.due_on, "days_late": days_late(transfer, today),
        "closed_at": transfer.closed_at, "closed_by": transfer.closed_by, "remark": transfer.remark,
    }
