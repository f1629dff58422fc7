"""Reads of what stands on the racks, and of what should."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.rooms.serials import rules
from services.reader.rooms.serials.model import (
    IssueState,
    SerialIssue,
    SerialTitle,
    Shelf,
    TitleKind,
)
from services.reader.rooms.serials.queries import RACKS, Row, rows

S = IssueState


async def ready(session: AsyncSession, *, room: str = "") -> list[Row]:
    """Stamped and not yet on the rack."""
    query = rows(select(SerialIssue, SerialTitle)).where(
        SerialIssue.state == S.arrived, SerialIssue.shelf == Shelf.none, SerialIssue.stamped_at.is_not(None)
    )
    if room:
        query = query.where(SerialTitle.room == room)
    return [(issue, title) for issue, title in await session.execute(query.order_by(*RACKS))]


async def on_racks(session: AsyncSession, *, room: str = "") -> list[Row]:
    """What stands on the racks."""
    query = rows(select(SerialIssue, SerialTitle)).where(SerialIssue.state == S.arrived, SerialIssue.shelf == Shelf.displayed)
    if room:
        query = query.where(SerialTitle.room == room)
    return [(issue, title) for issue, title in await session.execute(query.order_by(*RACKS))]


async def newest(
    session: AsyncSession, *, q: str = "", kind: str = "", limit: int | None = None, offset: int = 0
) -> tuple[list[Row], int]:
    """The newest issue of every title that has one, the latest arrival first: what patrons find on the racks."""
    where: list[Any] = [SerialIssue.state == S.arrived, SerialIssue.shelf.in_((Shelf.none, Shelf.displayed, Shelf.routed))]
    if q:
        where.append(or_(
            SerialTitle.title.contains(q, autoescape=True), SerialTitle.title_en.icontains(q, autoescape=True),
            SerialTitle.issn == (rules.issn(q) or q),
        ))
    if kind in set(TitleKind):
        where.append(SerialTitle.kind == TitleKind(kind))
    last = rows(select(SerialIssue.id)).ext(distinct_on(SerialIssue.title_id)).where(*where).order_by(
        SerialIssue.title_id, SerialIssue.issued_on.desc(), SerialIssue.slot.desc()
    ).subquery()
    query = rows(select(SerialIssue, SerialTitle)).where(SerialIssue.id.in_(select(last.c.id)))
    total = await session.scalar(select(func.count()).select_from(last))
    found = await session.execute(
        query.order_by(SerialIssue.arrived_on.desc(), SerialTitle.title, SerialIssue.id).limit(limit).offset(offset)
    )
    return [(issue, title) for issue, title in found], int(total or 0)
