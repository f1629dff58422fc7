"""Reads of lists and their rows, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.acquiring.checking.rules import Verdict
from services.resources.acquiring.selections.model import (
    Decision,
    ListState,
    SelectionList,
    SelectionRow,
)
from shared.refusals import NotFound

SORTS = {"number": SelectionRow.number, "title": SelectionRow.title, "price": SelectionRow.price_cents, "year": SelectionRow.year}


async def lists(session: AsyncSession, *, state: str = "", limit: int, offset: int = 0) -> tuple[Sequence[SelectionList], int]:
    """Newest first."""
    where = [SelectionList.state == ListState(state)] if state in set(ListState) else []
    total = await session.scalar(select(func.count()).select_from(SelectionList).where(*where)) or 0
    found = await session.scalars(
        select(SelectionList).where(*where).order_by(SelectionList.created_at.desc(), SelectionList.no.desc()).limit(limit).offset(offset)
    )
    return found.all(), total


async def by_no(session: AsyncSession, number: str) -> SelectionList:
    """One list."""
    found = await session.scalar(select(SelectionList).where(SelectionList.no == number))
    if found is None:
        raise NotFound(number)
    return found


def conditions(list_id: UUID, asked: Mapping[str, str]) -> list[Any]:
    """Which rows an address asks for; what makes no sense in it is left out."""
    where: list[Any] = [SelectionRow.list_id == list_id]
    if asked.get("verdict") in set(Verdict):
        where.append(SelectionRow.verdict == Verdict(asked["verdict"]))
    if asked.get("decision") in set(Decision):
        where.append(SelectionRow.decision == Decision(asked["decision"]))
    if asked.get("wrong") == "1":
        where.append(or_(SelectionRow.error != "", SelectionRow.same_row > 0))
    if q := asked.get("q", "").strip():
        like = "%" + q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        where.append(or_(*(column.ilike(like) for column in (
            SelectionRow.title, SelectionRow.author, SelectionRow.publisher, SelectionRow.isbn, SelectionRow.subject,
        ))))
    return where


async def rows(
    session: AsyncSession, list_id: UUID, asked: Mapping[str, str], *, limit: int, offset: int = 0
) -> tuple[Sequence[SelectionRow], int]:
    """A page of rows and how many there are."""
    where = conditions(list_id, asked)
    total = await session.scalar(select(func.count()).select_from(SelectionRow).where(*where)) or 0
    name = asked.get("sort", "")
    column = SORTS.get(name.lstrip("-"), SelectionRow.number)
    order = column.desc() if name.startswith("-") else column
    found = await session.scalars(select(SelectionRow).where(*where).order_by(order, SelectionRow.number).limit(limit).offset(offset))
    return found.all(), total


async def counts(session: AsyncSession, list_id: UUID) -> dict[Decision, int]:
    """How many rows are decided how."""
    found = await session.execute(
        select(SelectionRow.decision, func.count()).where(SelectionRow.list_id == list_id).group_by(SelectionRow.decision)
    )
    return dict.fromkeys(Decision, 0) | {row[0]: row[1] for row in found}


async def sums(session: AsyncSession, list_id: UUID) -> tuple[int, int]:
    """Copies taken and what they cost, in fen."""
    row = (await session.execute(
        select(func.sum(SelectionRow.copies), func.sum(SelectionRow.copies * SelectionRow.price_cents))
        .where(SelectionRow.list_id == list_id, SelectionRow.decision == Decision.take)
    )).one()
    return int(row[0] or 0), int(row[1] or 0)


def list_json(one: SelectionList) -> dict[str, Any]:
    """A list on the wire."""
    return {
        "number": one.no, "state": one.state.value, "state_label": one.state.text, "supplier": one.supplier, "file": one.file_name,
        "total": one.total, "taken": one.taken, "created_at": one.created_at, "mapping": one.mapping, "heads": one.heads,
    }


def row_json(row: SelectionRow) -> dict[str, Any]:
    """A row on the wire."""
    return {
        "id": str(row.id), "number": row.number, "title": row.title, "author": row.author, "publisher": row.publisher, "year": row.year,
        "isbn": row.isbn, "price_cents": row.price_cents, "error": row.error, "same_row": row.same_row, "verdict": row.verdict.value,
        "known": row.known, "decision": row.decision.value, "copies": row.copies, "title_no": row.title_no,
    }
