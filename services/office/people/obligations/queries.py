"""Obligations by person, post and department."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.office.people.obligations.model import Obligation, ObligationState
from services.office.people.obligations.rules import WAITING


async def known_keys(session: AsyncSession, keys: Iterable[str]) -> set[str]:
    """Which of these obligations exist."""
    return set(await session.scalars(select(Obligation.key).where(Obligation.key.in_(list(keys)))))


async def of_person(session: AsyncSession, holder: str, *, since: date) -> Sequence[Obligation]:
    """What is or was due from a person: all that waits, and the rest from `since` on."""
    query = (
        select(Obligation)
        .where(Obligation.holder == holder, Obligation.state.in_(WAITING) | (Obligation.due_on >= since))
        .order_by(Obligation.due_on, Obligation.duty)
    )
    return (await session.scalars(query)).all()


async def of_duty(session: AsyncSession, duty: str, limit: int = 30) -> Sequence[Obligation]:
    """The latest obligations of a duty."""
    query = select(Obligation).where(Obligation.duty == duty).order_by(Obligation.due_on.desc(), Obligation.holder)
    return (await session.scalars(query.limit(limit))).all()


async def waiting(
    session: AsyncSession, states: Sequence[ObligationState], *, department: str = "", limit: int = 100
) -> Sequence[Obligation]:
    """Obligations in these states, longest due first."""
    query = select(Obligation).where(Obligation.state.in_(states)).order_by(Obligation.due_on, Obligation.key)
    if department:
        query = query.where(Obligation.department == department)
    return (await session.scalars(query.limit(limit))).all()


@dataclass(frozen=True, slots=True)
class Tally:
    """How many obligations of a post are in a state."""

    department: str
    post: str
    state: ObligationState
    n: int


async def tallies(session: AsyncSession, first: date, last: date) -> list[Tally]:
    """Counts by post and state of what was due in a stretch of days, or still waits."""
    query = (
        select(Obligation.department, Obligation.post, Obligation.state, func.count())
        .where(Obligation.due_on.between(first, last) | Obligation.state.in_(WAITING))
        .group_by(Obligation.department, Obligation.post, Obligation.state)
    )
    return [Tally(d, p, ObligationState(s), n) for d, p, s, n in await session.execute(query)]
