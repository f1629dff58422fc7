"""Reads of events and picks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.acquiring.onsite.model import Answer, EventState, Invitation, OnSite, Pick
from services.resources.acquiring.selections.model import SelectionRow
from shared.refusals import NotFound
from shared.web.register import people
from shared.work import Work


async def by_no(session: AsyncSession, number: str) -> OnSite:
    """One event."""
    found = await session.scalar(select(OnSite).where(OnSite.no == number))
    if found is None:
        raise NotFound(number)
    return found


async def invited_to(session: AsyncSession, person: str) -> Sequence[OnSite]:
    """The events somebody may pick at, open ones first."""
    return (await session.scalars(
        select(OnSite).join(Invitation, Invitation.event_id == OnSite.id)
        .where(Invitation.person == person, OnSite.state.in_((EventState.preparing, EventState.open, EventState.checking)))
        .order_by((OnSite.state == EventState.open).desc(), OnSite.held_on.desc()).limit(20)
    )).all()


async def is_invited(session: AsyncSession, event_id: UUID, person: str) -> bool:
    """Whether the person may pick there."""
    found = await session.scalar(select(Invitation.id).where(Invitation.event_id == event_id, Invitation.person == person))
    return found is not None


async def invited(session: AsyncSession, event_id: UUID) -> list[str]:
    """Who may pick."""
    return list(await session.scalars(select(Invitation.person).where(Invitation.event_id == event_id).order_by(Invitation.person)))


async def picks_of(session: AsyncSession, event_id: UUID, person: str) -> Sequence[Pick]:
    """What one person scanned, last first."""
    return (await session.scalars(
        select(Pick).where(Pick.event_id == event_id, Pick.person == person).order_by(Pick.picked_at.desc(), Pick.id.desc()).limit(300)
    )).all()


async def spent(session: AsyncSession, event_id: UUID, person: str) -> int:
    """What one person's picks cost, in fen."""
    return int(await session.scalar(
        select(func.sum(Pick.price_cents)).where(Pick.event_id == event_id, Pick.person == person, Pick.answer == Answer.picked)
    ) or 0)


async def taken(session: AsyncSession, event_id: UUID, isbn: str) -> Pick | None:
    """The pick that has the book."""
    return await session.scalar(select(Pick).where(Pick.event_id == event_id, Pick.isbn == isbn, Pick.answer == Answer.picked))


async def offered(session: AsyncSession, isbn: str) -> SelectionRow | None:
    """What a supplier's list says of the number: title and price need not be typed."""
    return await session.scalar(
        select(SelectionRow).where(SelectionRow.key == isbn, SelectionRow.title != "").order_by(SelectionRow.id.desc()).limit(1)
    )


async def chosen(session: AsyncSession, event_id: UUID) -> Sequence[Pick]:
    """Everything picked, and what the buyer dropped of it."""
    return (await session.scalars(
        select(Pick).where(Pick.event_id == event_id, Pick.answer.in_((Answer.picked, Answer.dropped))).order_by(Pick.picked_at, Pick.id)
    )).all()


async def around(work: Work, event: OnSite) -> dict[str, Any]:
    """The invitations and the picks, for the buyer."""
    session = work.session
    picks = await chosen(session, event.id)
    total = sum(pick.price_cents for pick in picks if pick.answer is Answer.picked)
    persons = await invited(session, event.id)
    return {
        "event": event, "picks": picks, "persons": persons, "total": total,
        "names": await people.names(work, {*persons[:50], *(pick.person for pick in picks if pick.person)}),
        "checking": event.state == EventState.checking, "before": event.state in {EventState.preparing, EventState.open},
    }
