"""Reads of batches, and of what waits to go into one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.cataloguing.handover.model import (
    Batch,
    BatchState,
    Extra,
    Line,
    Outcome,
    Point,
)
from services.resources.cataloguing.handover.rules import (
    DIFFERENT,
    UnknownBatch,
    UnknownPoint,
    holder,
    overdue,
)
from services.resources.cataloguing.items.model import Item, ItemLife
from services.resources.cataloguing.records.model import Instance
from shared.i18n import _

SIZE = 50


async def points(session: AsyncSession) -> Sequence[Point]:
    """The open points."""
    return (await session.scalars(select(Point).where(Point.open).order_by(Point.code))).all()


async def point_names(session: AsyncSession) -> dict[str, str]:
    """Code → name in the reader's language, closed points too."""
    return {point.code: point.text for point in await session.scalars(select(Point))}


async def point_of(session: AsyncSession, code: str) -> Point:
    """The open point, or `UnknownPoint`."""
    found = await session.get(Point, code)
    if found is None or not found.open:
        raise UnknownPoint(code)
    return found


async def batch_of(session: AsyncSession, number: str) -> Batch:
    """The batch, or `UnknownBatch`."""
    found = await session.scalar(select(Batch).where(Batch.number == number.strip().upper()))
    if found is None:
        raise UnknownBatch(number)
    return found


async def batches(
    session: AsyncSession, *, state: str = "", point: str = "", q: str = "", limit: int = 20, offset: int = 0
) -> tuple[list[tuple[Batch, int, int]], int]:
    """Batches, newest first, each with its lines and those that came back; and how many there are."""
    where: list[Any] = []
    if state in set(BatchState):
        where.append(Batch.state == BatchState(state))
    if point:
        where.append(Batch.point == point)
    if q:
        holds = exists().where(Line.batch == Batch.number, or_(
            Line.barcode == q.upper(), Line.title.contains(q, autoescape=True)
        )).correlate(Batch)
        where.append(or_(Batch.number == q.upper(), holds))
    rows = (await session.execute(
        select(Batch, func.count(Line.id), func.count(Line.id).filter(Line.outcome.in_(DIFFERENT)))
        .outerjoin(Line, Line.batch == Batch.number).where(*where).group_by(Batch.id)
        .order_by(Batch.made_at.desc(), Batch.number.desc()).limit(limit).offset(offset)
    )).all()
    total = await session.scalar(select(func.count()).select_from(Batch).where(*where))
    return [(batch, n, back) for batch, n, back in rows], int(total or 0)


async def counts(session: AsyncSession) -> dict[BatchState, int]:
    """How many batches stand where."""
    rows = await session.execute(select(Batch.state, func.count()).group_by(Batch.state))
    return dict(rows.all())


async def lines_of(
    session: AsyncSession, number: str, *, limit: int | None = None, offset: int = 0
) -> Sequence[Line]:
    """The lines in the order in which they were gathered."""
    query = select(Line).where(Line.batch == number).order_by(Line.id).limit(limit).offset(offset)
    return (await session.scalars(query)).all()


async def line_count(session: AsyncSession, number: str) -> int:
    """How many lines the batch has."""
    return int(await session.scalar(select(func.count()).where(Line.batch == number)) or 0)


async def outcomes(session: AsyncSession, number: str) -> list[tuple[Outcome, int]]:
    """How many lines ended how."""
    rows = await session.execute(
        select(Line.outcome, func.count()).where(Line.batch == number).group_by(Line.outcome)
    )
    return [(outcome, n) for outcome, n in rows]


async def extras_of(session: AsyncSession, number: str) -> Sequence[Extra]:
    """What the point found besides."""
    return (await session.scalars(select(Extra).where(Extra.batch == number).order_by(Extra.barcode))).all()


async def open_batch_of(session: AsyncSession, item_id: UUID) -> str:
    """The batch the item lies in, if any."""
    return await session.scalar(select(Line.batch).where(Line.item_id == item_id, Line.open)) or ""


def _ready(locations: Sequence[str] = ()) -> Select[Item, str]:
    query = (
        select(Item, Instance.title).join(Instance, Instance.id == Item.instance_id)
        .where(Item.life == ItemLife.in_process, ~exists().where(Line.item_id == Item.id, Line.open))
    )
    return query.where(Item.location.in_(locations)) if locations else query


async def ready_items(
    session: AsyncSession, *, locations: Sequence[str] = (), limit: int = 50, offset: int = 0
) -> tuple[list[tuple[Item, str]], int]:
    """Items in process that lie in no open batch, oldest first, and how many there are."""
    query = _ready(locations)
    rows = await session.execute(query.order_by(Item.created_at, Item.barcode).limit(limit).offset(offset))
    total = await session.scalar(select(func.count()).select_from(query.subquery()))
    return [(item, title) for item, title in rows], int(total or 0)


async def last_reasons(session: AsyncSession, items: Sequence[UUID]) -> dict[UUID, Line]:
    """Why an item came back the last time, for those that did."""
    rows = await session.scalars(
        select(Line).where(Line.item_id.in_(items), Line.outcome.in_(DIFFERENT))
        .order_by(Line.id)
    )
    return {line.item_id: line for line in rows}  # the last one stays


def line_json(line: Line) -> dict[str, Any]:
    """A line for programs."""
    return {
        "barcode": line.barcode, "title": line.title, "call_number": line.call_number, "location": line.location,
        "volume": line.volume, "price_cents": line.price_cents, "barcode_read": line.barcode_read,
        "label_right": line.label_right, "outcome": line.outcome.value, "outcome_label": line.outcome.text,
        "reason": line.reason,
    }


def batch_json(batch: Batch, count: int, today: date) -> dict[str, Any]:
    """A batch for programs."""
    return {
        "number": batch.number, "point": batch.point, "state": batch.state.value, "state_label": batch.state.text,
        "note": batch.note, "count": count, "holder": _(holder(batch)), "made_at": batch.made_at, "made_by": batch.made_by,
        "sent_at": batch.sent_at, "sent_by": batch.sent_by, "due_on": batch.due_on, "overdue": overdue(batch, today),
        "closed_at": batch.closed_at, "received_by": batch.received_by, "remark": batch.remark,
        "settlement": batch.settlement,
    }


async def locations_of(session: AsyncSession, point: str) -> list[str]:
    """The locations a point keeps."""
    return await session.scalar(select(Point.locations).where(Point.code == point)) or []


async def line_on(session: AsyncSession, number: str, barcode: str) -> Line:
    """The line of this barcode."""
    return (await session.scalars(select(Line).where(Line.batch == number, Line.barcode == barcode))).one()


async def checked(session: AsyncSession, number: str) -> dict[str, int]:
    """How far the checks are: lines, barcodes read, labels right, and the value in fen."""
    row = (await session.execute(
        select(
            func.count(), func.count().filter(Line.barcode_read), func.count().filter(Line.label_right),
            func.coalesce(func.sum(Line.price_cents), 0),
        ).where(Line.batch == number)
    )).one()
    return {"lines": row[0], "barcodes": row[1], "labels": row[2], "value": int(row[3])}
