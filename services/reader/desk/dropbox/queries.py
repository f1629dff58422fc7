"""Runs and their books."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.dropbox.model import DropLine, DropRun, Went
from services.reader.desk.dropbox.rules import UnknownRun
from shared.i18n import _


async def run_by_number(session: AsyncSession, number: str) -> DropRun:
    """The run, or `UnknownRun`."""
    found = await session.scalar(select(DropRun).where(DropRun.number == number))
    if found is None:
        raise UnknownRun(number)
    return found


async def lines_of(session: AsyncSession, number: str) -> Sequence[DropLine]:
    """Every book of the run, newest first."""
    return (await session.scalars(
        select(DropLine).where(DropLine.run == number).order_by(DropLine.turn.desc())
    )).all()


async def runs(
    session: AsyncSession, *, limit: int, offset: int = 0
) -> tuple[list[tuple[DropRun, int, int, int]], int]:
    """Runs, newest first, each with its books, its problems and what still waits."""
    rows = (await session.execute(
        select(
            DropRun, func.count(DropLine.id),
            func.count(DropLine.id).filter(DropLine.went == Went.problem),
            func.count(DropLine.id).filter(DropLine.went == Went.waiting),
        ).outerjoin(DropLine, DropLine.run == DropRun.number).group_by(DropRun.id)
        .order_by(DropRun.opened_at.desc(), DropRun.number.desc()).limit(limit).offset(offset)
    )).all()
    total = await session.scalar(select(func.count()).select_from(DropRun))
    return [(run, n, bad, waiting) for run, n, bad, waiting in rows], int(total or 0)


def line_json(line: DropLine) -> dict[str, Any]:
    """A book of a run on the wire."""
    return {
        "barcode": line.barcode, "title": line.title, "call_number": line.call_number,
        "next": line.went.value, "next_label": line.went.text, "shelf": line.shelf,
        "fine_cents": line.fine_fen, "was_on_loan": line.was_lent,
        "reasons": [_(r["message"], **r["params"]) for r in line.reasons],
    }
