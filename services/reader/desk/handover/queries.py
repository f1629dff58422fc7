"""Reads of batches that came to us."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.handover.model import (
    Handover,
    HandoverExtra,
    HandoverLine,
    HandoverState,
    Verdict,
)
from services.reader.desk.handover.rules import UnknownHandover, about_extra, days_late
from shared.i18n import _


async def handover_by_number(session: AsyncSession, number: str) -> Handover:
    """The batch, or `UnknownHandover`."""
    found = await session.scalar(select(Handover).where(Handover.number == number))
    if found is None:
        raise UnknownHandover(number)
    return found


async def handovers(
    session: AsyncSession, *, state: HandoverState | None = HandoverState.waiting, point: str = "", q: str = "",
    limit: int = 25, offset: int = 0,
) -> tuple[list[tuple[Handover, int, int]], int]:
    """Batches with their lines and how many were counted; those that wait longest first, ended ones latest first."""
    where: list[Any] = [] if state is None else [Handover.state == state]
    if point:
        where.append(Handover.point == point)
    if q:
        holds = exists().where(HandoverLine.handover == Handover.number, or_(
            HandoverLine.barcode == q.upper(), HandoverLine.title.contains(q, autoescape=True)
        )).correlate(Handover)
        where.append(or_(Handover.number == q.upper(), holds))
    order: tuple[Any, ...] = (Handover.due_on, Handover.sent_at)
    if state is not HandoverState.waiting:
        order = (Handover.sent_at.desc(), Handover.number.desc())
    rows = (await session.execute(
        select(
            Handover, func.count(HandoverLine.id),
            func.count(HandoverLine.id).filter(HandoverLine.verdict != Verdict.expected),
        ).outerjoin(HandoverLine, HandoverLine.handover == Handover.number).where(*where).group_by(Handover.id)
        .order_by(*order).limit(limit).offset(offset)
    )).all()
    total = await session.scalar(select(func.count()).select_from(Handover).where(*where))
    return [(handover, n, done) for handover, n, done in rows], int(total or 0)


async def counts(session: AsyncSession) -> dict[HandoverState, int]:
    """How many batches stand where."""
    rows = await session.execute(select(Handover.state, func.count()).group_by(Handover.state))
    return dict(rows.all())


async def late_count(session: AsyncSession, today: date) -> int:
    """How many should have been counted."""
    return int(await session.scalar(
        select(func.count()).where(Handover.state == HandoverState.waiting, Handover.due_on < today)
    ) or 0)


async def lines_of(session: AsyncSession, number: str) -> Sequence[HandoverLine]:
    """The whole list, at most a few hundred lines, in the order of the paper."""
    return (await session.scalars(
        select(HandoverLine).where(HandoverLine.handover == number).order_by(HandoverLine.seat)
        .execution_options(populate_existing=True)
    )).all()


async def extras_of(session: AsyncSession, number: str) -> Sequence[HandoverExtra]:
    """What was in the box besides, latest first."""
    return (await session.scalars(
        select(HandoverExtra).where(HandoverExtra.handover == number)
        .order_by(HandoverExtra.found_at.desc(), HandoverExtra.barcode)
    )).all()


async def line_for(
    session: AsyncSession, number: str, *, item_id: UUID | None, barcode: str
) -> HandoverLine | None:
    """The line of this item (it may bear another barcode by now), locked."""
    same = HandoverLine.barcode == barcode
    return await session.scalar(
        select(HandoverLine)
        .where(HandoverLine.handover == number, or_(HandoverLine.item_id == item_id, same) if item_id else same)
        .order_by((HandoverLine.item_id == item_id).desc() if item_id else HandoverLine.seat).limit(1)
        .with_for_update().execution_options(populate_existing=True)
    )


async def other_batch(session: AsyncSession, number: str, *, item_id: UUID | None, barcode: str) -> str:
    """The batch, not yet counted, that lists this book instead."""
    same = HandoverLine.barcode == barcode
    return await session.scalar(
        select(HandoverLine.handover).join(Handover, Handover.number == HandoverLine.handover)
        .where(
            Handover.state == HandoverState.waiting, Handover.number != number,
            or_(HandoverLine.item_id == item_id, same) if item_id else same,
        ).order_by(HandoverLine.handover).limit(1)
    ) or ""


def line_json(line: HandoverLine) -> dict[str, Any]:
    """A line on the wire."""
    return {
        "id": str(line.id), "barcode": line.barcode, "title": line.title, "call_number": line.call_number,
        "location": line.location, "price_cents": line.price_fen, "verdict": line.verdict.value,
        "verdict_label": line.verdict.text, "note": line.note, "counted_at": line.counted_at,
        "counted_by": line.counted_by, "next": line.went,
    }


def extra_json(extra: HandoverExtra) -> dict[str, Any]:
    """A book that is not on the list, on the wire."""
    return {
        "barcode": extra.barcode, "title": extra.title, "verdict": "extra", "verdict_label": _("多出"),
        "other": extra.other, "why": about_extra(extra), "found_at": extra.found_at, "found_by": extra.found_by,
    }


def handover_json(handover: Handover, today: date, *, count: int, done: int) -> dict[str, Any]:
    """A batch on the wire."""
    return {
        "number": handover.number, "point": handover.point, "note": handover.note, "state": handover.state.value,
        "state_label": handover.state.text, "count": count, "counted": done, "sent_at": handover.sent_at,
        "sent_by": handover.sent_by, "due_on": handover.due_on, "closed_at": handover.closed_at,
        "received_by": handover.received_by, "remark": handover.remark,
        "days_late": days_late(handover, today) if handover.state is HandoverState.waiting else 0,
    }
