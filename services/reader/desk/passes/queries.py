"""Reads of lists, of one patron's passes, and of who has not passed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.passes.model import Fate, OrientationPass, PassList, PassMark, PassRow
from services.reader.desk.passes.rules import MARK
from services.reader.desk.patrons.model import CardState, Patron
from services.reader.desk.patrons.rules import NEED_ORIENTATION
from shared.i18n import _
from shared.refusals import NotFound


async def mark_now(session: AsyncSession) -> int:
    """The mark that holds."""
    found = await session.scalar(select(PassMark.mark).order_by(PassMark.at.desc(), PassMark.id.desc()).limit(1))
    return MARK if found is None else found


async def lists(session: AsyncSession, *, limit: int, offset: int) -> tuple[Sequence[PassList], int]:
    """Lists, newest first."""
    total = await session.scalar(select(func.count()).select_from(PassList)) or 0
    rows = await session.scalars(
        select(PassList).order_by(PassList.created_at.desc(), PassList.number.desc()).limit(limit).offset(offset)
    )
    return rows.all(), total


async def list_by_number(session: AsyncSession, number: str) -> PassList:
    """One list."""
    found = await session.scalar(select(PassList).where(PassList.number == number))
    if found is None:
        raise NotFound(number)
    return found


async def rows_of(
    session: AsyncSession, found: PassList, *, fate: Fate | None = None, limit: int = 50, offset: int = 0
) -> tuple[Sequence[PassRow], int]:
    """Rows in the order of the list."""
    where = [PassRow.list_id == found.id, *([PassRow.fate == fate] if fate else [])]
    total = await session.scalar(select(func.count()).select_from(PassRow).where(*where)) or 0
    rows = await session.scalars(select(PassRow).where(*where).order_by(PassRow.id).limit(limit).offset(offset))
    return rows.all(), total


async def passes_of(session: AsyncSession, patron_id: UUID) -> Sequence[OrientationPass]:
    """One patron's passes, newest first; withdrawn ones too."""
    return (await session.scalars(
        select(OrientationPass).where(OrientationPass.patron_id == patron_id)
        .order_by(OrientationPass.at.desc(), OrientationPass.id.desc()).limit(20)
    )).all()


def lacking() -> list[ColumnElement[bool]]:
    """Patrons who need the orientation, have not passed it, and still have a card."""
    return [
        Patron.oriented.is_(False), Patron.category.in_(NEED_ORIENTATION), Patron.state != CardState.closed,
    ]


async def missing(
    session: AsyncSession, *, q: str = "", college: str = "", limit: int = 25, offset: int = 0
) -> tuple[Sequence[Patron], int]:
    """Who has not passed, by college, class and card."""
    where = lacking()
    if college:
        where.append(Patron.college == college)
    if asked := q.strip():
        where.append(or_(
            Patron.card.startswith(asked.upper(), autoescape=True), Patron.name.startswith(asked, autoescape=True),
            Patron.class_name.contains(asked, autoescape=True),
        ))
    total = await session.scalar(select(func.count()).select_from(Patron).where(*where)) or 0
    rows = await session.scalars(
        select(Patron).where(*where).order_by(Patron.college, Patron.class_name, Patron.card).limit(limit).offset(offset)
    )
    return rows.all(), total


async def missing_by_college(session: AsyncSession) -> list[tuple[str, int, int]]:
    """Per college: how many have not passed, of how many who need it; most missing first."""
    rows = await session.execute(
        select(Patron.college, func.count().filter(Patron.oriented.is_(False)), func.count())
        .where(*lacking()[1:]).group_by(Patron.college)
    )
    return sorted(((c, n, of) for c, n, of in rows), key=lambda row: (-row[1], row[0]))


def list_json(found: PassList) -> dict[str, Any]:
    """A list on the wire."""
    return {
        "number": found.number, "state": found.state.value, "state_label": found.state.text, "file_name": found.file_name,
        "mark": found.mark, "rows": found.rows, "counts": found.counts, "created_at": found.created_at,
        "finished_at": found.finished_at,
    }


def row_json(row: PassRow) -> dict[str, Any]:
    """A row on the wire."""
    return {
        "line": row.line, "card": row.card, "name": row.name, "passed_on": row.passed_on, "score": row.score,
        "fate": row.fate.value, "fate_label": row.fate.text, "note": _(row.note, **row.params) if row.note else "",
    }


def pass_json(found: OrientationPass) -> dict[str, Any]:
    """A pass on the wire."""
    return {
        "way": found.way.value, "way_label": found.way.text, "passed_on": found.passed_on, "score": found.score,
        "list": found.list_number, "reason": found.reason, "by": found.by, "at": found.at,
        "withdrawn_at": found.withdrawn_at, "withdrawn_by": found.withdrawn_by, "withdrawn_why": found.withdrawn_why,
    }
