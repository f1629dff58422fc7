"""Reads of card files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.campus.model import CardFile, CardRow, Fate
from shared.i18n import _
from shared.refusals import NotFound


async def files(session: AsyncSession, *, limit: int, offset: int) -> tuple[Sequence[CardFile], int]:
    """Files, newest first."""
    total = await session.scalar(select(func.count()).select_from(CardFile)) or 0
    rows = await session.scalars(select(CardFile).order_by(CardFile.created_at.desc()).limit(limit).offset(offset))
    return rows.all(), total


async def file_by_number(session: AsyncSession, number: str) -> CardFile:
    """One file."""
    found = await session.scalar(select(CardFile).where(CardFile.number == number))
    if found is None:
        raise NotFound(number)
    return found


async def rows_of(
    session: AsyncSession, file: CardFile, *, fate: Fate | None = None, limit: int = 50, offset: int = 0
) -> tuple[Sequence[CardRow], int]:
    """Rows in the order of the file."""
    where = [CardRow.file_id == file.id, *([CardRow.fate == fate] if fate else [])]
    total = await session.scalar(select(func.count()).select_from(CardRow).where(*where)) or 0
    rows = await session.scalars(select(CardRow).where(*where).order_by(CardRow.id).limit(limit).offset(offset))
    return rows.all(), total


async def progress(session: AsyncSession, file: CardFile) -> int:
    """How many rows are taken up."""
    return await session.scalar(
        select(func.count()).select_from(CardRow).where(CardRow.file_id == file.id, CardRow.id <= file.position)
    ) or 0


def file_json(file: CardFile) -> dict[str, Any]:
    """A file on the wire."""
    return {
        "number": file.number, "state": file.state.value, "state_label": file.state.text, "file_name": file.file_name,
        "full": file.full, "rows": file.rows, "counts": file.counts, "created_at": file.created_at,
        "finished_at": file.finished_at, "started_at": file.started_at,
    }


def row_json(row: CardRow) -> dict[str, Any]:
    """A row on the wire, without contact."""
    return {
        "line": row.line, "card": row.card, "name": row.data.get("name", ""), "fate": row.fate.value,
        "fate_label": row.fate.text, "note": _(row.note, **row.params) if row.note else "",
    }
