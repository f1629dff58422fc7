"""Reads of evaluations: lines, the titles behind a number, what is said and proposed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.collections.evaluation import rules, statements
from services.resources.collections.evaluation.figures import FIGURES, SHORT, said
from services.resources.collections.evaluation.model import (
    Audience,
    By,
    Carrier,
    Evaluation,
    EvaluationLine,
    EvaluationProposal,
    EvaluationState,
    Grade,
    Opinion,
)
from services.resources.collections.monthly.rules import class_name
from shared.work import Work


async def by_no(session: AsyncSession, number: str) -> Evaluation:
    """The evaluation, or `UnknownEvaluation`."""
    found = await session.scalar(select(Evaluation).where(Evaluation.no == number))
    if found is None:
        raise rules.UnknownEvaluation(number)
    return found


async def open_to_readers(session: AsyncSession, *, limit: int, offset: int) -> tuple[Sequence[Evaluation], int]:
    """What was published for readers, newest first."""
    where = (Evaluation.state == EvaluationState.published.value, Evaluation.audience == Audience.readers)
    total = int(await session.scalar(select(func.count()).select_from(Evaluation).where(*where)) or 0)
    query = select(Evaluation).where(*where).order_by(Evaluation.published_on.desc(), Evaluation.no.desc())
    return (await session.scalars(query.limit(limit).offset(offset))).all(), total


def recent_from(one: Evaluation) -> int:
    """The first year whose books are recent."""
    return last_day(one).year - rules.RECENT + 1


def last_day(one: Evaluation) -> date:
    """The last day of the period."""
    return date.fromordinal(one.until.toordinal() - 1)


def scope(one: Evaluation) -> dict[str, Any]:
    """What the statements ask for."""
    return {
        "id": one.id, "first": one.first, "until": one.until, "location": one.location, "carrier": Carrier(one.carrier).value,
        "subject": one.subject, "recent": recent_from(one),
    }


async def lines(
    session: AsyncSession, evaluation_id: UUID, by: By, *, limit: int | None = None, offset: int = 0
) -> tuple[Sequence[EvaluationLine], int]:
    """A table in the order of places and classes, or a page of it."""
    where = (EvaluationLine.evaluation_id == evaluation_id, EvaluationLine.grouping == by)
    total = int(await session.scalar(select(func.count()).select_from(EvaluationLine).where(*where)) or 0)
    query = select(EvaluationLine).where(*where).order_by(EvaluationLine.location, EvaluationLine.clc, EvaluationLine.language)
    query = query.limit(limit).offset(offset).execution_options(populate_existing=True)
    return (await session.scalars(query)).all(), total


async def total_of(session: AsyncSession, evaluation_id: UUID) -> EvaluationLine:
    """The whole that shares are of."""
    return (await lines(session, evaluation_id, By.all))[0][0]


async def line_of(session: AsyncSession, evaluation_id: UUID, clc: str) -> EvaluationLine | None:
    """The line of a class."""
    return await session.get(EvaluationLine, (evaluation_id, By.clc, "", clc, ""))


async def opinions(session: AsyncSession, evaluation_id: UUID) -> dict[str, Opinion]:
    """What is said, by class."""
    return {said.clc: said for said in await session.scalars(select(Opinion).where(Opinion.evaluation_id == evaluation_id))}


def graded(line: EvaluationLine, told: Mapping[str, Opinion]) -> Grade:
    """What whoever evaluates says, else the rule."""
    if line.clc in told:
        return told[line.clc].grade
    return line.grade or Grade.keep


async def proposals(session: AsyncSession, number: str, clc: str | None = None) -> Sequence[EvaluationProposal]:
    """What should follow, of one class or of all."""
    query = select(EvaluationProposal).where(EvaluationProposal.evaluation == number)
    if clc is not None:
        query = query.where(EvaluationProposal.clc == clc)
    return (await session.scalars(query.order_by(EvaluationProposal.clc, EvaluationProposal.no))).all()


async def behind(
    session: AsyncSession, one: Evaluation, column: str, cell: Mapping[str, str | None], *, order: str, limit: int, offset: int
) -> tuple[Sequence[Any], int]:
    """The titles of a number; `cell` has None where a key does not matter."""
    statement = statements.wanted(column) if column in statements.WANTED else statements.titles(column, order)
    clc, language = cell.get("clc"), cell.get("language")
    rows = (await session.execute(text(statement), {
        **scope(one), "any_clc": clc is None, "clc": clc or "", "place": cell.get("location") or "", "any_language": language is None,
        "language": language or "", "limit": limit, "offset": offset,
    })).all()
    return rows, int(rows[0].total) if rows else 0


async def around(work: Work, one: Evaluation) -> dict[str, Any]:
    """The whole, the classes with their grades, and what is proposed."""
    total = await total_of(work.session, one.id)
    classes, _n = await lines(work.session, one.id, By.clc)
    whole = not (one.location or one.subject)
    return {
        "one": one, "total": total, "classes": classes, "opinions": await opinions(work.session, one.id), "graded": graded,
        "figures": FIGURES, "short": SHORT, "said": said, "class_name": class_name, "proposals": await proposals(work.session, one.no),
        "norm": rules.against_norm(one.norm, total, readers=one.readers, months=rules.months_between(one.first, one.until)) if whole else None,
        "draft": one.state == EvaluationState.draft, "may": work.actor.holds(rules.MAKERS),
    }
