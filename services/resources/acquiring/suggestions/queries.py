"""Reads of suggestions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.acquiring.desiderata.queries import PENDING, by_numbers
from services.resources.acquiring.suggestions.model import OPEN, Suggestion, SuggestionState, Vote
from shared.work import Work


async def votes_of(session: AsyncSession, suggestion_id: UUID) -> Sequence[Vote]:
    """Who asked, first come first."""
    return (await session.scalars(
        select(Vote).where(Vote.suggestion_id == suggestion_id).order_by(Vote.at, Vote.wish)
    )).all()


async def open_case(session: AsyncSession, key: str) -> Suggestion | None:
    """The case of this title that is not decided yet, locked."""
    return await session.scalar(
        select(Suggestion).where(Suggestion.key == key, Suggestion.state.in_(OPEN)).with_for_update()
    )


async def open_cases(session: AsyncSession, keys: Sequence[str]) -> Sequence[Suggestion]:
    """The cases of these titles that are not decided yet, locked."""
    query = select(Suggestion).where(Suggestion.key.in_(keys), Suggestion.state.in_(OPEN)).order_by(Suggestion.no)
    return (await session.scalars(query.with_for_update())).all()


async def accepted_case(session: AsyncSession, key: str) -> Suggestion | None:
    """The case of this title whose book is still on its way, locked."""
    found = await session.scalar(
        select(Suggestion).where(Suggestion.key == key, Suggestion.state == SuggestionState.accepted)
        .order_by(Suggestion.no.desc()).limit(1).with_for_update()
    )
    if found is None:
        return None
    wish = (await by_numbers(session, [found.title_no])).get(found.title_no)
    return found if wish is not None and wish.state in PENDING else None


async def case_of_wish(session: AsyncSession, wish: str) -> Suggestion | None:
    """The case a reader's wish was joined to, locked."""
    return await session.scalar(
        select(Suggestion).join(Vote, Vote.suggestion_id == Suggestion.id).where(Vote.wish == wish).with_for_update(of=Suggestion)
    )


async def around(work: Work, case: Suggestion) -> dict[str, Any]:
    """The votes, the wanted title, and cases of the same name."""
    wanted = await by_numbers(work.session, [no for no in (case.title_no, case.coming) if no])
    alike = await work.session.scalars(
        select(Suggestion).where(Suggestion.title == case.title, Suggestion.id != case.id).order_by(Suggestion.no.desc()).limit(5)
    )
    return {"case": case, "votes": await votes_of(work.session, case.id), "wanted": list(wanted.values()), "alike": alike.all()}
